"""From a Scene to colours: sky, hills, ground, water and plants, laid over each other from far to near."""

from __future__ import annotations

import numpy as np

from .composition import LEAFY, Plant, Ridge, Scene, Water, river_center
from .light import EARTH, ROCK, SAND, SEASON, SNOW, Light, light_of, rgb
from .noise import Array, Noise
from .sprites import place


class Frame:
    """The picture in the making. `colour` (3, H, W); `sky` and `wet` (H, W) say how much of a pixel is sky or water, 0 to 1."""

    def __init__(self, scene: Scene, height: int, width: int) -> None:
        self.scene, self.light, self.season = scene, light_of(scene), SEASON[scene.season]
        self.noise = Noise((scene.seed, scene.index, 2), height, width)
        self.height, self.width = height, width
        self.colour = np.empty((3, height, width), np.float32)
        self.sky = np.ones((height, width), np.float32)
        self.wet = np.zeros((height, width), np.float32)

    def rows(self, top: float, bottom: float) -> slice:
        """The pixel rows that y from `top` to `bottom` touches."""
        first = int(np.clip(np.floor(top * self.height - 1), 0, self.height))
        return slice(first, int(np.clip(np.ceil(bottom * self.height + 1), first, self.height)))

    def below(self, edge: Array, rows: slice) -> Array:
        """Antialiased cover (rows, W) of what lies below the curve `edge` (W,) or (1,)."""
        return np.clip((self.noise.y[rows, None] - edge) * self.height + 0.5, 0, 1)

    def cover(self, rows: slice, paint: Array, amount: Array, wet: bool = False) -> None:
        """Lay `paint` (3, rows, W) or (3, 1, 1) over the picture where `amount` (rows, W) is 1."""
        target = self.colour[:, rows]
        target += amount * (paint - target)
        self.sky[rows] *= 1 - amount
        if wet:
            self.wet[rows] += amount * (1 - self.wet[rows])
        else:
            self.wet[rows] *= 1 - amount


def mix(first: Array, second: Array, share: Array | float) -> Array:
    return first + (second - first) * share


def ramp(values: Array, low: float, high: float) -> Array:
    """0 below `low`, 1 above `high`, straight between."""
    return np.clip((values - low) * (1 / (high - low)), 0, 1)


def moved(field: Array, down: int, across: int) -> Array:
    """`field` (h, w) moved by whole pixels; what comes in at the edges repeats them."""
    height, width = field.shape
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    columns = np.clip(np.arange(width) - across, 0, width - 1)
    return field[rows].take(columns, axis=1)


def draw_sky(frame: Frame) -> None:
    scene, noise, hour = frame.scene, frame.noise, frame.light.hour
    rows = frame.rows(0.0, min(scene.horizon + 0.12, 1.0))
    height = np.clip(1 - noise.y[rows] / scene.horizon, 0, 1)[:, None]  # 0 at the horizon, 1 at the top
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
        disc = np.clip((radius - np.sqrt(squared)) * frame.height + 0.5, 0, 1)
        sky += disc * (rgb(1.0, 0.98, 0.86) - sky)
    draw_clouds(frame, rows, height, glow)
    np.clip(frame.colour, 0, 1, out=frame.colour)


def draw_clouds(frame: Frame, rows: slice, height: Array, glow: Array) -> None:
    scene, hour = frame.scene, frame.light.hour
    if scene.clouds < 0.08:
        return
    stretch, gain, soft = {"cumulus": (1.8, 0.58, 0.5), "cirrus": (4.5, 0.64, 1.6), "layer": (3.4, 0.56, 1.3)}[scene.cloud_form]
    form = frame.noise.fractal(rows, 2.0 / scene.cloud_size, stretch, 6, gain, 11)
    form -= 0.35 * np.abs(height - 0.45)  # most cloud stands at middle height
    threshold = 1.25 - 2.3 * scene.clouds
    density = ramp(form, threshold, threshold + soft)
    density *= ramp(height, -0.05, 0.22) * (2 - density)
    # light comes from the sun's side and from above: where the cloud is thinner towards it, the cloud is bright
    down, across = max(1, round(0.022 * frame.height)), max(1, round(0.016 * frame.height))
    towards = moved(form, down, -across * frame.light.side)
    bright = np.clip(0.62 + 0.50 * (form - towards) - 0.22 * density, 0, 1)
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
    veil = np.clip(haze * (0.62 + 0.55 * depth / max(ridge.height, 0.03)), 0, 0.92)
    air = mix(light.hour.horizon, light.hour.middle, 0.35 + 0.25 * ridge.distance) * rgb(0.94, 0.97, 1.0)
    paint += veil * (air - paint)
    frame.cover(rows, paint, amount)


def ridge_paint(frame: Frame, ridge: Ridge, rows: slice, depth: Array, salt: int) -> Array:
    """Lit colours (3, rows, W) of a ridge before the haze."""
    noise, light, season = frame.noise, frame.light, frame.season
    step = max(1, round(0.012 * frame.height))
    if ridge.cover == "field":
        parcels = noise.fractal(rows, 2.2 + 2 * ridge.distance, 4.0, 2, 0.5, salt + 5)
        fine = noise.fractal(rows, 24, 2.0, 3, 0.7, salt + 6)
        colour = mix(season.grass[0], season.grass[1], np.clip(0.5 + 0.8 * parcels + 0.18 * fine, 0, 1))
        colour += ramp(parcels, 0.55, 0.65) * (mix(*season.crop, 0.5) - colour)
        hedge = ramp(np.abs(parcels + 0.3), 0.16, 0.04) * (0.6 + 0.3 * fine).clip(0, 1)
        colour += season.snow * np.clip(0.9 + 0.2 * fine, 0, 1) * (SNOW - colour)
        colour += hedge * (season.wood[0] - colour)
        return light.on(colour, np.clip(0.72 + 0.15 * parcels, 0, 1))
    if ridge.cover == "wood":
        crowns = noise.fractal(rows, 18 + 20 * ridge.distance, 1.3, 4, 0.8, salt + 5)
        lit = np.clip(0.38 + 0.24 * crowns + 0.12 * light.side * moved(crowns, 0, step), 0, 1)
        stands = noise.fractal(rows, 4, 1.5, 3, 0.6, salt + 6)
        colour = mix(season.wood[0], season.wood[1], np.clip(0.45 + 0.35 * stands + 0.2 * crowns, 0, 1))
        return light.on(colour, lit)
    gullies = noise.fractal(rows, 3.5, 0.8, 6, 0.62, salt + 5)
    slope = moved(gullies, 0, step * light.side) - gullies
    shade = np.clip(0.50 - 1.5 * slope + 0.1 * gullies, 0, 1)
    colour = mix(ROCK[0], ROCK[1], np.clip(0.5 + 0.3 * gullies, 0, 1))
    altitude = 1.1 - depth / max(ridge.height, 0.05)
    colour += (ramp(altitude + 0.10 * gullies, 0.62, 0.42) * 0.85) * (mix(*season.wood, 0.4) - colour)
    white = ramp(altitude + 0.13 * gullies + 0.25 * slope * light.side, season.snowline, season.snowline + 0.12)
    colour += white * (SNOW - colour)
    return light.on(colour, shade)


def ground_paint(frame: Frame, rows: slice, kind: str) -> Array:
    """Lit colours (3, rows, W) of the plain that runs from the horizon to the viewer's feet."""
    scene, noise, season = frame.scene, frame.noise, frame.season
    distance = np.clip((noise.y[rows] - scene.horizon) / (1 - scene.horizon), 0.004, 1.2)
    blades = noise.receding(rows, distance, 26, 1.2, 211)
    patches = noise.receding(rows, distance, 3.0, 4.0, 223)
    low, high = {"crop": season.crop, "sand": SAND, "heath": season.heath}.get(kind, season.grass)
    colour = mix(low, high, np.clip(0.5 + 0.28 * patches + 0.13 * blades, 0, 1))
    if kind == "crop":
        vanishing = 0.5 + 0.4 * np.sin(scene.warmth * 9)
        rate = 42.0
        across = (noise.x - vanishing) / distance[:, None]
        visible = np.clip(1.6 - 3 * rate / 6.28 / (distance * frame.height), 0, 1)[:, None]
        colour *= 1 + 0.13 * np.cos(across * rate + 0.6 * patches) * visible
    if season.flowers and kind in ("meadow", "heath"):
        bloom = ramp(blades + 0.9 * patches, 1.9 - 3 * season.flowers, 2.4 - 3 * season.flowers) * ramp(distance, 0.02, 0.3)[:, None]
        colour += (0.75 * bloom) * (frame.light.flower - colour)
    if kind != "sand" and season.snow:
        drift = ramp(0.35 * patches + 0.22 * blades, -0.95, -0.50) * season.snow
        colour += drift * (SNOW - colour)
    elif season.snow:
        colour += (0.5 * ramp(patches, -0.2, 0.8)) * (SNOW - colour)
    # clouds throw shadows; with a closed or clear sky there is nothing to see
    cloud = noise.fractal(rows, 1.2, 4.0, 2, 0.5, 239)
    shade = np.clip(0.80 + 0.10 * blades - ramp(cloud, 0.2, 1.2) * (1.6 * scene.clouds * (1 - scene.clouds)), 0, 1.1)
    if kind in ("meadow", "heath") and not season.snow:
        shade -= 0.10 * ramp(distance, 0.5, 1.0)[:, None]
    paint = frame.light.on(colour, shade)
    haze = (0.55 * scene.haze * np.exp(-6 * distance)).astype(np.float32)[:, None]
    paint += haze * (frame.light.hour.horizon - paint)
    return paint


def draw_ground(frame: Frame, top: float, wavy: float) -> None:
    edge = top - wavy * frame.noise.line(1.6, 4, 0.45, 251)
    rows = frame.rows(float(edge.min()), 1.0)
    if rows.stop <= rows.start:
        return
    paint = ground_paint(frame, rows, frame.scene.ground)
    frame.cover(rows, paint, frame.below(edge, rows))
    if frame.scene.path is not None:
        draw_path(frame, frame.scene.path)


def draw_path(frame: Frame, foot: float) -> None:
    scene, noise = frame.scene, frame.noise
    rows = frame.rows(scene.horizon, 1.0)
    depth = np.clip((noise.y[rows] - scene.horizon) / (1 - scene.horizon), 0, 1)[:, None]
    middle = 0.5 + (foot - 0.5) * depth + 0.22 * (1 - depth) * depth * np.sin(scene.warmth * 20 + 6 * np.sqrt(depth))
    ragged = noise.receding(rows, depth[:, 0], 8, 2.0, 263)
    amount = np.clip((0.085 * depth * (1 + 0.18 * ragged) - np.abs(noise.x - middle)) * frame.height * 0.6 + 0.5, 0, 1)
    amount *= ramp(depth, 0.02, 0.15) * 0.85
    colour = mix(*EARTH, np.clip(0.5 + 0.4 * ragged, 0, 1))
    colour += 0.6 * frame.season.snow * (SNOW - colour)
    frame.cover(rows, frame.light.on(colour, 0.75), amount)


def draw_water(frame: Frame, water: Water) -> None:
    scene, noise, light = frame.scene, frame.noise, frame.light
    rows = frame.rows(water.top, 1.0 if water.kind == "river" else min(water.bottom + 0.08, 1.0))
    if rows.stop <= rows.start:
        return
    y = noise.y[rows]
    depth = np.clip((y - water.top) / (1 - water.top), 0, 1)
    distance = np.clip((y - scene.horizon) / (1 - scene.horizon), 0.01, 1.2)
    ripples = noise.receding(rows, distance, 9.0, 3.4, 307)
    rough = water.roughness * (0.15 if scene.season == "winter" and water.kind == "lake" else 1.0)
    # the mirror image, torn sideways and, more, up and down by the ripples
    strength = rough * depth[:, None]
    source = (2 * water.top - y)[:, None] * frame.height - 0.5 + ripples * strength * (0.085 * frame.height)
    source = np.clip(np.rint(source), 0, max(min(rows.start, frame.height - 1), 0)).astype(np.intp)
    columns = np.arange(frame.width) + np.rint(ripples * strength * (0.02 * frame.height)).astype(np.intp)
    np.clip(columns, 0, frame.width - 1, out=columns)
    source *= frame.width
    source += columns
    mirrored = frame.colour.reshape(3, -1)[:, source]
    deep = light.hour.zenith * rgb(0.36, 0.46, 0.50) + light.ambient * rgb(0.05, 0.12, 0.12)
    fresnel = np.clip(0.80 - 0.42 * depth[:, None] * min(rough, 1.0) + 0.20 * ripples * min(rough, 1.0), 0.15, 0.96)
    paint = mix(deep, mirrored * 0.94, fresnel)
    glitter = 1 / (1 + ((noise.x - scene.sun_x) / (0.05 + 0.16 * depth[:, None])) ** 2)
    glitter *= ramp(ripples, 0.5, 1.3) * (0.0 if scene.hour == "overcast" else 0.75 * min(rough + 0.2, 1.0))
    paint += glitter * (np.minimum(light.hour.horizon + light.hour.glow, 1) - paint)
    if scene.season == "winter" and water.kind == "lake":
        ice = ramp(noise.receding(rows, distance, 2.5, 4.0, 331), -0.3, 0.6)
        paint += (0.6 * ice) * (light.on(SNOW, 0.7) - paint)
    if water.kind == "river":
        across = river_center(water, scene.horizon, distance[:, None]) - noise.x
        bank = water.half_width * distance[:, None] + 0.012 * ripples * distance[:, None]
        amount = np.clip((bank - np.abs(across)) * frame.height + 0.5, 0, 1) * frame.below(np.float32([water.top]), rows)
        paint *= 1 - 0.35 * ramp(np.abs(across) / np.maximum(bank, 0.004), 0.82, 1.0)
    else:
        amount = frame.below(np.float32([water.top]), rows)
    if water.kind == "sea":
        crests = noise.receding(rows, distance, 2.2, 7.0, 317)
        foam = ramp(crests + 0.35 * ripples, 1.5 - 0.5 * rough, 2.2 - 0.5 * rough) * ramp(depth, 0.05, 0.4)[:, None]
        paint += (0.8 * foam) * (light.on(SNOW, 0.85) - paint)
    frame.cover(rows, paint, amount, wet=True)


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
            frame.cover(rows, frame.light.on(SNOW, 0.9), np.clip(near + 0.4 * lace, 0, 0.9), wet=True)
    draw_ground(frame, water.bottom, 0.03)


def draw_plant(frame: Frame, plant: Plant, rank: int) -> None:
    scene, light, season = frame.scene, frame.light, frame.season
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
    depth = np.clip((plant.foot - scene.horizon) / (1 - scene.horizon), 0, 1)
    haze = float(0.30 * scene.haze * np.exp(-5 * depth))
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
    lay(frame, sprite, shadow, lit, accent, 1.0, wet=False)


def cast_shadow(frame: Frame, plant: Plant, left: float, size: float) -> None:
    """A soft dark ellipse on the ground, away from the light."""
    narrow = {"poplar": 0.22, "conifer": 0.4}.get(plant.species, 0.8)
    middle = left + size / 2 - frame.light.side * size * 0.12
    rows = frame.rows(plant.foot - 0.05 * plant.height, plant.foot + 0.07 * plant.height)
    half = size * narrow * 0.62
    first, last = (int(np.clip(middle + sign * half, 0, frame.width)) for sign in (-1, 1))
    if last <= first or rows.stop <= rows.start:
        return
    across = (np.arange(first, last, dtype=np.float32) + 0.5 - middle) / half
    down = (frame.noise.y[rows, None] - plant.foot - 0.01 * plant.height) / (0.055 * plant.height)
    darkness = np.clip(1.3 - 1.3 * (across * across + down * down), 0, 1) * (0.2 if frame.scene.hour == "overcast" else 0.5)
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
        return rgb(0.60, 0.58, 0.56), mix(rgb(1.0, 0.97, 0.90), rgb(0.86, 0.42, 0.22), max(plant.tone, 0)), rgb(0.26, 0.17, 0.12)
    if scene.season == "spring":
        share = 1.0 if plant.tone > 0.75 else 0.0  # in blossom or not, nothing between
    (low_shadow, low_lit), (high_shadow, high_lit) = season.leaf
    trunk = rgb(0.46, 0.44, 0.44) if snowy else rgb(0.30, 0.23, 0.17)
    return mix(low_shadow, high_shadow, share), mix(low_lit, high_lit, share), trunk


def lay(frame: Frame, sprite, shadow: Array, lit: Array, accent: Array, opacity: float, wet: bool) -> None:
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


def render(scene: Scene, height: int, width: int) -> Frame:
    """The scene in flat, clean colours: what the camera and the painter both look at."""
    frame = Frame(scene, height, width)
    draw_sky(frame)
    for rank, ridge in enumerate(scene.ridges):
        draw_ridge(frame, ridge, rank)
    far = scene.water.top + 0.01 if scene.water and scene.water.kind != "river" else scene.horizon + 0.01
    plants = list(enumerate(scene.plants))
    if scene.water is None or scene.water.kind == "river":
        draw_ground(frame, scene.horizon, 0.0)
    else:
        draw_ground(frame, scene.water.top - 0.004, 0.0) if scene.water.kind == "lake" else None
    for rank, plant in plants:
        if plant.foot <= far:
            draw_plant(frame, plant, rank)
    if scene.water:
        draw_water(frame, scene.water)
        if scene.water.kind != "river":
            draw_shore(frame, scene.water)
    for rank, plant in plants:
        if plant.foot > far:
            draw_plant(frame, plant, rank)
    return frame


def photograph_planes(scene: Scene, height: int, width: int) -> Array:
    """The scene through a camera: contrast, a slight vignette, sensor grain. (3, H, W) in [0, 1]."""
    frame = render(scene, height, width)
    planes = np.clip(frame.colour, 0, 1, out=frame.colour)
    # an S curve around mid grey: deep blacks and clear lights are what tells film from paint
    planes += 0.50 * planes * (1 - planes) * (2 * planes - 0.92)
    across, down = frame.noise.x - 0.5, frame.noise.y[:, None] - 0.5
    planes *= 1.02 - 0.16 * (across * across / max(1.0, (width / height) ** 2) + down * down)
    grain = np.random.Generator(np.random.PCG64(np.random.SeedSequence((scene.seed, scene.index, 4, height, width))))
    planes += (grain.random((height, width), dtype=np.float32) - 0.5) * 0.028
    return np.clip(planes, 0, 1, out=planes)


