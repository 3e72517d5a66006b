"""`facades`: fronts of buildings made on the spot, as label maps and as photographs of the same fronts.

The classes are those of the CMP facade data base (Tylecek and Sradek, "Spatial Pattern Templates for Recognition of
Objects with Regular Structure", GCPR 2013), in its order; the colours are those of the label maps in pix2pix's
`facades` set (medians over the flat areas of 400 of them). Read in this order: `layout` (the rectangles), `building`
(what they are built of), `photograph` (light and camera).
"""

from __future__ import annotations

import numpy as np

from ..arguments import check_look, check_numbers, check_size
from .layout import Layout, layout
from .photograph import photograph

__all__ = ["CLASSES", "LOOKS", "render"]

LOOKS = ("labels", "photograph")

CLASSES: tuple[tuple[str, tuple[int, int, int]], ...] = (
    ("background", (0, 0, 222)),
    ("facade", (0, 48, 255)),
    ("window", (0, 128, 255)),
    ("door", (0, 207, 255)),
    ("cornice", (32, 255, 224)),  # above a window
    ("sill", (112, 255, 143)),
    ("balcony", (192, 255, 63)),
    ("blind", (255, 240, 0)),
    ("deco", (255, 159, 0)),
    ("molding", (255, 80, 0)),  # along the whole front
    ("pillar", (255, 0, 0)),
    ("shop", (174, 0, 0)),
)


def render(look: str, seed: int, index: int, size: int) -> np.ndarray:
    """Facade number `index` (>= 0) of the world `seed` (>= 0) in a look of LOOKS: uint8 (size, size, 3), sRGB.

    `labels` holds the colours of CLASSES alone, `photograph` the same front in its light; equal arguments give equal
    pictures. ValueError on an unknown look, a negative number or a size below 8.
    """
    check_look(look, LOOKS, of="facades")
    check_numbers("a facade", seed, index)
    check_size("a facade", size)
    front = layout(seed, index)
    return labels(front, size) if look == "labels" else photograph(front, size)


def labels(front: Layout, size: int) -> np.ndarray:
    """The label map of `front`: uint8 (size, size, 3), hard-edged."""
    colours = np.array([colour for _, colour in CLASSES], np.uint8)
    number = {name: place for place, (name, _) in enumerate(CLASSES)}
    classes = np.zeros((size, size), np.uint8)
    for kind, left, top, right, bottom, _ in front.parts:
        columns, rows = (
            slice(max(int(start * size + 0.5), 0), max(int(end * size + 0.5), 0))
            for start, end in ((left, right), (top, bottom))
        )
        classes[rows, columns] = number[kind]
    return colours[classes]
