"""A town as an aeroplane's camera sees it: materials, trees, sun and haze."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ..noise import Noise
from .kinds import FINE, KINDS
from .town import Town

Array = np.ndarray
NUMBER = {name: number for number, name in enumerate(KINDS)}
TREE = np.array([(44, 72, 36), (72, 100, 50), (104, 118, 60)], np.float32) / 255  # dark, middle, light


def cells(town: Town, side: int, *, map_only: bool) -> Array:
    """The kind of every cell: uint8 (side, side), places in KINDS. `map_only`: without what a map leaves out."""
    image = Image.new("L", (side, side), NUMBER["meadow"])
    draw = ImageDraw.Draw(image)
    for kind, corners in town.shapes:
        # a polygon is never thinner than a cell, so what is much finer would look too heavy
        if (map_only and KINDS[kind].map is None) or (kind in FINE and side < 200):
            continue
        draw.polygon((corners * side - 0.5).ravel().tolist(), fill=NUMBER[kind])
    return np.asarray(image)


def photograph(town: Town, seed: int, index: int, size: int) -> Array:
    """`town` in its light: uint8 (size, size, 3), sRGB. The seed and the index choose weather and grain."""
    side = 2 * size
    random = np.random.default_rng([seed, index, 2])
    noise = Noise((seed, index, 3), side, side)
    kinds = cells(town, side, map_only=False)
    colour = (np.array([kind.aerial for kind in KINDS.values()], np.float32) / 255)[kinds]
    height = np.array([kind.height for kind in KINDS.values()], np.float32)[kinds]
    colour *= texture(town, noise, kinds, side)[..., None]
    plant(random, town, colour, height)
    shade(random, town, colour, height)
    return develop(random, colour, size)


def texture(town: Town, noise: Noise, kinds: Array, side: int) -> Array:
    """The tone (side, side) of grass, crops, water and asphalt, about 1."""
    everywhere = slice(None)
    fine = noise.fractal(everywhere, 60.0, 1.0, 2, 0.7, 3)
    broad = noise.fractal(everywhere, 5.0, 1.0, 2, 0.6, 23)
    strength = {
        "grass": (0.07, 0.08),
        "wood": (0.16, 0.06),
        "crop": (0.03, 0.05),
        "water": (0.03, 0.08),
        "hard": (0.04, 0.02),
    }
    amounts = np.array([strength[kind.texture] for kind in KINDS.values()], np.float32)[kinds]
    tone = 1 + amounts[..., 0] * fine + amounts[..., 1] * broad
    crop = np.array([kind.texture == "crop" for kind in KINDS.values()])[kinds]
    if crop.any():
        place = (np.arange(side, dtype=np.float32) + 0.5) / side
        frequency = 42.0
        across = np.cos(town.angle) * place[None, :] + np.sin(town.angle) * place[:, None]
        furrows = np.sin((2 * np.pi * frequency) * across[crop] + broad[crop])
        tone[crop] += np.float32(0.09 * noise.sharpness(frequency)) * furrows
    return tone


def plant(random: np.random.Generator, town: Town, colour: Array, height: Array) -> None:
    """Stamps the crowns of the trees, domes lit from one side, onto `colour` and `height`, in place."""
    side = len(height)
    season = random.uniform((0.9, 0.95, 0.85), (1.25, 1.08, 1.1)).astype(np.float32)
    radii = np.maximum(np.rint(town.trees[:, 2] * side * 2) / 2, 1.0)
    for radius in np.unique(radii):
        group = town.trees[radii == radius]
        reach = int(np.ceil(radius))
        offset = np.arange(-reach, reach + 1)
        square = (offset[:, None] ** 2 + offset[None, :] ** 2) / np.float32(radius + 0.3) ** 2
        rows, columns = np.nonzero(square < 1)
        dome = np.sqrt(1 - square[rows, columns])
        facing = -(offset[columns] * town.shadow[0] + offset[rows] * town.shadow[1]) / radius
        light = (0.78 + 0.16 * dome + 0.24 * facing).astype(np.float32)
        y = (group[:, 1, None] * side).astype(int) + offset[rows]
        x = (group[:, 0, None] * side).astype(int) + offset[columns]
        seen = (x >= 0) & (x < side) & (y >= 0) & (y < side)
        tone = group[:, 3, None]
        crown = TREE[1] + np.abs(tone) * (np.where(tone < 0, TREE[0], TREE[2]) - TREE[1])
        crowns = (crown * season)[:, None] * light[None, :, None]
        y, x = y[seen], x[seen]
        colour[y, x] = crowns[seen]
        height[y, x] = np.broadcast_to((0.011 * dome + 0.003) * (radius / side / 0.01), seen.shape)[seen]


def shade(random: np.random.Generator, town: Town, colour: Array, height: Array) -> None:
    """Darkens `colour`, in place, where the sun does not reach."""
    side = len(height)
    rise = float(random.uniform(0.6, 1.3))  # height lost by the sun's ray on its way over the ground
    top = height.copy()
    length = 1.0
    while length < 0.045 * side:  # by doubling the step: 2^n cells in n passes
        across, down = round(length * town.shadow[0]), round(length * town.shadow[1])
        to_rows, from_rows = window(down)
        to_columns, from_columns = window(across)
        source = top[from_rows, from_columns] - np.float32(rise * length / side)
        np.maximum(top[to_rows, to_columns], source, out=top[to_rows, to_columns])
        length *= 2
    dark = np.clip((top - height) / 0.003, 0, 1) * np.float32(random.uniform(0.4, 0.62))
    blue = np.array([1.0, 0.94, 0.82], np.float32)  # the sky lights shadows
    colour *= 1 - dark[..., None] * blue


def window(step: int) -> tuple[slice, slice]:
    """Where to and where from a plane moves by `step` cells."""
    if step >= 0:
        return slice(step, None), slice(None, -step or None)
    return slice(None, step), slice(-step, None)


def develop(random: np.random.Generator, colour: Array, size: int) -> Array:
    """Half the resolution, then haze, white balance, slight blur and grain."""
    small = colour.reshape(size, 2, size, 2, 3).mean(axis=(1, 3))
    warmth, green = random.normal(0, 0.03), random.normal(0, 0.008)
    small *= np.array((1 + warmth, 1 + green, 1 - 1.3 * warmth), np.float32)
    haze, exposure = float(random.uniform(0.0, 0.14)), float(random.uniform(1.06, 1.32))
    small = small * (exposure * (1 - haze)) + haze * np.array((0.7, 0.76, 0.84), np.float32)
    blur = float(random.uniform(0.0, 0.0022)) * size
    picture = Image.fromarray((np.clip(small, 0, 1) * 255 + 0.5).astype(np.uint8))
    if blur > 0.15:
        picture = picture.filter(ImageFilter.GaussianBlur(blur))
    grain = random.standard_normal((size, size, 1), np.float32) * np.float32(random.uniform(1.0, 4.0))
    return np.clip(np.asarray(picture) + grain + 0.5, 0, 255).astype(np.uint8)
