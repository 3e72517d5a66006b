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

import difflib

import numpy as np

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
    if look not in LOOKS:
        near = difflib.get_close_matches(look, LOOKS, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ValueError(f"unknown look {look!r}: {hint}looks are {', '.join(LOOKS)}")
    if seed < 0 or index < 0:
        raise ValueError(f"a scene needs seed >= 0 and index >= 0, got seed={seed}, index={index}")
    if size < 8:
        raise ValueError(f"a picture needs a size of at least 8, got {size}")
    scene = compose(seed, index)
    canvas = Canvas(scene, size)
    (draw_face if look == "face" else draw_bowl)(canvas)
    return (canvas.colour.clip(0, 1) * 255 + 0.5).astype(np.uint8)
