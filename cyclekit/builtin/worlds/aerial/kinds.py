"""What a town is made of, as a camera sees it from above and as a street map draws it."""

from __future__ import annotations

from typing import NamedTuple

Colour = tuple[int, int, int]


class Kind(NamedTuple):
    """sRGB colours of 0 to 255. `map` None: the map leaves it out."""

    aerial: Colour
    map: Colour | None
    height: float = 0.0  # above the ground, in picture sides
    texture: str = "hard"  # grass | wood | crop | water | hard


LAND, BUILDING = (242, 239, 233), (214, 208, 201)
KINDS = {
    "yard": Kind((122, 130, 96), LAND, texture="grass"),
    "paved": Kind((152, 148, 140), LAND),
    "parking": Kind((116, 116, 116), (235, 233, 228)),
    "industrial": Kind((160, 154, 144), (233, 226, 232)),
    "park": Kind((98, 128, 68), (200, 230, 190), texture="grass"),
    "pitch": Kind((92, 142, 72), (170, 222, 190), texture="grass"),
    "wood": Kind((52, 78, 42), (173, 209, 158), texture="wood"),
    "meadow": Kind((126, 138, 80), (228, 236, 208), texture="grass"),
    "wheat": Kind((192, 172, 112), (238, 235, 210), texture="crop"),
    "crop": Kind((98, 122, 62), (238, 235, 210), texture="crop"),
    "soil": Kind((142, 114, 86), (238, 235, 210), texture="crop"),
    "water": Kind((52, 80, 88), (170, 211, 223), -0.003, "water"),
    "bank": Kind((130, 124, 92), None, texture="grass"),
    "path": Kind((180, 168, 142), (250, 246, 238)),
    "pavement": Kind((160, 157, 152), (214, 208, 200)),
    "street": Kind((106, 107, 110), (255, 255, 255)),
    "avenue": Kind((100, 101, 104), (253, 226, 122), 0.0005),
    "motorway": Kind((112, 112, 113), (246, 176, 92), 0.002),
    "marking": Kind((176, 176, 172), None, 0.002),
    "ballast": Kind((122, 112, 104), (186, 186, 188), 0.001),
    "sleepers": Kind((132, 120, 110), (250, 250, 250), 0.001),
    "white car": Kind((214, 216, 218), None, 0.003),
    "dark car": Kind((50, 54, 64), None, 0.003),
    "red car": Kind((156, 48, 42), None, 0.003),
}

# the lit and the dark slope of roofs, and their height; a map shows them all as buildings
ROOFS: dict[str, tuple[Colour, Colour, float]] = {
    "tiled": ((190, 106, 80), (134, 72, 56), 0.013),
    "brown": ((150, 116, 94), (104, 80, 68), 0.013),
    "slate": ((128, 130, 138), (86, 88, 96), 0.014),
    "flat": ((180, 178, 174), (166, 164, 160), 0.024),
    "gravel": ((150, 144, 136), (140, 134, 128), 0.03),
    "white": ((224, 224, 222), (208, 208, 208), 0.018),
}
TONES = (0.82, 0.95, 1.06)  # of single houses


def roof(name: str, tone: int, lit: bool) -> str:
    """The kind of one slope of a roof."""
    return f"{name} {tone} {'lit' if lit else 'dark'}"


for name, (light, dark, height) in ROOFS.items():
    for tone, share in enumerate(TONES):
        for lit in (True, False):
            r, g, b = (min(int(value * share), 255) for value in (light if lit else dark))
            KINDS[roof(name, tone, lit)] = Kind((r, g, b), BUILDING, height)
FINE = frozenset({"marking", "sleepers", "white car", "dark car", "red car"})  # left out where pixels cannot carry them
