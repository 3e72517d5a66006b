"""The world of creatures: horse-like animals in grassland, once in a plain coat and once striped.

The same-shape, other-texture setting of horse2zebra (CycleGAN, section 5.2, figure 1) with a known truth: `plain` and
`striped` show the same animals in the same pose before the same background, pixel by pixel. The coat differs, and as
in the real set the habitat a little: where animals are striped the grass is drier.
Read in this order: `composition` (who stands where), `anatomy` (a pose as bones), `habitat` (the background), `coat`
(skin on the bones).
"""

from __future__ import annotations

import numpy as np

from ..arguments import check_look, check_numbers, check_size
from .coat import draw_animal
from .composition import compose
from .habitat import Canvas, draw_background

__all__ = ["LOOKS", "render", "silhouette"]

LOOKS = ("plain", "striped")


def render(look: str, seed: int, index: int, size: int) -> np.ndarray:
    """Scene `index` of the world `seed` in one of LOOKS: uint8 (size, size, 3), sRGB.

    Equal arguments give equal pictures. ValueError: an unknown look, a negative seed or index, a size below 8.
    """
    check_look(look, LOOKS)
    picture = drawn(look, seed, index, size).colour
    return (picture.clip(0, 1) * 255 + 0.5).astype(np.uint8)


def silhouette(seed: int, index: int, size: int) -> np.ndarray:
    """What the animals of a scene cover, the same in all looks: float32 (size, size), 0 background .. 1 animal.

    ValueError as for `render`.
    """
    return drawn("plain", seed, index, size).animals


def drawn(look: str, seed: int, index: int, size: int) -> Canvas:
    check_numbers("a scene", seed, index)
    check_size("a picture", size)
    scene = compose(seed, index)
    canvas = Canvas(scene, size, striped=look == "striped")
    draw_background(canvas)
    for animal in scene.animals:
        draw_animal(canvas, animal)
    return canvas
