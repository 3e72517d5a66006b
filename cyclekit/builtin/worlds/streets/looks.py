"""The three looks of a street: class ids, a game's rendering, a camera's picture."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from ..noise import Array, Noise, generator
from .drawing import Shape, draw, numbered, shadows
from .materials import MATERIALS, NAMES, Colour
from .scene import Scene

FINE = 2  # pixels drawn per pixel shown, each way
TEXTURES = ("smooth", "ground", "wall", "leaves")
GAME_LIGHT = {"up": 1.0, "front": 1.0, "left": 0.86, "right": 0.74, "round": 1.0}


def labels(scene: Scene, size: int) -> np.ndarray:
    """The id of the class in the middle of every pixel: uint8 (size, size)."""
    shapes = draw(scene)
    return by_shape(shapes)[coarse(numbered(shapes, FINE * size))]


def rendered(scene: Scene, size: int) -> np.ndarray:
    """Flat colours, one for each surface and side, no shadows, no air: uint8 (size, size, 3)."""
    shapes = draw(scene)
    colours = np.array([chosen(MATERIALS[one.material].game, one.tone) for one in shapes], np.float32)
    colours *= np.array([[GAME_LIGHT[one.facing]] for one in shapes], np.float32)
    picture = colours.astype(np.uint8)[numbered(shapes, FINE * size)]
    return np.asarray(Image.fromarray(picture).reduce(FINE))


def camera(scene: Scene, size: int) -> np.ndarray:
    """Worn surfaces in sun or under cloud, shadows, haze and a lens: uint8 (size, size, 3)."""
    shapes = draw(scene)
    numbers = numbered(shapes, FINE * size)
    noise = Noise((scene.seed, scene.index, 2), size, size)
    shown = coarse(numbers)
    light = reduced(lit_colours(scene, shapes)[numbers])
    light *= worn(scene, noise, np.array([TEXTURES.index(MATERIALS[one.material].texture) for one in shapes])[shown])
    light *= shaded(scene, shapes, shown)
    air = sky(scene, noise)
    is_sky = by_shape(shapes)[shown] == NAMES.index("sky")
    veil = 1 - np.exp(-scene.haze / 55 * distances(scene, shapes, shown, noise))
    veil[is_sky] = reduced((numbers == 0)[..., None].astype(np.float32))[..., 0][is_sky]
    light += veil[..., None] * (air - light)
    return exposed(scene, light, noise)


def coarse(fine: np.ndarray) -> np.ndarray:
    """(FINE * S, FINE * S) to (S, S): the drawn pixel just right of and below each shown pixel's middle."""
    return fine[FINE // 2 :: FINE, FINE // 2 :: FINE]


def reduced(planes: Array) -> Array:
    """Means over the drawn pixels of each shown one: (FINE * S, FINE * S, C) to (S, S, C)."""
    height, width, channels = planes.shape
    blocks = planes.reshape(height // FINE, FINE, width // FINE, FINE, channels)
    return np.asarray(blocks.mean(axis=(1, 3)))


def by_shape(shapes: list[Shape]) -> np.ndarray:
    """The class id of every shape: uint8 (shapes,)."""
    return np.array([NAMES.index(MATERIALS[one.material].label) for one in shapes], np.uint8)


def chosen(colours: tuple[Colour, ...], tone: float) -> Colour:
    return colours[int(tone * len(colours)) % len(colours)]


def lights(scene: Scene) -> tuple[Array, Array, dict[str, float]]:
    """Light of the whole sky and of the sun, (3,) each, and how much of the sun each side of a thing gets."""
    across, along = scene.shadow
    slant = (1 + across * across + along * along) ** -0.5
    facing = {
        "up": slant, "right": max(-across * slant, 0.0), "left": max(across * slant, 0.0),
        "front": max(along * slant, 0.0), "round": 0.55,
    }  # fmt: skip
    ambient = np.array([0.62, 0.70, 0.80], np.float32) + np.float32(0.65 * (1 - scene.sun))
    return ambient, np.array([2.5, 2.25, 1.85], np.float32) * scene.sun, facing


def lit_colours(scene: Scene, shapes: list[Shape]) -> Array:
    """Linear light that every shape sends to the camera, before texture and air: float32 (shapes, 3)."""
    ambient, sun, facing = lights(scene)
    albedo = np.array([chosen(MATERIALS[one.material].real, one.tone) for one in shapes], np.float32)
    share = np.array([facing[one.facing] for one in shapes], np.float32)
    # under a closed sky what faces up is the brightest, and what stands across the street the darkest
    open_sky = np.array([{"up": 1.0, "round": 0.9}.get(one.facing, 0.78) for one in shapes], np.float32)
    return np.asarray((albedo / 255) ** np.float32(2.2) * (open_sky[:, None] * ambient + share[:, None] * sun))


def worn(scene: Scene, noise: Noise, texture: np.ndarray) -> Array:
    """What a surface's texture multiplies its light by: float32 (S, S, 1)."""
    everything = slice(0, noise.height)
    wear = 0.05 * noise.fractal(everything, 20, 1.0, 3, 0.8, 3)
    below = np.maximum((noise.y - scene.horizon) / (1 - scene.horizon), 0.0)
    ground = 0.13 * noise.receding(everything, below, 16, 2.5, 11) + 0.10 * noise.fractal(
        everything, 2, 5.0, 3, 0.6, 17
    )
    wall = 0.24 * noise.fractal(everything, 9, 0.7, 5, 0.85, 23) - 0.12
    leaves = 0.62 * noise.fractal(everything, 22, 1.0, 4, 0.9, 31) - 0.25
    for number, field in ((1, ground), (2, wall), (3, leaves)):
        np.copyto(wear, field, where=texture == number)
    return np.asarray(np.exp(wear)[..., None])


def shaded(scene: Scene, shapes: list[Shape], shown: np.ndarray) -> Array:
    """What shadows leave of the light on the ground: float32 (S, S, 3)."""
    ambient, sun, facing = lights(scene)
    ground = np.array([one.facing == "up" for one in shapes])[shown]
    size = len(shown)
    mask = np.asarray(Image.fromarray(shadows(scene, FINE * size)).reduce(FINE), np.float32) / 255
    left = (0.8 * ambient) / (ambient + facing["up"] * sun) if scene.sun else np.ones(3, np.float32)
    return np.asarray(1 + (mask * ground)[..., None] * (left - 1))


def sky(scene: Scene, noise: Noise) -> Array:
    """Linear light of the sky, (S, S, 3), also the colour of the haze before it."""
    height = np.clip(1 - noise.y / scene.horizon, 0, 1)[:, None, None]
    low, high = np.array([0.84, 0.86, 0.86]), np.array([0.36, 0.50, 0.68]) + 0.34 * (1 - scene.sun)
    air = (low + (high - low) * height**0.8).astype(np.float32)
    cloud = noise.fractal(slice(0, noise.height), 2.2, 2.4, 5, 0.55, 41)[..., None]
    cover = np.clip(0.35 + 0.45 * cloud, 0, 1) if scene.sun else 0.30 * cloud
    white = np.array([0.92, 0.92, 0.92], np.float32) if scene.sun else np.array([0.60, 0.61, 0.63], np.float32)
    return np.asarray(air + cover * height**0.3 * (white - air))


def distances(scene: Scene, shapes: list[Shape], shown: np.ndarray, noise: Noise) -> Array:
    """Metres to what each pixel shows, float32 (S, S); on the ground by the row, elsewhere one for each shape."""
    metres = np.array([one.distance for one in shapes], np.float32)[shown]
    ground = np.array([one.facing == "up" for one in shapes])[shown]
    by_row = scene.focal * scene.eye / np.maximum(noise.y - scene.horizon, scene.focal * scene.eye / 110)
    return np.where(ground, by_row.astype(np.float32)[:, None], metres)


def exposed(scene: Scene, light: Array, noise: Noise) -> np.ndarray:
    """Linear light through lens and sensor to sRGB bytes."""
    size = len(light)
    cast = np.array([1 + 0.10 * scene.warmth, 1.03, 0.95 - 0.13 * scene.warmth], np.float32)
    from_middle = (noise.x[None, :] - 0.5) ** 2 + (noise.y[:, None] - 0.5) ** 2
    light = light * cast * (1.12 * scene.exposure * (1 - 0.75 * from_middle))[..., None]
    light = np.maximum(light, 0) ** np.float32(1 / 2.2)
    grey = light @ np.array([0.30, 0.59, 0.11], np.float32)
    light = grey[..., None] + 0.8 * (light - grey[..., None])
    light = 0.05 + 0.90 * light  # stray light lifts the blacks
    picture = Image.fromarray((np.clip(light, 0, 1) * 255).astype(np.uint8))
    blurred = np.asarray(picture.filter(ImageFilter.GaussianBlur(0.25 + 0.002 * size)), np.float32)
    grain = generator(scene.seed, scene.index, 3).normal(0, 3.0, (size, size, 1))
    grain = grain + generator(scene.seed, scene.index, 4).normal(0, 1.5, (size, size, 3))
    return np.clip(blurred + grain + 0.5, 0, 255).astype(np.uint8)
