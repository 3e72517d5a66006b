"""`builtin:landscapes`: landscapes made on the spot, as photographs and as paintings of the same scenes.

A Scene holds a landscape in units of the picture's height and is a function of two integers. `photograph` and
`painting` are two renderings of it, so a painting translated into a photograph can be scored against the true one.
Read in this order: `composition` (what is there), `rendering` (how it is put together: `backdrop`, `ground`,
`plants`), `painting` (the strokes).
"""

from __future__ import annotations

import numpy as np

from .composition import SEASONS, Scene, scene
from .painting import paint
from .rendering import develop, render

__all__ = ["SEASONS", "Scene", "painting", "photograph", "scene"]


def photograph(scene: Scene, size: tuple[int, int]) -> np.ndarray:
    """`scene` as a camera sees it: uint8 (H, W, 3), sRGB, for `size` = (H, W).

    H spans the scene from top to bottom; W shows as much to the sides as fits. ValueError if a side is below 1.
    """
    return pixels(develop(render(scene, *checked(size))))


def painting(scene: Scene, size: tuple[int, int]) -> np.ndarray:
    """`scene` as an impressionist paints it: uint8 (H, W, 3), sRGB, for `size` = (H, W); `photograph`'s geometry.

    A function of the arguments alone: the hand is seeded by the scene. ValueError if a side is below 1.
    """
    frame = render(scene, *checked(size))
    return pixels(paint(frame.colour, frame.sky, frame.wet, (scene.seed, scene.index, 5)))


def checked(size: tuple[int, int]) -> tuple[int, int]:
    height, width = size
    if height < 1 or width < 1:
        raise ValueError(f"a picture needs a size (height, width) of at least (1, 1), got ({height}, {width})")
    return height, width


def pixels(planes: np.ndarray) -> np.ndarray:
    """(3, H, W) in [0, 1] to uint8 (H, W, 3)."""
    return np.ascontiguousarray((planes * 255 + 0.5).astype(np.uint8).transpose(1, 2, 0))
