"""The painter: strokes of several sizes along the forms, a limited palette in broken colour, impasto and canvas.

All strokes of one size sit on a jittered grid. Strokes three cells apart in both directions never touch, so each of the
3 x 3 shifts of the grid is a tiling of the picture: every pixel has exactly one stroke to ask, and a whole ninth of the
strokes goes down in a few array operations. Sizes are shares of the picture's height: a small picture has the same
strokes as a large one, but for those too fine for its pixels.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from PIL import Image

from ..noise import Array, generator

OPACITY = 0.94
REACH = 3  # cells between strokes of one pass: a stroke must stay within half of that around its own

# Lead white, yellows, vermilion, madder, viridian, emerald, and cobalt and ultramarine with white: no black.
PALETTE = np.array(
    [
        (0.97, 0.94, 0.87),
        (0.96, 0.88, 0.75),
        (0.95, 0.82, 0.56),
        (0.92, 0.72, 0.33),
        (0.85, 0.57, 0.26),
        (0.93, 0.70, 0.58),
        (0.83, 0.45, 0.33),
        (0.68, 0.30, 0.29),
        (0.88, 0.69, 0.73),
        (0.73, 0.52, 0.62),
        (0.52, 0.37, 0.52),
        (0.76, 0.70, 0.82),
        (0.56, 0.54, 0.74),
        (0.37, 0.36, 0.60),
        (0.27, 0.27, 0.47),
        (0.78, 0.85, 0.91),
        (0.60, 0.74, 0.87),
        (0.42, 0.58, 0.79),
        (0.28, 0.42, 0.66),
        (0.70, 0.82, 0.79),
        (0.47, 0.67, 0.64),
        (0.27, 0.47, 0.48),
        (0.77, 0.79, 0.48),
        (0.59, 0.67, 0.36),
        (0.40, 0.54, 0.32),
        (0.25, 0.38, 0.32),
        (0.72, 0.62, 0.45),
        (0.53, 0.43, 0.38),
    ],
    np.float32,
)


class Brush(NamedTuple):
    """One size of strokes. `cell` is the grid step in picture heights; lengths and widths are in cells."""

    cell: float
    length: float
    width: float
    detail: float  # strokes go down where the picture's detail exceeds this; 0: everywhere
    stray: float  # share of strokes that goes down without need, to break the surface
    variety: float  # spread of the colours


BRUSHES = (
    Brush(1 / 14, 2.3, 1.00, 0.0, 1.0, 1.0),
    Brush(1 / 25, 2.3, 0.85, 0.014, 0.50, 1.1),
    Brush(1 / 46, 2.3, 0.78, 0.026, 0.10, 0.6),
    Brush(1 / 84, 2.2, 0.80, 0.048, 0.02, 0.5),
)


def recolour(planes: Array) -> Array:
    """The painter's eye on colours (3, H, W): no black, violet shadows, cream lights, purer hues."""
    luminance = 0.30 * planes[0] + 0.59 * planes[1] + 0.11 * planes[2]
    pure = luminance + 1.12 * (planes - luminance)
    target = 0.26 + 0.70 * luminance
    dark = np.clip(1.1 - 1.7 * luminance, 0, 1)
    bright = np.clip(2.2 * luminance - 1.2, 0, 1)
    violet = np.array((-0.015, -0.060, 0.130), np.float32)[:, None, None]
    cream = np.array((0.035, 0.010, -0.055), np.float32)[:, None, None]
    painted = pure - luminance
    painted *= 0.88
    painted += target
    painted += dark * violet
    painted += bright * cream
    return np.clip(painted, 0.13, 0.985)


def on_grid(planes: Array, rows: int, columns: int) -> Array:
    """Planes (n, H, W) averaged over the areas of a `rows` x `columns` grid."""
    if planes.shape[1:] == (rows, columns):
        return planes
    resized = [Image.fromarray(plane).resize((columns, rows), Image.Resampling.BOX) for plane in planes]
    return np.stack([np.asarray(plane) for plane in resized])


def under(planes: Array) -> Array:
    """The thin first coat: the masses of colour without their edges, (3, H, W)."""
    height, width = planes.shape[1:]
    small = on_grid(planes, 24, max(1, round(24 * width / height)))
    images = [Image.fromarray(plane).resize((width, height), Image.Resampling.BICUBIC) for plane in small]
    return np.stack([np.asarray(image) for image in images])


def blur(planes: Array) -> Array:
    """Planes (n, h, w) blurred by a 3 x 3 binomial, edges repeated."""
    tall = np.concatenate([planes[:, :1], planes, planes[:, -1:]], axis=1)
    planes = 0.25 * (tall[:, :-2] + tall[:, 2:]) + 0.5 * planes
    wide = np.concatenate([planes[:, :, :1], planes, planes[:, :, -1:]], axis=2)
    return 0.25 * (wide[:, :, :-2] + wide[:, :, 2:]) + 0.5 * planes


def flow(planes: Array, sky: Array, wet: Array, random: np.random.Generator) -> tuple[Array, Array]:
    """Stroke angle and amount of detail, both (rows, columns), on the stroke grid.

    The structure tensor gives the direction of the forms. Where there is none, the subject does: sky in slow waves,
    water level, land in short dabs of every direction, rather upright.
    """
    luminance = 0.30 * planes[0] + 0.59 * planes[1] + 0.11 * planes[2]
    # a form may stand out by its colour alone: an ochre haystack in a meadow
    padded = np.pad(np.stack([luminance, 0.7 * (planes[0] - planes[2])]), ((0, 0), (1, 1), (1, 1)), "edge")
    across = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    down = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    tensor = np.stack([down * down - across * across, -2 * across * down, across * across + down * down])
    cosine, sine, energy = blur(tensor.sum(axis=1))
    rows, columns = luminance.shape
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32) / max(rows, 1)
    phases = random.uniform(0, 6.28, 3)
    waves = 0.16 + 0.38 * np.sin(4.1 * x + 5.3 * y + phases[0]) + 0.22 * np.sin(9.7 * x - 6.1 * y + phases[1])
    dabs = 1.25 + 0.75 * np.sin(7.3 * x + 3.7 * y + phases[2]) + random.normal(0, 0.55, (rows, columns))
    land = np.clip(1 - sky - wet, 0, 1)
    weak = np.float32(0.0035)
    cosine = cosine + weak * (sky * np.cos(2 * waves) + wet * 1.4 + land * np.cos(2 * dabs))
    sine = sine + weak * (sky * np.sin(2 * waves) + land * np.sin(2 * dabs))
    return 0.5 * np.arctan2(sine, cosine), np.sqrt(energy, dtype=np.float32)


def broken(colours: Array, variety: float, random: np.random.Generator) -> Array:
    """Stroke colours (3, n, m): each stroke mixes in one of the tube colours near its own, so neighbours differ."""
    flat = colours.reshape(3, -1)
    weights = np.array((0.9, 1.3, 0.7), np.float32)
    # squared distance to every tube through one product; noise on it draws from the tubes nearby
    distance = (PALETTE**2 @ weights)[:, None] - 2 * (PALETTE * weights) @ flat
    distance -= (0.055 * variety) * random.random(distance.shape, dtype=np.float32)
    tube = PALETTE[np.argmin(distance, axis=0)].T.reshape(colours.shape)
    mixed = colours + 0.42 * (tube - colours)
    value = random.normal(0, 0.028 * variety, colours.shape[1:]).astype(np.float32)
    warm = random.normal(0, 0.022 * variety, colours.shape[1:]).astype(np.float32)
    mixed += value
    mixed[0] += warm
    mixed[2] -= warm
    return mixed


def strokes(canvas: Array, planes: Array, brush: Brush, random: np.random.Generator) -> None:
    """Lay one size of strokes on `canvas` (4, H, W): three colours and the thickness of the paint.

    `planes` (5, H, W) are the recoloured picture, sky and water.
    """
    height, width = canvas.shape[1:]
    rows = round(1 / brush.cell)
    columns = max(1, math.ceil(rows * width / height))
    seen = on_grid(planes, rows, columns)
    angle, detail = flow(seen[:3], seen[3], seen[4], random)
    colours = seen[:3] + 0.45 * (seen[:3] - blur(seen[:3]))  # what stands next to something else is painted more itself
    # a border of strokes whose centres lie outside the picture, so that its edges are covered too
    border = REACH // 2
    pad = ((border, REACH), (border, REACH))
    colours = np.pad(broken(colours, brush.variety, random), ((0, 0), *pad), "edge")
    angle, detail = np.pad(angle, pad, "edge"), np.pad(detail, pad, "edge")
    wet = np.pad(np.maximum(seen[4], 0.5 * seen[3]), pad, "edge")
    shape = angle.shape
    needed = (detail > brush.detail) | (random.random(shape) < brush.stray)
    lengths = 0.5 * brush.length * random.uniform(0.62, 1.06, shape) * (0.80 + 0.20 * wet)
    widths = 0.5 * brush.width * random.uniform(0.75, 1.2, shape) * (1.0 - 0.22 * wet)
    shifts = random.uniform(-0.38, 0.38, (2, *shape))
    dry = np.where(needed, 0.0, 99.0)  # a stroke that is not needed lies 99 widths away
    cosine, sine = np.cos(angle), np.sin(angle)
    # u runs along the stroke and v across it, both -1 .. 1 inside; linear in X and Y, in cells from the tile's middle
    hand = np.stack(
        [
            # u and v per X
            cosine / lengths,
            -sine / widths,
            # u and v in the middle of the tile
            -(cosine * shifts[0] + sine * shifts[1]) / lengths,
            (sine * shifts[0] - cosine * shifts[1]) / widths + dry,
            # u and v per Y
            sine / lengths,
            cosine / widths,
            random.normal(0, 0.35, shape),  # how far the stroke bends
            *colours,
        ]
    ).astype(np.float32)
    pixel = 1 / (brush.cell * height)  # in cells
    edge = np.float32(np.clip(0.25 * brush.width / pixel, 0.9, 3.2))
    bristle = np.float32(0.25 * min(0.2 * brush.width / pixel, 1.0))  # fainter where a pixel holds several bristles
    x = ((np.arange(width) + 0.5 - width / 2) * pixel + columns / 2).astype(np.float32)
    y = ((np.arange(height) + 0.5) * pixel).astype(np.float32)
    for number in random.permutation(REACH * REACH):
        lay_pass(canvas, x, y, divmod(int(number), REACH), hand, edge, bristle)


def lay_pass(
    canvas: Array, x: Array, y: Array, shift: tuple[int, int], hand: Array, edge: np.float32, bristle: np.float32
) -> None:
    """One ninth of the strokes of `hand` (10, n, m): those at grid places congruent to `shift` modulo REACH.

    Tile t reaches REACH / 2 cells to each side of its stroke, whose place in the padded grid is `shift` + REACH t.
    """
    down, across = shift
    middle = 0.5 - REACH // 2  # of the first cell of the padded grid, in cells of the picture
    row = np.floor((y - middle - down) / REACH + 0.5).astype(np.intp)
    column = np.floor((x - middle - across) / REACH + 0.5).astype(np.intp)
    local_y = (y - middle - down - REACH * row)[:, None]
    local_x = x - middle - across - REACH * column
    tiles = np.arange(row[0], row[-1] + 1) * REACH + down
    # columns first, on one line for each tile; then whole lines are copied, which is cheap
    lines = hand[:, tiles][:, :, column * REACH + across]
    lines[2:4] += lines[0:2] * local_x
    field = lines[2:].take(row - row[0], axis=1)
    along, side = field[2:4]
    field[2:4] *= local_y
    field[2:4] += field[0:2]
    squared = along * along
    bend, paint = field[4], np.concatenate([field[5:], along[None]])
    bend *= squared - np.float32(0.3)
    side += bend
    # bristles leave ridges along the stroke; the brush runs dry towards the end
    ridges = np.cos(side * np.float32(6.5))
    ridges *= bristle
    ridges -= 0.16 * along
    ridges += 0.5
    paint[3] = ridges
    squared *= squared
    side *= side
    squared += side
    amount = np.subtract(1, squared, out=squared)
    amount *= edge
    np.maximum(amount, 0, out=amount)
    np.minimum(amount, OPACITY, out=amount)
    paint -= canvas
    paint *= amount
    canvas += paint


def finish(canvas: Array) -> Array:
    """Side light on the thickness of the paint, and the weave of the canvas. (3, H, W) in [0, 1]."""
    height, width = canvas.shape[1:]
    thickness = canvas[3]
    relief = np.zeros_like(thickness)
    relief[1:, 1:] = thickness[1:, 1:] - thickness[:-1, :-1]
    np.clip(relief, -0.5, 0.5, out=relief)
    relief *= 0.10
    relief += 0.045 * (thickness - 0.5)
    threads = min(110, height / 3.2)  # at most what the pixels can show
    x = np.cos((np.arange(width) + 0.5) / height * threads * 6.2832).astype(np.float32)
    y = np.cos((np.arange(height) + 0.5) / height * threads * 6.2832).astype(np.float32)
    relief += 0.014 * (x * y[:, None]) * (1.2 - thickness)
    planes = canvas[:3]
    planes += relief
    return np.clip(planes, 0.10, 1, out=planes)


def paint(colour: Array, sky: Array, wet: Array, key: tuple[int, ...]) -> Array:
    """Paint the picture `colour` (3, H, W) in [0, 1], with `sky` and `wet` (H, W) saying what is sky and water.

    Returns planes (3, H, W) in [0, 1], a function of the arguments alone: `key` seeds the hand.
    """
    height, width = sky.shape
    random = generator(*key)
    planes = np.empty((5, height, width), np.float32)
    planes[:3] = recolour(colour)
    planes[3], planes[4] = sky, wet
    canvas = np.empty((4, height, width), np.float32)
    canvas[:3] = under(planes[:3])
    canvas[3] = 0.3
    for brush in BRUSHES:
        if brush.cell * height < 1.1:  # no pixel would show this size
            break
        strokes(canvas, planes, brush, random)
    return finish(canvas)
