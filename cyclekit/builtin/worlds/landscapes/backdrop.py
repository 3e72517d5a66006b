"""What stands at the back: sky, clouds, and the hills and mountains against them."""

from __future__ import annotations

import numpy as np

from ..noise import Array
from .composition import Ridge
from .frame import Frame, limited, mix, moved, near_of_ridge, ramp
from .light import ROCK, SNOW, rgb


def draw_sky(frame: Frame) -> None:
    scene, noise, hour = frame.scene, frame.noise, frame.light.hour
    rows = frame.rows(0.0, min(scene.horizon + 0.12, 1.0))
    height = limited(1 - noise.y[rows] / scene.horizon)[:, None]  # 0 at the horizon, 1 at the top
    gradient = mix(mix(hour.horizon, hour.middle, ramp(height, 0, 0.45)), hour.zenith, ramp(height, 0.25, 1.0))
    frame.colour[:] = hour.horizon
    sky = frame.colour[:, rows]
    sky[:] = gradient
    across, down = noise.x - scene.sun_x, noise.y[rows, None] - scene.sun_y
    squared = across * across + down * down
    glow = 1 / (1 + squared * 28)
    sky += hour.glow * (glow * glow)
    visible = scene.hour != "overcast" and scene.clouds < 0.8
    if visible:
        # a high sun is too bright to have an edge; a low one, and the moon, are discs
        radius = {"moonlight": 0.030, "day": 0.010}.get(scene.hour, 0.022)
        sky += (0.5 / (1 + squared * 400)) * (1 if scene.hour != "moonlight" else 0.3)
        disc = limited((radius - np.sqrt(squared)) * frame.height + 0.5)
        sky += disc * (rgb(1.0, 0.98, 0.86) - sky)
    draw_clouds(frame, rows, height, glow)
    np.clip(frame.colour, 0, 1, out=frame.colour)


def draw_clouds(frame: Frame, rows: slice, height: Array, glow: Array) -> None:
    scene, hour = frame.scene, frame.light.hour
    if scene.clouds < 0.08:
        return
    forms = {"cumulus": (1.8, 0.58, 0.5), "cirrus": (4.5, 0.64, 1.6), "layer": (3.4, 0.56, 1.3)}
    stretch, gain, soft = forms[scene.cloud_form]
    form = frame.noise.fractal(rows, 2.0 / scene.cloud_size, stretch, 6, gain, 11)
    form -= 0.35 * np.abs(height - 0.45)  # most cloud stands at middle height
    threshold = 1.25 - 2.3 * scene.clouds
    density = ramp(form, threshold, threshold + soft)
    density *= ramp(height, -0.05, 0.22) * (2 - density)
    # light comes from the sun's side and from above: where the cloud is thinner towards it, the cloud is bright
    down, across = max(1, round(0.022 * frame.height)), max(1, round(0.016 * frame.height))
    towards = moved(form, down, -across * frame.light.side)
    bright = limited(0.62 + 0.50 * (form - towards) - 0.22 * density)
    if scene.hour == "overcast":
        shadow, lit = hour.zenith * 0.80, hour.horizon * 1.05
    else:
        shadow = hour.middle * 0.55 + hour.ambient * 0.62
        lit = np.minimum(hour.horizon * 0.45 + hour.direct * 0.62 + 0.02, 1.0)
    paint = mix(shadow, lit, bright)
    paint += hour.glow * (0.6 * glow)
    sky = frame.colour[:, rows]
    sky += (density * (0.75 if scene.cloud_form == "cirrus" else 0.95)) * (paint - sky)


def draw_ridge(frame: Frame, ridge: Ridge, rank: int) -> None:
    noise, light, salt = frame.noise, frame.light, 101 + 31 * rank
    rocky = ridge.cover == "rock"
    crest = noise.line(ridge.frequency, 7 if rocky else 4, 0.5 if rocky else 0.34, salt)
    shape = 1.25 - np.abs(crest) * 0.9 if rocky else 0.75 + 0.32 * crest
    if ridge.side:
        reach = ramp(noise.x * -ridge.side, -0.62 if ridge.side > 0 else 0.38, -0.30 if ridge.side > 0 else 0.70)
        shape = np.maximum(shape, 0.3) * reach * reach * (3 - 2 * reach) - 0.02
    edge = ridge.foot - ridge.height * np.maximum(shape, 0 if not ridge.side else -0.1)
    if ridge.cover == "wood":
        edge = edge - (0.010 - 0.005 * ridge.distance) * noise.line(19, 4, 0.75, salt + 3)
    rows = frame.rows(float(edge.min()), ridge.foot)
    if rows.stop <= rows.start:
        return
    amount = frame.below(edge, rows)
    depth = noise.y[rows, None] - edge  # below the crest
    paint = ridge_paint(frame, ridge, rows, depth, salt)
    haze = ridge.distance * (0.45 + 0.55 * frame.scene.haze) + 0.10
    veil = limited(haze * (0.62 + 0.55 * depth / max(ridge.height, 0.03)), 0, 0.92)
    air = mix(light.hour.horizon, light.hour.middle, 0.35 + 0.25 * ridge.distance) * rgb(0.94, 0.97, 1.0)
    paint += veil * (air - paint)
    frame.cover(rows, paint, amount, near=near_of_ridge(ridge.distance))


def ridge_paint(frame: Frame, ridge: Ridge, rows: slice, depth: Array, salt: int) -> Array:
    """Lit colours (3, rows, W) of a ridge before the haze."""
    noise, light, season = frame.noise, frame.light, frame.season
    step = max(1, round(0.012 * frame.height))
    if ridge.cover == "field":
        parcels = noise.fractal(rows, 2.2 + 2 * ridge.distance, 4.0, 2, 0.5, salt + 5)
        fine = noise.fractal(rows, 24, 2.0, 3, 0.7, salt + 6)
        colour = mix(season.grass[0], season.grass[1], limited(0.5 + 0.8 * parcels + 0.18 * fine))
        colour += ramp(parcels, 0.55, 0.65) * (mix(*season.crop, 0.5) - colour)
        hedge = ramp(np.abs(parcels + 0.3), 0.16, 0.04) * (0.6 + 0.3 * fine).clip(0, 1)
        colour += season.snow * limited(0.9 + 0.2 * fine) * (SNOW - colour)
        colour += hedge * (season.wood[0] - colour)
        return light.on(colour, limited(0.72 + 0.15 * parcels))
    if ridge.cover == "wood":
        crowns = noise.fractal(rows, 18 + 20 * ridge.distance, 1.3, 4, 0.8, salt + 5)
        lit = limited(0.38 + 0.24 * crowns + 0.12 * light.side * moved(crowns, 0, step))
        stands = noise.fractal(rows, 4, 1.5, 3, 0.6, salt + 6)
        colour = mix(season.wood[0], season.wood[1], limited(0.45 + 0.35 * stands + 0.2 * crowns))
        return light.on(colour, lit)
    gullies = noise.fractal(rows, 3.5, 0.8, 6, 0.62, salt + 5)
    slope = moved(gullies, 0, step * light.side) - gullies
    shade = limited(0.50 - 1.5 * slope + 0.1 * gullies)
    colour = mix(ROCK[0], ROCK[1], limited(0.5 + 0.3 * gullies))
    altitude = 1.1 - depth / max(ridge.height, 0.05)
    colour += (ramp(altitude + 0.10 * gullies, 0.62, 0.42) * 0.85) * (mix(*season.wood, 0.4) - colour)
    white = ramp(altitude + 0.13 * gullies + 0.25 * slope * light.side, season.snowline, season.snowline + 0.12)
    colour += white * (SNOW - colour)
    return light.on(colour, shade)
