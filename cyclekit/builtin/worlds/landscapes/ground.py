"""What lies flat: fields, paths, water and its shores."""

from __future__ import annotations

import numpy as np

from ..noise import Array
from .composition import Water, river_center
from .frame import Frame, limited, mix, ramp
from .light import EARTH, SAND, SNOW, rgb


def ground_paint(frame: Frame, rows: slice, kind: str) -> Array:
    """Lit colours (3, rows, W) of the plain that runs from the horizon to the viewer's feet."""
    scene, noise, season = frame.scene, frame.noise, frame.season
    distance = limited((noise.y[rows] - scene.horizon) / (1 - scene.horizon), 0.004, 1.2)
    blades = noise.receding(rows, distance, 26, 1.2, 211)
    patches = noise.receding(rows, distance, 3.0, 4.0, 223)
    low, high = {"crop": season.crop, "sand": SAND, "heath": season.heath}.get(kind, season.grass)
    colour = mix(low, high, limited(0.5 + 0.28 * patches + 0.13 * blades))
    if kind == "crop":
        vanishing = 0.5 + 0.4 * np.sin(scene.warmth * 9)
        rate = 42.0
        across = (noise.x - vanishing) / distance[:, None]
        visible = limited(1.6 - 3 * rate / 6.28 / (distance * frame.height))[:, None]
        colour *= 1 + 0.13 * np.cos(across * rate + 0.6 * patches) * visible
    if season.flowers and kind in ("meadow", "heath"):
        rare = 1.9 - 3 * season.flowers
        bloom = ramp(blades + 0.9 * patches, rare, rare + 0.5) * ramp(distance, 0.02, 0.3)[:, None]
        colour += (0.75 * bloom) * (frame.light.flower - colour)
    if kind != "sand" and season.snow:
        drift = ramp(0.35 * patches + 0.22 * blades, -0.95, -0.50) * season.snow
        colour += drift * (SNOW - colour)
    elif season.snow:
        colour += (0.5 * ramp(patches, -0.2, 0.8)) * (SNOW - colour)
    # clouds throw shadows; with a closed or clear sky there is nothing to see
    cloud = noise.fractal(rows, 1.2, 4.0, 2, 0.5, 239)
    shade = limited(0.80 + 0.10 * blades - ramp(cloud, 0.2, 1.2) * (1.6 * scene.clouds * (1 - scene.clouds)), 0, 1.1)
    if kind in ("meadow", "heath") and not season.snow:
        shade -= 0.10 * ramp(distance, 0.5, 1.0)[:, None]
    paint = frame.light.on(colour, shade)
    haze = (0.55 * scene.haze * np.exp(-6 * distance)).astype(np.float32)[:, None]
    paint += haze * (frame.light.hour.horizon - paint)
    return paint


def draw_ground(frame: Frame, top: float, bottom: float = 1.0, wavy: float = 0.0) -> None:
    """The plain from `top` down to `bottom`; its edge waves by `wavy`."""
    edge = top - wavy * frame.noise.line(1.6, 4, 0.45, 251)
    rows = frame.rows(float(edge.min()), bottom)
    if rows.stop <= rows.start:
        return
    paint = ground_paint(frame, rows, frame.scene.ground)
    frame.cover(rows, paint, frame.below(edge, rows))
    if frame.scene.path is not None:
        draw_path(frame, frame.scene.path)


def draw_path(frame: Frame, foot: float) -> None:
    scene, noise = frame.scene, frame.noise
    rows = frame.rows(scene.horizon, 1.0)
    depth = limited((noise.y[rows] - scene.horizon) / (1 - scene.horizon))[:, None]
    middle = 0.5 + (foot - 0.5) * depth + 0.22 * (1 - depth) * depth * np.sin(scene.warmth * 20 + 6 * np.sqrt(depth))
    ragged = noise.receding(rows, depth[:, 0], 8, 2.0, 263)
    amount = limited((0.085 * depth * (1 + 0.18 * ragged) - np.abs(noise.x - middle)) * frame.height * 0.6 + 0.5)
    amount *= ramp(depth, 0.02, 0.15) * 0.85
    colour = mix(*EARTH, limited(0.5 + 0.4 * ragged))
    colour += 0.6 * frame.season.snow * (SNOW - colour)
    frame.cover(rows, frame.light.on(colour, 0.75), amount)


def draw_water(frame: Frame, water: Water) -> None:
    scene, noise, light = frame.scene, frame.noise, frame.light
    rows = frame.rows(water.top, 1.0 if water.kind == "river" else min(water.bottom + 0.08, 1.0))
    if rows.stop <= rows.start:
        return
    y = noise.y[rows]
    depth = limited((y - water.top) / (1 - water.top))
    distance = limited((y - scene.horizon) / (1 - scene.horizon), 0.01, 1.2)
    ripples = noise.receding(rows, distance, 9.0, 3.4, 307)
    rough = water.roughness * (0.15 if scene.season == "winter" and water.kind == "lake" else 1.0)
    # the mirror image, torn sideways and, more, up and down by the ripples
    strength = rough * depth[:, None]
    source = (2 * water.top - y)[:, None] * frame.height - 0.5 + ripples * strength * (0.085 * frame.height)
    source = limited(np.rint(source), 0, max(min(rows.start, frame.height - 1), 0)).astype(np.intp)
    columns = np.arange(frame.width) + np.rint(ripples * strength * (0.02 * frame.height)).astype(np.intp)
    np.clip(columns, 0, frame.width - 1, out=columns)
    source *= frame.width
    source += columns
    mirrored = frame.colour.reshape(3, -1)[:, source]
    # a mirror image is as far away as what it mirrors; what the water itself shows, as far as the water
    near = mix(frame.plain[rows], np.minimum(frame.nearness.reshape(-1)[source], frame.plain[rows]), 0.7)
    deep = light.hour.zenith * rgb(0.36, 0.46, 0.50) + light.ambient * rgb(0.05, 0.12, 0.12)
    fresnel = limited(0.80 - 0.42 * depth[:, None] * min(rough, 1.0) + 0.20 * ripples * min(rough, 1.0), 0.15, 0.96)
    paint = mix(deep, mirrored * 0.94, fresnel)
    glitter = 1 / (1 + ((noise.x - scene.sun_x) / (0.05 + 0.16 * depth[:, None])) ** 2)
    glitter *= ramp(ripples, 0.5, 1.3) * (0.0 if scene.hour == "overcast" else 0.75 * min(rough + 0.2, 1.0))
    paint += glitter * (np.minimum(light.hour.horizon + light.hour.glow, 1) - paint)
    if scene.season == "winter" and water.kind == "lake":
        ice = ramp(noise.receding(rows, distance, 2.5, 4.0, 331), -0.3, 0.6)
        paint += (0.6 * ice) * (light.on(SNOW, 0.7) - paint)
    if water.kind == "river":
        across = river_center(water, distance[:, None]) - noise.x
        bank = water.half_width * distance[:, None] + 0.012 * ripples * distance[:, None]
        amount = limited((bank - np.abs(across)) * frame.height + 0.5) * frame.below(water.top, rows)
        paint *= 1 - 0.35 * ramp(np.abs(across) / np.maximum(bank, 0.004), 0.82, 1.0)
    else:
        amount = frame.below(water.top, rows)
    if water.kind == "sea":
        crests = noise.receding(rows, distance, 2.2, 7.0, 317)
        foam = ramp(crests + 0.35 * ripples, 1.5 - 0.5 * rough, 2.2 - 0.5 * rough) * ramp(depth, 0.05, 0.4)[:, None]
        paint += (0.8 * foam) * (light.on(SNOW, 0.85) - paint)
    frame.cover(rows, paint, amount, wet=True, near=near)


def draw_shore(frame: Frame, water: Water) -> None:
    """The near bank, and at the sea the surf that runs up on it."""
    if water.bottom >= 1.1:
        return
    noise = frame.noise
    if water.kind == "sea":
        surf = water.bottom - 0.03 * noise.line(1.6, 4, 0.45, 251)
        rows = frame.rows(float(surf.min()) - 0.03, float(surf.max()) + 0.03)
        if rows.stop > rows.start:
            lace = noise.fractal(rows, 9, 2.5, 4, 0.7, 347)
            near = 1 - np.abs(noise.y[rows, None] - surf + 0.006) * 38
            frame.cover(rows, frame.light.on(SNOW, 0.9), limited(near + 0.4 * lace, 0, 0.9), wet=True)
    draw_ground(frame, water.bottom, wavy=0.03)
