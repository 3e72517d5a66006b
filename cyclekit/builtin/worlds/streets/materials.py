"""What a street is made of: the class of every material, and its colours in a game and before a camera."""

from __future__ import annotations

from typing import NamedTuple

Colour = tuple[int, int, int]

CLASSES: tuple[tuple[str, Colour], ...] = (
    ("road", (128, 64, 128)),
    ("sidewalk", (244, 35, 232)),
    ("building", (70, 70, 70)),
    ("pole", (153, 153, 153)),
    ("traffic sign", (220, 220, 0)),
    ("vegetation", (107, 142, 35)),
    ("terrain", (152, 251, 152)),
    ("sky", (70, 130, 180)),
    ("person", (220, 20, 60)),
    ("car", (0, 0, 142)),
)
"""Name and colour of every class, in the order of their ids; both are Cityscapes' (its labels.py)."""

NAMES = [name for name, _ in CLASSES]


class Material(NamedTuple):
    """A surface. A shape's `tone` in [0, 1) chooses among the colours, sRGB."""

    label: str
    game: tuple[Colour, ...]
    real: tuple[Colour, ...]
    texture: str  # ground | wall | leaves | smooth


MATERIALS = {
    "sky": Material("sky", ((92, 178, 255),), ((214, 218, 220),), "smooth"),
    "asphalt": Material("road", ((98, 108, 136),), ((92, 89, 85),), "ground"),
    "marking": Material("road", ((255, 255, 255),), ((166, 163, 154),), "ground"),
    "shade": Material("road", ((58, 62, 86),), ((40, 39, 38),), "ground"),
    "pavement": Material("sidewalk", ((236, 200, 150), (222, 182, 138)), ((126, 119, 110), (114, 108, 101)), "ground"),
    "kerb": Material("sidewalk", ((250, 240, 225),), ((142, 138, 130),), "ground"),
    "grass": Material("terrain", ((112, 216, 62),), ((94, 92, 58),), "ground"),
    "wall": Material(
        "building",
        ((250, 160, 96), (120, 196, 240), (252, 226, 120), (232, 112, 112), (170, 222, 160), (216, 168, 240)),
        ((142, 129, 110), (108, 74, 60), (168, 161, 149), (98, 94, 91), (128, 104, 82), (84, 76, 72)),
        "wall",
    ),
    "shop": Material("building", ((180, 60, 90), (60, 110, 190), (60, 150, 120)), ((76, 66, 58), (58, 60, 62)), "wall"),
    "roof": Material("building", ((196, 70, 60), (90, 96, 130)), ((86, 62, 54), (70, 69, 70)), "wall"),
    "glass": Material(
        "building",
        ((52, 84, 160), (70, 108, 190)),
        ((44, 48, 52), (62, 68, 74), (96, 100, 102), (36, 36, 36)),
        "smooth",
    ),
    "leaves": Material(
        "vegetation",
        ((26, 136, 62), (44, 168, 68), (76, 196, 72)),
        ((40, 47, 27), (53, 61, 33), (72, 78, 44)),
        "leaves",
    ),
    "bark": Material("vegetation", ((160, 96, 52),), ((62, 53, 45),), "wall"),
    "body": Material(
        "car",
        ((236, 40, 48), (255, 206, 30), (40, 96, 236), (255, 255, 255), (30, 190, 130), (255, 128, 20)),
        ((30, 31, 33), (92, 94, 96), (150, 151, 152), (196, 196, 194), (38, 46, 66), (84, 30, 28), (54, 55, 58)),
        "smooth",
    ),
    "tyre": Material("car", ((26, 26, 38),), ((28, 28, 28),), "smooth"),
    "windscreen": Material("car", ((44, 60, 104),), ((42, 46, 50), (70, 75, 78)), "smooth"),
    "tail lamp": Material("car", ((255, 30, 30),), ((116, 30, 26),), "smooth"),
    "headlamp": Material("car", ((255, 250, 200),), ((186, 186, 180),), "smooth"),
    "plate": Material("car", ((255, 255, 255),), ((170, 168, 160),), "smooth"),
    "trousers": Material(
        "person", ((40, 60, 150), (60, 60, 70), (140, 90, 50)), ((34, 38, 50), (40, 38, 37)), "smooth"
    ),
    "coat": Material(
        "person",
        ((255, 80, 160), (255, 230, 60), (70, 220, 230), (240, 70, 50), (160, 90, 220)),
        ((42, 42, 46), (88, 48, 44), (64, 70, 82), (124, 116, 106), (40, 52, 48)),
        "smooth",
    ),
    "skin": Material("person", ((255, 206, 168), (180, 120, 80)), ((168, 128, 108), (104, 74, 60)), "smooth"),
    "hair": Material("person", ((80, 50, 30), (230, 190, 90)), ((44, 36, 30), (82, 70, 56)), "smooth"),
    "metal": Material("pole", ((178, 190, 216), (150, 160, 190)), ((96, 97, 96), (74, 74, 73)), "smooth"),
    "sign red": Material("traffic sign", ((255, 20, 40),), ((138, 42, 38),), "smooth"),
    "sign white": Material("traffic sign", ((255, 255, 255),), ((178, 176, 170),), "smooth"),
    "sign blue": Material("traffic sign", ((20, 90, 255),), ((46, 68, 112),), "smooth"),
    "sign black": Material("traffic sign", ((20, 20, 30),), ((40, 40, 40),), "smooth"),
    "sign yellow": Material("traffic sign", ((255, 220, 0),), ((176, 148, 52),), "smooth"),
}
