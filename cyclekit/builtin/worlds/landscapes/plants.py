"""What stands on the ground or floats: sprites in the colours of the season and the light, with their shadows."""

from __future__ import annotations

import math

import numpy as np

from ..noise import Array
from .composition import LEAFY, Plant, Scene
from .frame import Frame, limited, mix, near_on_plain
from .light import SEASON, SNOW, rgb
from .sprites import Sprite, place


def draw_plant(frame: Frame, plant: Plant) -> None:
    scene, light = frame.scene, frame.light
    size = plant.height * frame.height
    left = (plant.x - 0.5) * frame.height + frame.width / 2 - size / 2
    species = plant.species
    if scene.season == "winter" and species in LEAFY:
        species = "bare"
    shape = (frame.height, frame.width)
    sprite = place(species, plant.variant, left, plant.foot * frame.height, size, light.side > 0, False, shape)
    if sprite is None:
        return
    shadow, lit, accent = plant_colours(scene, plant)
    depth = max((plant.foot - scene.horizon) / (1 - scene.horizon), 0.0)
    haze = 0.30 * scene.haze * math.exp(-5 * depth)
    air = light.hour.horizon
    shadow = mix(light.on(shadow, 0.12), air, haze)
    lit = mix(light.on(lit, 0.95), air, haze)
    accent = mix(light.on(accent, 0.5), air, haze)
    if species == "boat":
        mirror = place(species, plant.variant, left, plant.foot * frame.height, size * 0.8, light.side > 0, True, shape)
        if mirror is not None:
            lay(frame, mirror, shadow * 0.9, lit * 0.9, accent * 0.9, 0.45, wet=True)
    elif plant.foot > scene.horizon + 0.03 and species != "bare":
        cast_shadow(frame, plant, left, size)
    lay(frame, sprite, shadow, lit, accent, 1.0)
    nearness = frame.nearness[sprite.rows, sprite.columns]
    nearness += sprite.cover * (near_on_plain(np.array(depth)) - nearness)


def cast_shadow(frame: Frame, plant: Plant, left: float, size: float) -> None:
    """A soft dark ellipse on the ground, away from the light."""
    narrow = {"poplar": 0.22, "conifer": 0.4}.get(plant.species, 0.8)
    middle = left + size / 2 - frame.light.side * size * 0.12
    rows = frame.rows(plant.foot - 0.05 * plant.height, plant.foot + 0.07 * plant.height)
    half = size * narrow * 0.62
    first, last = (int(min(max(middle + sign * half, 0), frame.width)) for sign in (-1, 1))
    if last <= first or rows.stop <= rows.start:
        return
    across = (np.arange(first, last, dtype=np.float32) + 0.5 - middle) / half
    down = (frame.noise.y[rows, None] - plant.foot - 0.01 * plant.height) / (0.055 * plant.height)
    darkness = limited(1.3 - 1.3 * (across * across + down * down))
    darkness *= 0.2 if frame.scene.hour == "overcast" else 0.5
    frame.colour[:, rows, first:last] *= 1 - darkness * rgb(1.0, 0.92, 0.78)


def plant_colours(scene: Scene, plant: Plant) -> tuple[Array, Array, Array]:
    """Shadow, light and accent colour of a plant, before the light."""
    season = SEASON[scene.season]
    share = 0.5 + 0.5 * plant.tone
    snowy = season.snow > 0
    if plant.species == "conifer":
        lit = rgb(0.62, 0.68, 0.72) if snowy else rgb(0.24, 0.36, 0.16)
        return rgb(0.05, 0.11, 0.07), mix(lit, lit * rgb(0.9, 1.1, 0.9), share), rgb(0.24, 0.17, 0.12)
    if plant.species == "haystack":
        return rgb(0.36, 0.26, 0.18), rgb(0.96, 0.94, 0.92) if snowy else rgb(0.95, 0.76, 0.38), rgb(0.62, 0.44, 0.24)
    if plant.species == "house":
        roof = SNOW * 0.92 if snowy else mix(rgb(0.62, 0.28, 0.18), rgb(0.36, 0.38, 0.44), share)
        return rgb(0.26, 0.22, 0.22), mix(rgb(0.92, 0.88, 0.80), rgb(0.84, 0.70, 0.52), share), roof
    if plant.species == "boat":
        sail = mix(rgb(1.0, 0.97, 0.90), rgb(0.86, 0.42, 0.22), max(plant.tone, 0))
        return rgb(0.60, 0.58, 0.56), sail, rgb(0.26, 0.17, 0.12)
    if scene.season == "spring":
        share = 1.0 if plant.tone > 0.75 else 0.0  # in blossom or not, nothing between
    (low_shadow, low_lit), (high_shadow, high_lit) = season.leaf
    trunk = rgb(0.46, 0.44, 0.44) if snowy else rgb(0.30, 0.23, 0.17)
    return mix(low_shadow, high_shadow, share), mix(low_lit, high_lit, share), trunk


def lay(
    frame: Frame, sprite: Sprite, shadow: Array, lit: Array, accent: Array, opacity: float, wet: bool = False
) -> None:
    """Composite a sprite whose planes are already multiplied by its cover."""
    rows, columns = sprite.rows, sprite.columns
    target = frame.colour[:, rows, columns]
    keep = 1 - opacity * sprite.cover
    target *= keep
    target += (shadow * opacity) * sprite.cover
    target += ((lit - shadow) * opacity) * sprite.light
    target += ((accent - mix(shadow, lit, 0.4)) * opacity) * sprite.accent
    frame.sky[rows, columns] *= keep
    if not wet:
        frame.wet[rows, columns] *= keep
