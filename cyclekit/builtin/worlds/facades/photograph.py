"""A facade as a camera sees it: masonry, sun and shadow, glass, weather, lens."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from ..noise import Noise
from .building import Building
from .layout import Layout

Array = np.ndarray
SHADOW = 0.55  # of the light that a shadow on a sunny day takes away

# course height and block length in picture sides, joint's share of the course, spread of the blocks' tones, bond
COURSES = {
    "brick": (0.0095, 0.027, 0.2, 0.11, 0.5),
    "stone": (0.032, 0.075, 0.09, 0.05, 0.5),
    "panel": (0.11, 0.16, 0.025, 0.025, 0.0),
    "board": (0.016, 9.0, 0.16, 0.03, 0.0),
    "plaster": (9.0, 9.0, 0.0, 0.0, 0.0),
}


def photograph(layout: Layout, size: int) -> Array:
    """`layout` in its light: uint8 (size, size, 3), sRGB."""
    side = 2 * size
    building = Building(layout, side)
    random = np.random.default_rng([layout.seed, layout.index, 3])
    noise = Noise((layout.seed, layout.index, 4), side, side)
    cells = building.cells
    relief = np.array([one.relief for one in building.surfaces], np.float32)[cells]
    is_material = {
        name: np.array([one.material == name for one in building.surfaces])[cells] for name in ("wall", "glass", "sky")
    }
    colour = np.array([one.colour for one in building.surfaces], np.float32)[cells]

    tone = light(random, relief, side)
    wall = is_material["wall"]
    tone[wall] *= masonry(random, layout, side)[wall]
    solid = weathering(random, noise, layout, side)
    tone *= np.where(is_material["sky"] | is_material["glass"], np.float32(1.0), solid)
    colour *= tone[..., None]
    warmth, green = random.normal(0.01, 0.03), random.normal(0, 0.008)
    colour *= np.array((1 + warmth, 1 + green, 1 - 1.3 * warmth), np.float32)
    reflect(random, noise, building, colour, is_material["glass"])
    if is_material["sky"].any():
        paint_sky(random, noise, colour, is_material["sky"])
    return develop(random, layout, colour, size)


def light(random: np.random.Generator, relief: Array, side: int) -> Array:
    """How much light reaches every cell (side, side): shadows of what stands out, and edges that catch the sun."""
    overcast = random.random() < 0.3
    slant = float(random.uniform(0.35, 1.0)) * (1 if random.random() < 0.5 else -1)
    softness = 0.01 if overcast else 0.003
    occluder = relief.copy()
    # the longest reach of light over every cell, by doubling the step: 2^n cells in n passes
    length = 1
    slope = 0.85 / side
    while length < 0.06 * side:
        across, down = round(length * slant), length
        shifted = np.full_like(occluder, -1.0)
        source, target = (
            (slice(None, -across), slice(across, None)) if across > 0 else (slice(-across, None), slice(None, across))
        )
        if across == 0:
            source = target = slice(None)
        shifted[down:, target] = occluder[:-down, source] - slope * length
        np.maximum(occluder, shifted, out=occluder)
        length *= 2
    shade = np.clip((occluder - relief) / softness, 0, 1)
    tone = 1 - np.float32(0.22 if overcast else SHADOW) * shade
    # an upper edge that stands out is lit, a lower one is dark
    edge = np.zeros_like(relief)
    edge[1:] = np.clip((relief[1:] - relief[:-1]) * 12, -0.2, 0.2)
    tone *= 1 + edge
    return tone * np.float32(random.uniform(0.86, 1.04))


def masonry(random: np.random.Generator, layout: Layout, side: int) -> Array:
    """The tone (side, side) of bricks, stones, panels or boards and the joints between them, 1 on average."""
    height, length, joint, spread, bond = COURSES[layout.masonry]
    height, length = (float(value) * random.uniform(0.85, 1.25) for value in (height, length))
    place = (np.arange(side, dtype=np.float32) + 0.5) / side
    course, across = place / height, place / length
    row = course.astype(int)
    shifted = across[None, :] + (bond * (row % 2))[:, None].astype(np.float32)
    column = shifted.astype(int)
    tones = (1 + spread * random.standard_normal((64, 64))).astype(np.float32)
    tone = tones[row[:, None] % 64, column % 64]
    # joints thinner than a cell fade instead of aliasing
    cell = 1 / (side * height)
    visible = min(joint / cell, 1.0) * (0.22 if layout.masonry == "brick" else 0.3)
    lying = (course - row) < max(joint, cell)
    standing = (shifted - column) < max(joint * height / length, 1 / (side * length))
    joints = lying[:, None] | standing if length < 1 else np.broadcast_to(lying[:, None], tone.shape)
    light_mortar = layout.masonry == "brick" and random.random() < 0.67
    if joint:
        tone[joints] = 1 + visible if light_mortar else 1 - visible
    return tone


def weathering(random: np.random.Generator, noise: Noise, layout: Layout, side: int) -> Array:
    """Grain, blotches, streaks of rain and the dirt of the street: a tone (side, side) near 1."""
    age = float(random.uniform(0.2, 1.0))
    everywhere = slice(None)
    tone = (0.025 * age) * noise.fractal(everywhere, 5.0, 1.0, 2, 0.7, 3)
    tone += (0.03 * age) * noise.fractal(everywhere, 34.0, 0.12, 1, 0.7, 23)
    tone += 0.02 * noise.fractal(everywhere, 70.0, 1.0, 1, 0.7, 43)
    place = (np.arange(side, dtype=np.float32) + 0.5) / side
    street = 0.16 * age * np.clip(1 - (layout.bottom - place) / 0.09, 0, 1)
    under = 0.08 * age * np.clip(1 - (place - layout.top) / 0.15, 0, 1)
    return tone + (1 - street - under).astype(np.float32)[:, None]


def reflect(random: np.random.Generator, noise: Noise, building: Building, colour: Array, glass: Array) -> None:
    """Adds to `colour` (side, side, 3), in place, what panes mirror: sky above, the dark houses across the street."""
    strength = float(random.uniform(0.1, 0.4))
    if not glass.any():
        return
    field = noise.fractal(slice(None), 9.0, 0.7, 2, 0.6, 63)[glass]
    y = np.broadcast_to(((np.arange(building.side) + 0.5) / building.side)[:, None], glass.shape)[glass]
    # neighbouring panes hang at slightly different angles and mirror different places
    angle = random.uniform(-0.35, 0.35, 256)[building.cells[glass]]
    skyline = np.clip(3.0 * (0.55 - y + angle) + 0.9 * field, 0, 1) * strength
    tint = np.array(random.uniform((0.66, 0.74, 0.84), (0.8, 0.86, 0.95)), np.float32)
    colour[glass] += skyline[:, None].astype(np.float32) * (tint - colour[glass])


def paint_sky(random: np.random.Generator, noise: Noise, colour: Array, sky: Array) -> None:
    """Writes the sky into `colour` (side, side, 3): a gradient from blue or grey, with clouds."""
    clear = float(random.random())
    zenith = np.array((0.42, 0.6, 0.85)) * clear + np.array((0.78, 0.8, 0.83)) * (1 - clear)
    rows = np.linspace(0, 1, len(sky))[:, None]
    gradient = zenith + (np.array((0.86, 0.9, 0.94)) - zenith) * np.clip(2.2 * rows, 0, 1)
    cloud = np.clip(0.5 * noise.fractal(slice(None), 2.5, 2.0, 2, 0.6, 83)[sky] - 0.1, 0, 0.9) * 0.8
    here = np.broadcast_to(gradient[:, None], colour.shape)[sky]
    colour[sky] = here + cloud[:, None] * (np.array((0.95, 0.95, 0.95)) - here)


def develop(random: np.random.Generator, layout: Layout, colour: Array, size: int) -> Array:
    """Lens and sensor: half the resolution, slight blur, fall-off to the corners, exposure, grain."""
    small = colour.reshape(size, 2, size, 2, 3).mean(axis=(1, 3))
    across = (np.arange(size, dtype=np.float32) + 0.5) / size - 0.5
    corners = 1 - np.float32(random.uniform(0, 0.3)) * (across[:, None] ** 2 + across[None, :] ** 2)
    small *= corners[..., None]
    contrast, exposure = random.uniform(0.95, 1.2), random.uniform(1.02, 1.16)
    small = (small * exposure - 0.5) * contrast + 0.5
    blur = float(random.uniform(0.0, 0.0022)) * size
    picture = Image.fromarray((np.clip(small, 0, 1) * 255 + 0.5).astype(np.uint8))
    if blur > 0.15:
        picture = picture.filter(ImageFilter.GaussianBlur(blur))
    grain = np.random.default_rng([layout.seed, layout.index, 5]).standard_normal((size, size, 1), np.float32)
    grain *= np.float32(random.uniform(1.0, 4.0))
    return np.clip(np.asarray(picture) + grain + 0.5, 0, 255).astype(np.uint8)
