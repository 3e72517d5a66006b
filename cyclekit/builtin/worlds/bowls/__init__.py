"""The world of bowls: one set of traits, drawn once as a face and once as a bowl of noodle soup.

The pair with a large change of shape (face to ramen), where texture alone will not do. Each trait of the face has its
counterpart in the bowl, at the same place in the picture, so a translation has a truth:

| face | bowl |
|---|---|
| head: place, size, tilt | bowl: the same |
| skin | broth, light to dark |
| hair: colour, style, waves | rim: colour, pattern; how wavy the noodles are |
| eyes: places, opening, iris, gaze | egg halves: places, shape, yolk, where it lies |
| brows: angle, weight | strips of nori |
| nose | narutomaki |
| mouth: place, width, curve, opening | slice of meat |
| freckles; beard; glasses | scallion rings; greens; chopsticks |
| background, clothes | table, mat |

Read in this order: `composition` (the traits), `canvas` (how shapes are laid down), `face`, `bowl`, `toppings`.
"""

from __future__ import annotations

import numpy as np

from ..arguments import check_look, check_numbers, check_size
from .bowl import draw_bowl
from .canvas import Canvas
from .composition import compose
from .face import draw_face

__all__ = ["LOOKS", "render"]

LOOKS = ("face", "bowl")


def render(look: str, seed: int, index: int, size: int) -> np.ndarray:
    """Scene `index` of the world `seed` in one of LOOKS: uint8 (size, size, 3), sRGB.

    Equal arguments give equal pictures. ValueError: an unknown look, a negative seed or index, a size below 8.
    """
    check_look(look, LOOKS)
    check_numbers("a scene", seed, index)
    check_size("a picture", size)
    scene = compose(seed, index)
    canvas = Canvas(scene, size)
    (draw_face if look == "face" else draw_bowl)(canvas)
    return (canvas.colour.clip(0, 1) * 255 + 0.5).astype(np.uint8)
