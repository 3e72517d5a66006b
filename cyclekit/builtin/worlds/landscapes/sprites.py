"""Trees, haystacks, houses and boats as small pictures, drawn once and scaled into the scene.

A sprite keeps no colours, only what colours depend on: cover, light and an accent mask (trunk, roof or hull). The
season and the hour choose the colours when it is placed. All planes are multiplied by the cover, so that scaling needs
no special care at edges.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from ..noise import Array, generator

SIZE = 256  # pixels of the largest level; the sprite stands on the bottom edge
VARIANTS = 5
SPECIES = ("oak", "conifer", "poplar", "bare", "bush", "haystack", "house", "boat")


class Pen:
    """Draws a sprite in unit coordinates: x and y in [0, 1], y = 1 is the ground. Later shapes cover earlier ones."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (SIZE, SIZE))  # light, accent, cover
        self.draw = ImageDraw.Draw(self.image)

    @staticmethod
    def ink(light: float, accent: float) -> tuple[int, int, int]:
        return int(255 * min(max(light, 0.0), 1.0)), int(255 * accent), 255

    def line(self, points: list[tuple[float, float]], width: float, light: float, accent: float = 0.0) -> None:
        scaled = [(x * SIZE, y * SIZE) for x, y in points]
        self.draw.line(scaled, fill=self.ink(light, accent), width=max(1, round(width * SIZE)))

    def shape(self, points: list[tuple[float, float]], light: float, accent: float = 0.0) -> None:
        self.draw.polygon([(x * SIZE, y * SIZE) for x, y in points], fill=self.ink(light, accent))


def foliage(
    pen: Pen,
    random: np.random.Generator,
    center: tuple[float, float],
    radii: tuple[float, float],
    leaves: int,
    size: float,
) -> None:
    """A crown: pointed leaves in balls in an ellipse, darker inside and on the right, lit from the upper left."""
    balls = random.uniform(-1, 1, (24, 2)) * 0.78
    local = random.normal(0, 0.20, (leaves, 2))
    spot = balls[random.integers(0, len(balls), leaves)] + local
    # each ball has a lit and a dark side of its own, so the crown shows lumps of light and not one smooth gradient
    light = 0.42 - spot @ (0.20, 0.26) - local @ (0.9, 1.1)
    light += random.normal(0, 0.16, leaves) + np.linspace(-0.06, 0.06, leaves)
    sizes, angles = size * random.uniform(0.5, 1.25, leaves), random.uniform(0, np.pi, leaves)
    along = np.stack([np.cos(angles), np.sin(angles)], 1) * sizes[:, None]
    across = 0.55 * np.stack([-along[:, 1], along[:, 0]], 1)
    middle = np.array(center) + spot * radii
    corners = SIZE * np.concatenate([middle + along, middle + across, middle - along, middle - across], 1)
    inside = (spot**2).sum(1) < 1.05
    inks = (255 * light.clip(0, 1)).astype(int)
    for polygon, ink in zip(corners[inside].tolist(), inks[inside].tolist(), strict=True):
        pen.draw.polygon(polygon, fill=(ink, 0, 255))


def trunk(pen: Pen, top: float, width: float, lean: float) -> None:
    left, right = 0.5 + lean - width * 0.4, 0.5 + lean + width * 0.4
    pen.shape([(0.5 - width, 1.0), (left, top), (right, top), (0.5 + width, 1.0)], 0.3, 1.0)
    pen.line([(0.5 - width * 0.6, 1.0), (0.5 + lean - width * 0.2, top)], width * 0.6, 0.7, 1.0)


def draw_oak(pen: Pen, random: np.random.Generator) -> None:
    trunk(pen, 0.45, random.uniform(0.025, 0.04), random.uniform(-0.03, 0.03))
    foliage(pen, random, (0.5, 0.43), (random.uniform(0.36, 0.46), random.uniform(0.34, 0.40)), 2400, 0.0165)


def draw_poplar(pen: Pen, random: np.random.Generator) -> None:
    trunk(pen, 0.6, 0.014, 0.0)
    foliage(pen, random, (0.5, 0.47), (random.uniform(0.085, 0.13), 0.46), 1200, 0.0145)


def draw_bush(pen: Pen, random: np.random.Generator) -> None:
    foliage(pen, random, (0.5, 0.80), (0.45, random.uniform(0.18, 0.26)), 1300, 0.018)
    foliage(pen, random, (0.5, 0.93), (0.42, 0.08), 360, 0.018)


def draw_conifer(pen: Pen, random: np.random.Generator) -> None:
    trunk(pen, 0.3, 0.018, 0.0)
    spread = random.uniform(0.17, 0.27)
    levels = 46
    for level in range(levels):
        height = 0.02 + 0.90 * (level / levels) ** 0.9
        tier = 0.72 + 0.28 * ((level * 0.21 + random.random() * 0.2) % 1.0)
        reach = spread * (height + 0.01) * tier
        for _ in range(5 + level // 4):
            side = random.uniform(-1, 1)
            x = 0.5 + side * reach
            light = 0.40 - 0.30 * side + random.normal(0, 0.14) - 0.10 * height
            pen.line([(0.5 + side * reach * 0.25, height - 0.02), (x, height + 0.045 + 0.03 * abs(side))], 0.013, light)


def branch(
    pen: Pen, random: np.random.Generator, x: float, y: float, angle: float, length: float, width: float
) -> None:
    end_x, end_y = x + np.sin(angle) * length, y - np.cos(angle) * length
    pen.line([(x, y), (end_x, end_y)], width, 0.5 - 0.3 * np.sin(angle), 1.0)
    if length > 0.035:
        for turn in (-1, 1):
            bend = angle + turn * random.uniform(0.2, 0.65) + random.normal(0, 0.08)
            branch(pen, random, end_x, end_y, bend, length * random.uniform(0.66, 0.84), width * 0.66)


def draw_bare(pen: Pen, random: np.random.Generator) -> None:
    branch(pen, random, 0.5, 1.0, random.normal(0, 0.05), 0.24, 0.034)


def draw_haystack(pen: Pen, random: np.random.Generator) -> None:
    peak, eave = random.uniform(0.28, 0.4), random.uniform(0.58, 0.66)
    outline = [(0.12, 1.0), (0.06, eave), (0.5, peak), (0.94, eave), (0.88, 1.0)]
    pen.shape(outline, 0.5)
    for _ in range(900):
        side, down = random.uniform(-1, 1), random.uniform(0, 1)
        roof = down < 0.5
        y = peak + (eave - peak) * down * 2 if roof else eave + (1 - eave) * (down * 2 - 1)
        half = 0.44 * down * 2 if roof else 0.44 - 0.05 * (down * 2 - 1)
        x = 0.5 + side * half
        light = (0.72 if roof else 0.50) - 0.42 * side + random.normal(0, 0.12)
        pen.line([(x, y), (x + 0.02 * side, min(y + 0.04, 1.0))], 0.010, light, 0.0 if roof else 0.35)


def draw_house(pen: Pen, random: np.random.Generator) -> None:
    ridge, eave, corner = random.uniform(0.42, 0.5), random.uniform(0.62, 0.7), random.uniform(0.36, 0.44)
    pen.shape([(0.1, 1.0), (0.1, eave), ((0.1 + corner) / 2, ridge), (corner, eave), (corner, 1.0)], 0.95)
    pen.shape([(corner, 1.0), (corner, eave), (0.92, eave), (0.92, 1.0)], 0.55)
    pen.shape([((0.1 + corner) / 2, ridge), (0.84, ridge), (0.96, eave + 0.02), (corner, eave + 0.02)], 0.5, 1.0)
    pen.shape([(0.70, ridge + 0.02), (0.70, ridge - 0.09), (0.76, ridge - 0.09), (0.76, ridge + 0.02)], 0.4, 0.7)
    for x in (0.52, 0.66, 0.80):
        pen.shape([(x, 0.86), (x, 0.77), (x + 0.05, 0.77), (x + 0.05, 0.86)], 0.05)
    pen.shape([(0.2, 1.0), (0.2, 0.84), (0.27, 0.84), (0.27, 1.0)], 0.1)


def draw_boat(pen: Pen, random: np.random.Generator) -> None:
    mast, top = random.uniform(0.42, 0.5), random.uniform(0.08, 0.2)
    pen.shape([(mast - 0.02, top), (mast - 0.02, 0.84), (0.14, 0.84)], 0.8)
    pen.shape([(mast, top - 0.05), (mast + random.uniform(0.28, 0.4), 0.82), (mast, 0.84)], 1.0)
    pen.shape([(0.1, 0.88), (0.9, 0.86), (0.78, 1.0), (0.24, 1.0)], 0.3, 1.0)


DRAW = {
    "oak": draw_oak, "conifer": draw_conifer, "poplar": draw_poplar, "bare": draw_bare,
    "bush": draw_bush, "haystack": draw_haystack, "house": draw_house, "boat": draw_boat,
}  # fmt: skip


@cache
def levels(species: str, variant: int) -> tuple[Image.Image, ...]:
    """One sprite at SIZE, SIZE/2, ... 8 pixels, as 4-plane images: cover, light x cover, accent x cover, unused."""
    pen = Pen()
    DRAW[species](pen, generator(20170330, SPECIES.index(species), variant))
    light, accent, cover = (np.asarray(plane) for plane in pen.image.split())
    empty = np.zeros_like(cover)
    # CMYK is Pillow's only 4-plane mode that it scales without treating one plane as transparency
    image = Image.fromarray(np.dstack([cover, light, accent, empty]), "CMYK")
    chain = [image]
    while chain[-1].width > 8:
        chain.append(chain[-1].reduce(2))
    return tuple(chain)


class Sprite(NamedTuple):
    """A scaled sprite and its place: `rows` and `columns` of the picture, planes (h, w) in [0, 1]."""

    rows: slice
    columns: slice
    cover: Array
    light: Array
    accent: Array


def place(
    species: str, variant: int, left: float, foot: float, size: float, flip: bool, mirror: bool, shape: tuple[int, int]
) -> Sprite | None:
    """The sprite with its square of `size` pixels at x = `left`, standing on y = `foot`.

    `mirror` hangs it below `foot`, as in water. None if no pixel of the picture (H, W) is touched.
    """
    top = foot if mirror else foot - size
    row, column = max(int(top), 0), max(int(left), 0)
    last_row, last_column = min(int(top + size) + 1, shape[0]), min(int(left + size) + 1, shape[1])
    if size < 0.5 or last_row <= row or last_column <= column or left + size < 0 or top + size < 0:
        return None
    chain = levels(species, variant)
    source = next((image for image in reversed(chain) if image.width >= 1.2 * size), chain[0])
    scale = source.width / size
    # output pixel -> source pixel; pixels that fall outside the sprite come out as zero, that is uncovered
    x_scale, x_shift = (-scale, source.width - (column - left) * scale) if flip else (scale, (column - left) * scale)
    y_scale, y_shift = (-scale, source.width - (row - top) * scale) if mirror else (scale, (row - top) * scale)
    scaled = source.transform(
        (last_column - column, last_row - row),
        Image.Transform.AFFINE,
        (x_scale, 0, x_shift, 0, y_scale, y_shift),
        Image.Resampling.BILINEAR,
    )
    planes = np.asarray(scaled).transpose(2, 0, 1)[:3].astype(np.float32) / 255
    return Sprite(slice(row, last_row), slice(column, last_column), planes[0], planes[1], planes[2])
