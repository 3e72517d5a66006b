"""A picture in the making: shapes laid over one another, each pixel covered by its share.

Round shapes are distances on the pixel grid, exact at any size; strands (hair, noodles, lines) are drawn by Pillow on a
larger sheet and reduced.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from .composition import Scene

Array = np.ndarray
Colour = tuple[float, float, float]


class Strand(NamedTuple):
    """A line through `points` (n, 2) in units of the scene's radius, `width` wide."""

    points: Array
    width: float
    colour: Array


class Patch(NamedTuple):
    """A part of the picture. `u` and `v` (h, w): its coordinates from the patch's middle, turned with it."""

    rows: slice
    columns: slice
    u: Array
    v: Array


def colour(*values: float) -> Array:
    return np.array(values, np.float32)


def ramp(colours: tuple[Colour, ...], share: float) -> Array:
    """The colour at `share` (0 .. 1) of the way along `colours`."""
    place = np.linspace(0, 1, len(colours))
    return colour(*(float(np.interp(share, place, [one[channel] for one in colours])) for channel in range(3)))


def ellipse(u: Array, v: Array, across: float | Array, down: float | Array) -> Array:
    """Signed distance to an ellipse, negative inside; first order, which is exact at the edge."""
    scaled = np.sqrt((u / across) ** 2 + (v / down) ** 2) + 1e-6
    slope = np.sqrt((u / across**2) ** 2 + (v / down**2) ** 2) + 1e-6
    return scaled * (scaled - 1) / slope


def box(u: Array, v: Array, across: float, down: float, rounding: float) -> Array:
    """Signed distance to a box of half sizes `across` and `down` with round corners."""
    x, y = np.abs(u) - across + rounding, np.abs(v) - down + rounding
    return np.hypot(np.maximum(x, 0), np.maximum(y, 0)) + np.minimum(np.maximum(x, y), 0) - rounding


class Canvas:
    """`colour`: float32 (size, size, 3) in 0 .. 1. `scale`: pixels per unit of the scene's radius."""

    def __init__(self, scene: Scene, size: int) -> None:
        self.scene, self.size = scene, size
        self.scale = scene.radius * size
        self.grid = ((np.arange(size) + 0.5) / size).astype(np.float32)
        self.colour = np.zeros((size, size, 3), np.float32)
        self.turned = (float(np.cos(scene.tilt)), float(np.sin(scene.tilt)))

    def random(self, salt: int) -> np.random.Generator:
        return np.random.default_rng([self.scene.seed, self.scene.index, salt])

    def noise(self, columns: int, rows: int, salt: int) -> Array:
        """Smooth noise (size, size), standard deviation about 1, so many cells across and down the picture."""
        lattice = self.random(salt).standard_normal((rows + 4, columns + 4), dtype=np.float32) * np.float32(1.35)
        cells = (2.0, 2.0, columns + 2.0, rows + 2.0)
        return np.asarray(Image.fromarray(lattice).resize((self.size, self.size), Image.Resampling.BICUBIC, cells))

    def place(self, u: Array | float, v: Array | float) -> tuple[Array, Array]:
        """Picture coordinates of a place in the scene."""
        cosine, sine = self.turned
        x = self.scene.x + self.scene.radius * (np.asarray(u) * cosine - np.asarray(v) * sine)
        return x, self.scene.y + self.scene.radius * (np.asarray(u) * sine + np.asarray(v) * cosine)

    def patch(self, u: float, v: float, reach: float, angle: float = 0.0) -> Patch:
        """The square of half side `reach` around (u, v), its coordinates turned by `angle`, clockwise.

        Out of sight it has no pixels, and what is laid over it vanishes.
        """
        x, y = (float(value) for value in self.place(u, v))
        span = reach * self.scene.radius
        first, last = int(max((x - span) * self.size, 0)), int(max((x + span) * self.size + 1, 0))
        top, bottom = int(max((y - span) * self.size, 0)), int(max((y + span) * self.size + 1, 0))
        rows, columns = slice(top, bottom), slice(first, last)
        right = (self.grid[columns] - x) / self.scene.radius
        down = (self.grid[rows, None] - y) / self.scene.radius
        cosine, sine = np.float32(np.cos(self.scene.tilt + angle)), np.float32(np.sin(self.scene.tilt + angle))
        return Patch(rows, columns, right * cosine + down * sine, down * cosine - right * sine)

    def inside(self, distance: Array) -> Array:
        """Share of each pixel within a shape, from the signed distance in units of the scene's radius."""
        return (0.5 - distance * self.scale).clip(0, 1)

    def lay(self, patch: Patch, paint: Array, amount: Array) -> None:
        """Lay `paint` (..., 3) over `patch`, `amount` (h, w) of it."""
        under = self.colour[patch.rows, patch.columns]
        under += amount[..., None] * (paint - under)

    def shade(self, patch: Patch, distance: Array, softness: float, strength: float) -> None:
        """A soft shadow of a shape: darkest inside, gone `softness` outside."""
        amount = strength * (1 - (distance + softness) / (2 * softness)).clip(0, 1)
        self.colour[patch.rows, patch.columns] *= 1 - amount[..., None]

    def blob(
        self, u: float, v: float, across: float, down: float, paint: Array, angle: float = 0.0, amount: float = 1.0
    ) -> None:
        """A plain ellipse."""
        patch = self.patch(u, v, max(across, down) + 0.05, angle)
        self.lay(patch, paint, amount * self.inside(ellipse(patch.u, patch.v, across, down)))

    def strands(self, strands: Iterable[Strand], within: Array | None = None) -> None:
        """Draw lines in order. `within` (size, size): how much of them each pixel may show."""
        factor = max(2, -(-256 // self.size))
        sheet = Image.new("RGBA", (self.size * factor, self.size * factor))
        draw = ImageDraw.Draw(sheet)
        for strand in strands:
            x, y = self.place(strand.points[:, 0], strand.points[:, 1])
            points = (np.stack([x, y], 1) * (self.size * factor)).ravel().tolist()
            red, green, blue = (int(255 * value) for value in strand.colour.clip(0, 1))
            width = max(1, round(strand.width * self.scale * factor))
            draw.line(points, fill=(red, green, blue, 255), width=width, joint="curve" if width > 6 else None)
        layer = np.asarray(sheet.reduce(factor), np.float32) / np.float32(255)
        amount = layer[..., 3] if within is None else layer[..., 3] * within
        self.lay(Patch(slice(None), slice(None), self.grid, self.grid), layer[..., :3], amount)
