"""The picture in the making, and the few array functions that all who draw on it use."""

from __future__ import annotations

import math

import numpy as np

from ..noise import Array, Noise
from .composition import Scene
from .light import SEASON, light_of


class Frame:
    """The picture in the making: `colour` (3, H, W), and how much of a pixel is `sky` or is `wet` (H, W), 0 to 1.

    `nearness` (H, W) is the share of light that a fog of density 1 would let through from there to the viewer,
    exp(-distance): 1 at the lens, towards 0 far away. Unlike distances, it can be averaged over the edge of a shape.
    """

    def __init__(self, scene: Scene, height: int, width: int) -> None:
        self.scene, self.light, self.season = scene, light_of(scene), SEASON[scene.season]
        self.noise = Noise((scene.seed, scene.index, 2), height, width)
        self.height, self.width = height, width
        self.colour = np.empty((3, height, width), np.float32)
        self.sky = np.ones((height, width), np.float32)
        self.wet = np.zeros((height, width), np.float32)
        self.plain = near_on_plain((self.noise.y - scene.horizon) / (1 - scene.horizon))[:, None]
        # a fog is a layer on the ground: to look up is to look through less of it
        elevation = limited(1 - self.noise.y / scene.horizon)[:, None]
        self.nearness = np.repeat(np.exp(-3.2 / (0.55 + 1.6 * elevation)), width, axis=1).astype(np.float32)

    def rows(self, top: float, bottom: float) -> slice:
        """The pixel rows that y from `top` to `bottom` touches."""
        first = min(max(math.floor(top * self.height - 1), 0), self.height)
        return slice(first, min(max(math.ceil(bottom * self.height + 1), first), self.height))

    def below(self, edge: Array | float, rows: slice) -> Array:
        """Antialiased cover (rows, W) of what lies below the curve `edge` (W,), or the height `edge`."""
        return limited((self.noise.y[rows, None] - edge) * self.height + 0.5)

    def cover(
        self, rows: slice, paint: Array, amount: Array, wet: bool = False, near: Array | float | None = None
    ) -> None:
        """Lay `paint` (3, rows, W) or (3, 1, 1) over the picture where `amount` (rows, W) is 1.

        `near` is the nearness of what is laid; without it, that of the plain.
        """
        target = self.colour[:, rows]
        target += amount * (paint - target)
        nearness = self.nearness[rows]
        nearness += amount * ((self.plain[rows] if near is None else near) - nearness)
        self.sky[rows] *= 1 - amount
        if wet:
            self.wet[rows] += amount * (1 - self.wet[rows])
        else:
            self.wet[rows] *= 1 - amount


def near_on_plain(depth: Array) -> Array:
    """Nearness of the plain at `depth`: 0 at the horizon, 1 at the viewer's feet. The far end is a finite distance."""
    return np.exp(-0.09 / (np.maximum(depth, 0) + 0.05)).astype(np.float32)


def near_of_ridge(distance: float) -> float:
    """Nearness of a ridge, always behind the plain. `distance` as in Ridge."""
    return math.exp(-1.6 - 1.5 * distance)


def limited(values: Array, low: float = 0.0, high: float = 1.0) -> Array:
    """np.clip in place, without its overhead, which small pictures feel: `values` must be the caller's own array."""
    np.maximum(values, low, out=values)
    return np.minimum(values, high, out=values)


def mix(first: Array, second: Array, share: Array | float) -> Array:
    return first + (second - first) * share


def ramp(values: Array, low: float, high: float) -> Array:
    """0 below `low`, 1 above `high`, straight between."""
    return limited((values - low) * (1 / (high - low)))


def moved(field: Array, down: int, across: int) -> Array:
    """`field` (h, w) moved by whole pixels; what comes in at the edges repeats them."""
    height, width = field.shape
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    columns = np.clip(np.arange(width) - across, 0, width - 1)
    return field[rows].take(columns, axis=1)
