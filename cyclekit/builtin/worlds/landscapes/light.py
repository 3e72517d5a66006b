"""The colours of seasons and hours. All colours are sRGB in [0, 1]; light multiplies them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..noise import Array, generator
from .composition import Scene


def rgb(*values: float) -> Array:
    """A colour as (3, 1, 1), ready to multiply planes (3, H, W)."""
    return np.array(values, np.float32).reshape(3, 1, 1)


class Hour(NamedTuple):
    """Sky colours from the top down, and the light that reaches the ground."""

    zenith: Array
    middle: Array
    horizon: Array
    glow: Array  # added around the sun
    direct: Array  # light of the sun
    ambient: Array  # light of the sky: what shadows get


HOURS = {
    "dawn": Hour(
        rgb(0.36, 0.50, 0.72),
        rgb(0.68, 0.70, 0.78),
        rgb(0.97, 0.80, 0.68),
        rgb(0.45, 0.28, 0.12),
        rgb(0.78, 0.58, 0.46),
        rgb(0.36, 0.38, 0.46),
    ),
    "day": Hour(
        rgb(0.26, 0.45, 0.71),
        rgb(0.47, 0.65, 0.83),
        rgb(0.78, 0.86, 0.91),
        rgb(0.25, 0.24, 0.20),
        rgb(0.86, 0.83, 0.74),
        rgb(0.34, 0.38, 0.44),
    ),
    "golden": Hour(
        rgb(0.28, 0.46, 0.70),
        rgb(0.60, 0.70, 0.78),
        rgb(0.97, 0.86, 0.66),
        rgb(0.40, 0.30, 0.12),
        rgb(0.98, 0.76, 0.48),
        rgb(0.30, 0.32, 0.38),
    ),
    "overcast": Hour(
        rgb(0.52, 0.57, 0.63),
        rgb(0.66, 0.70, 0.74),
        rgb(0.82, 0.84, 0.85),
        rgb(0.10, 0.10, 0.10),
        rgb(0.34, 0.34, 0.34),
        rgb(0.54, 0.56, 0.58),
    ),
    "dusk": Hour(
        rgb(0.19, 0.25, 0.47),
        rgb(0.50, 0.42, 0.55),
        rgb(0.98, 0.58, 0.33),
        rgb(0.55, 0.28, 0.05),
        rgb(0.62, 0.42, 0.31),
        rgb(0.27, 0.29, 0.39),
    ),
    "moonlight": Hour(
        rgb(0.09, 0.13, 0.27),
        rgb(0.18, 0.24, 0.40),
        rgb(0.34, 0.42, 0.54),
        rgb(0.24, 0.26, 0.28),
        rgb(0.34, 0.38, 0.46),
        rgb(0.20, 0.24, 0.32),
    ),
}


class Season(NamedTuple):
    """Colours of what grows; each pair is mixed by noise."""

    grass: tuple[Array, Array]
    crop: tuple[Array, Array]
    heath: tuple[Array, Array]
    wood: tuple[Array, Array]
    leaf: tuple[tuple[Array, Array], tuple[Array, Array]]  # (shadow, light) of a tree of tone -1 and of tone 1
    flowers: float  # share of the meadow in bloom
    snow: float  # share of the ground under snow
    snowline: float  # where the rock turns white, as a share of the highest crest


SEASON = {
    "spring": Season(
        (rgb(0.30, 0.48, 0.13), rgb(0.52, 0.62, 0.22)),
        (rgb(0.40, 0.52, 0.18), rgb(0.64, 0.66, 0.24)),
        (rgb(0.36, 0.42, 0.17), rgb(0.55, 0.50, 0.25)),
        (rgb(0.17, 0.30, 0.10), rgb(0.38, 0.50, 0.16)),
        ((rgb(0.13, 0.24, 0.07), rgb(0.56, 0.72, 0.24)), (rgb(0.45, 0.32, 0.33), rgb(1.00, 0.86, 0.86))),
        0.30,
        0.0,
        0.72,
    ),
    "summer": Season(
        (rgb(0.24, 0.38, 0.10), rgb(0.50, 0.52, 0.18)),
        (rgb(0.78, 0.62, 0.24), rgb(0.92, 0.78, 0.38)),
        (rgb(0.46, 0.40, 0.18), rgb(0.56, 0.36, 0.42)),
        (rgb(0.10, 0.21, 0.07), rgb(0.26, 0.36, 0.11)),
        ((rgb(0.06, 0.14, 0.04), rgb(0.36, 0.50, 0.14)), (rgb(0.10, 0.16, 0.04), rgb(0.46, 0.52, 0.18))),
        0.18,
        0.0,
        1.02,
    ),
    "autumn": Season(
        (rgb(0.40, 0.37, 0.13), rgb(0.60, 0.48, 0.20)),
        (rgb(0.42, 0.29, 0.17), rgb(0.66, 0.50, 0.28)),
        (rgb(0.45, 0.28, 0.16), rgb(0.60, 0.40, 0.18)),
        (rgb(0.34, 0.20, 0.06), rgb(0.68, 0.42, 0.10)),
        ((rgb(0.32, 0.12, 0.04), rgb(0.86, 0.40, 0.10)), (rgb(0.36, 0.23, 0.05), rgb(0.95, 0.74, 0.20))),
        0.0,
        0.0,
        0.80,
    ),
    "winter": Season(
        (rgb(0.38, 0.33, 0.22), rgb(0.52, 0.46, 0.32)),
        (rgb(0.40, 0.33, 0.25), rgb(0.52, 0.44, 0.33)),
        (rgb(0.36, 0.28, 0.22), rgb(0.48, 0.38, 0.28)),
        (rgb(0.20, 0.19, 0.17), rgb(0.52, 0.52, 0.53)),
        ((rgb(0.22, 0.19, 0.17), rgb(0.62, 0.60, 0.60)), (rgb(0.22, 0.18, 0.15), rgb(0.56, 0.52, 0.50))),
        0.0,
        0.86,
        0.05,
    ),
}

SNOW = rgb(0.93, 0.95, 0.98)
ROCK = (rgb(0.30, 0.29, 0.29), rgb(0.56, 0.52, 0.48))
SAND = (rgb(0.69, 0.60, 0.45), rgb(0.82, 0.74, 0.59))
EARTH = (rgb(0.56, 0.45, 0.32), rgb(0.70, 0.60, 0.45))
FLOWERS = (rgb(0.86, 0.16, 0.10), rgb(0.95, 0.85, 0.25), rgb(0.92, 0.90, 0.92), rgb(0.62, 0.42, 0.78))


class Light(NamedTuple):
    """The hour of one scene, with its own white balance. `side` is where the light comes from: -1 left, 1 right."""

    hour: Hour
    direct: Array
    ambient: Array
    side: int
    flower: Array

    def on(self, colour: Array, shade: Array | float) -> Array:
        """`colour` (3, h, w) or (3, 1, 1) under a `shade` (h, w) between 0, in shadow, and 1, in the sun."""
        return colour * (self.ambient + self.direct * np.asarray(shade, np.float32))


def light_of(scene: Scene) -> Light:
    hour = HOURS[scene.hour]
    warm = rgb(1 + 0.05 * scene.warmth, 1.0, 1 - 0.06 * scene.warmth)
    veil = 1 - 0.35 * max(scene.clouds - 0.5, 0) * (scene.hour != "overcast")  # clouds take sun and spread it
    flower = (
        FLOWERS[2]
        if scene.hour == "moonlight"
        else FLOWERS[int(generator(scene.seed, scene.index, 3).integers(len(FLOWERS)))]
    )
    return Light(
        hour,
        hour.direct * warm * veil,
        hour.ambient * warm * (1.1 - 0.1 * veil),
        -1 if scene.sun_x < 0.5 else 1,
        flower,
    )
