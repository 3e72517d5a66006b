"""The canvas, and the grassland that the animals stand in.

Everything is drawn at the picture's own resolution: noise is scaled with a filter and edges are covered by the share
of the pixel, so there is nothing to supersample.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from .composition import Scene, Tree

Array = np.ndarray

# zenith and horizon of each sky
SKY = {
    "clear": ((0.33, 0.53, 0.80), (0.74, 0.84, 0.92)),
    "cumulus": ((0.36, 0.55, 0.78), (0.72, 0.81, 0.88)),
    "overcast": ((0.66, 0.69, 0.72), (0.82, 0.83, 0.82)),
    "evening": ((0.46, 0.51, 0.68), (0.97, 0.79, 0.58)),
}
CLOUD = {
    "clear": (0.96, 0.97, 0.98),
    "cumulus": (0.97, 0.97, 0.96),
    "overcast": (0.58, 0.61, 0.65),
    "evening": (0.95, 0.72, 0.60),
}
SUN = {"clear": (1.02, 1.0, 0.96), "cumulus": (1.0, 0.99, 0.97), "overcast": (0.86, 0.88, 0.92)}
EVENING = (1.04, 0.90, 0.76)
FRESH, STRAW, EARTH = (0.36, 0.52, 0.19), (0.80, 0.70, 0.42), (0.60, 0.47, 0.33)
DRIER = 0.2  # how much drier the habitat of striped animals is, on the scale of Scene.dryness


def colour(*values: float) -> Array:
    return np.array(values, np.float32)


class Canvas:
    """A picture in the making: `colour` float32 (size, size, 3), `animals` (size, size) what the animals cover."""

    def __init__(self, scene: Scene, size: int, *, striped: bool) -> None:
        self.scene, self.size, self.striped = scene, size, striped
        self.x = ((np.arange(size) + 0.5) / size).astype(np.float32)
        self.y = self.x[:, None]
        self.colour = np.zeros((size, size, 3), np.float32)
        self.animals = np.zeros((size, size), np.float32)
        self.sun = colour(*SUN.get(scene.sky, EVENING))
        dry = min(scene.dryness + (DRIER if striped else 0.0), 1.0)
        self.grass = (1 - dry) * colour(*FRESH) + dry * colour(*STRAW)

    def noise(self, columns: int, rows: int, salt: int) -> Array:
        """Smooth noise (size, size) of standard deviation about 1, with so many cells across and down.

        What the pixels cannot show is averaged away by the filter, so every size shows the same field.
        """
        random = np.random.default_rng([self.scene.seed, self.scene.index, salt])
        lattice = random.standard_normal((rows + 4, columns + 4), dtype=np.float32) * np.float32(1.35)
        box = (2.0, 2.0, columns + 2.0, rows + 2.0)
        return np.asarray(Image.fromarray(lattice).resize((self.size, self.size), Image.Resampling.BICUBIC, box))

    def cover(self, paint: Array, amount: Array, rows: slice = slice(None), columns: slice = slice(None)) -> None:
        """Lay `paint` (..., 3) over a part of the picture, `amount` (h, w) of it, 0 to 1."""
        under = self.colour[rows, columns]
        under += amount[..., None] * (paint - under)


def draw_background(canvas: Canvas) -> None:
    """Sky, far hills, bushes and trees, and the plain."""
    scene = canvas.scene
    draw_sky(canvas)
    hazy = 0.55 * colour(*SKY[scene.sky][1])
    ridge = canvas.noise(5, 1, 21)[0] * 0.5 + canvas.noise(17, 1, 22)[0] * 0.18 + 0.6
    if scene.hills:
        draw_ridge(canvas, scene.horizon - scene.hills * ridge, hazy + 0.45 * colour(0.36, 0.44, 0.50) * canvas.sun)
    if scene.wood:
        bushes = 0.7 + 0.4 * canvas.noise(9, 1, 23)[0] + 0.35 * canvas.noise(40, 1, 24)[0]
        dark = (0.55 * canvas.grass + 0.45 * colour(0.16, 0.27, 0.14)) * canvas.sun
        draw_ridge(canvas, scene.horizon - scene.wood * bushes, 0.25 * hazy + 0.75 * dark)
    for number, tree in enumerate(scene.trees):
        draw_tree(canvas, tree, number)
    draw_plain(canvas)


def draw_sky(canvas: Canvas) -> None:
    scene = canvas.scene
    zenith, low = (colour(*value) for value in SKY[scene.sky])
    depth = (canvas.y / max(scene.horizon, 0.3)).clip(0, 1)[..., None] ** 0.8
    canvas.colour[:] = zenith + (low - zenith) * depth
    if scene.sky != "clear":
        field = canvas.noise(3, 7, 11) + 0.6 * canvas.noise(8, 16, 12) + 0.3 * canvas.noise(20, 36, 13)
        amount = (0.45 * (field + scene.clouds)).clip(0, 1) * 0.85
        canvas.cover(colour(*CLOUD[scene.sky]), amount)


def draw_ridge(canvas: Canvas, top: Array, paint: Array) -> None:
    """Everything below the line `top` (W,)."""
    canvas.cover(paint, ((canvas.y - top) * canvas.size + 0.5).clip(0, 1))


def draw_tree(canvas: Canvas, tree: Tree, number: int) -> None:
    """A trunk and a crown of leaves whose outline the noise frays."""
    foot = canvas.scene.horizon + 0.01
    top = foot - tree.height
    radius = 0.5 * tree.height * tree.width
    rise = radius * tree.flat
    size = canvas.size
    rows = slice(max(int((top - 0.5 * rise) * size), 0), max(int(foot * size) + 1, 0))
    columns = slice(max(int((tree.x - 1.5 * radius) * size), 0), max(int((tree.x + 1.5 * radius) * size) + 1, 0))
    x, y = canvas.x[columns], canvas.y[rows]
    fray = canvas.noise(24, 24, 31 + 2 * number)[rows, columns]
    fray = fray + 0.7 * canvas.noise(60, 60, 32 + 2 * number)[rows, columns]
    bark = colour(0.34, 0.28, 0.22) * canvas.sun
    inside = (0.035 * tree.height - np.abs(x - tree.x)) * size + 0.5
    below = ((y - top - rise) * size).clip(0, 1) * ((foot - y) * size).clip(0, 1)
    canvas.cover(bark, inside.clip(0, 1) * below, rows, columns)
    across, down = (x - tree.x) / radius, (y - top - rise) / rise
    distance = 1 - np.sqrt(across**2 + down**2) + 0.16 * fray
    # a crown in the distance is not opaque at its rim
    amount = (distance * rise * size + 0.3).clip(0, 1)
    light = 0.85 - 0.22 * down + 0.18 * canvas.scene.light * across + 0.12 * fray
    leaves = (0.45 * canvas.grass + 0.55 * colour(0.20, 0.33, 0.15)) * canvas.sun
    canvas.cover(light[..., None] * leaves, amount, rows, columns)


def draw_plain(canvas: Canvas) -> None:
    """Grass in perspective: coarse and tall at the feet, fine and pale at the horizon."""
    scene = canvas.scene
    edge = scene.horizon + 0.004 * canvas.noise(6, 1, 41)[0]
    depth = ((canvas.y - scene.horizon) / (1 - scene.horizon)).clip(0, 1)
    near = depth**0.7
    patches = near * canvas.noise(4, 9, 42) + (1 - near) * canvas.noise(6, 34, 43)
    tufts = near * canvas.noise(22, 26, 44) + (1 - near) * canvas.noise(34, 80, 45)
    blades = near * canvas.noise(110, 34, 46) + (1 - near) * 0.5 * canvas.noise(128, 128, 47)
    light = 0.92 + 0.07 * patches + 0.075 * tufts + 0.10 * blades - 0.12 * depth
    bare = (0.5 * (patches + 0.5 * tufts + 0.25 * blades - 1.4 + scene.path * 1.2)).clip(0, 0.75)[..., None]
    hue = (0.05 * patches + 0.03 * blades)[..., None] * colour(1.0, 0.35, 0.1)
    paint = (canvas.grass + hue) * (1 - bare) + colour(*EARTH) * bare
    paint = paint * light[..., None] * canvas.sun
    haze = (0.4 * np.exp(-9 * depth))[..., None]
    paint += haze * (0.5 * colour(*SKY[scene.sky][1]) + 0.5 * canvas.grass - paint)
    canvas.cover(paint, ((canvas.y - edge) * canvas.size + 0.5).clip(0, 1))
