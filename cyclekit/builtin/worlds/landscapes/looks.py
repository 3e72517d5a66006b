"""The looks of a landscape: one scene as painting, as photograph, in each season, by day and night, and in weather."""

from __future__ import annotations

import dataclasses

import numpy as np

from ..arguments import SMALLEST, guess
from .composition import SEASONS, Scene, at_hour, scene
from .painting import paint
from .rendering import develop
from .rendering import render as drawn
from .weather import WEATHER

HOUR_OF = {"day": "day", "night": "moonlight"}
LOOKS = ("painting", "photograph", *SEASONS, *HOUR_OF, *WEATHER)


def render(look: str, seed: int, index: int, size: int) -> np.ndarray:
    """Scene number `index` of the world `seed` in one of LOOKS: uint8 (size, size, 3), sRGB.

    All looks of one scene show the same place, pixel for pixel. A season or an hour replaces the scene's own; fog,
    rain and snow lie on its `photograph`. Equal arguments give equal pictures. ValueError on an unknown look, a
    negative number, or a size below 8.
    """
    if look not in LOOKS:
        raise ValueError(f"unknown look {look!r}: {guess(look, LOOKS)}landscapes have the looks {', '.join(LOOKS)}")
    if size < SMALLEST:
        raise ValueError(f"a landscape needs a size of at least {SMALLEST} pixels, got {size}")
    place, shape = scene(seed, index), (size, size)
    if look == "painting":
        return painting(place, shape)
    if look in SEASONS:
        return photograph(dataclasses.replace(place, season=look), shape)
    if look in HOUR_OF:
        return photograph(at_hour(place, HOUR_OF[look]), shape)
    if look in WEATHER:
        frame = drawn(place, size, size)
        return pixels(WEATHER[look](frame, develop(frame)))
    return photograph(place, shape)


def photograph(scene: Scene, size: tuple[int, int]) -> np.ndarray:
    """`scene` as a camera sees it: uint8 (H, W, 3), sRGB, for `size` = (H, W).

    H spans the scene from top to bottom; W shows as much to the sides as fits. ValueError if a side is below 1.
    """
    return pixels(develop(drawn(scene, *checked(size))))


def painting(scene: Scene, size: tuple[int, int]) -> np.ndarray:
    """`scene` as an impressionist paints it: uint8 (H, W, 3), sRGB, for `size` = (H, W); `photograph`'s geometry.

    A function of the arguments alone: the hand is seeded by the scene. ValueError if a side is below 1.
    """
    frame = drawn(scene, *checked(size))
    return pixels(paint(frame.colour, frame.sky, frame.wet, (scene.seed, scene.index, 5)))


def checked(size: tuple[int, int]) -> tuple[int, int]:
    height, width = size
    if height < 1 or width < 1:
        raise ValueError(f"a picture needs a size (height, width) of at least (1, 1), got ({height}, {width})")
    return height, width


def pixels(planes: np.ndarray) -> np.ndarray:
    """(3, H, W) in [0, 1] to uint8 (H, W, 3)."""
    return np.ascontiguousarray((planes * 255 + 0.5).astype(np.uint8).transpose(1, 2, 0))
