"""What claim 7 learns from and is tested on: streets, digits, weathered landscapes; two domains and a test set each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from cyclekit.builtin.worlds import landscapes, streets
from cyclekit.builtin.worlds.landscapes.composition import COMPOSITIONS

TARGET_FROM, TEST_FROM = 10_000, 20_000
"""The first scenes of a world that the target domain and the test take; the source begins at 0."""


class Examples(NamedTuple):
    """Pictures uint8 (N, H, W, 3), or (N, H, W) grey, and class ids int64 (N,), or (N, H, W) for every pixel."""

    pictures: np.ndarray
    labels: np.ndarray


class Domains(NamedTuple):
    """What one seed of one part works on. No scene and no digit is in two of the three."""

    source: Examples
    """Labelled: what is learned from."""
    target: Examples
    """What the CycleGAN sees of the other domain. Its labels are used for the upper bound alone."""
    test: Examples
    """Held out, of the target domain."""


def make_streets(seed: int, quick: bool) -> Domains:
    """World `seed`, 64 px: 400 rendered and 400 camera streets to learn from, 200 camera streets to be tested on."""

    def drawn(look: str, first: int, count: int) -> Examples:
        indices = range(first, first + (count if not quick else 4))
        pictures, labels = ([streets.render(kind, seed, index, 64) for index in indices] for kind in (look, "labels"))
        return Examples(np.stack(pictures), np.stack(labels).astype(np.int64))

    return Domains(drawn("rendered", 0, 400), drawn("camera", TARGET_FROM, 400), drawn("camera", TEST_FROM, 200))


def make_digits(seed: int, quick: bool) -> Domains:
    """32 px, grey: 2,000 drawn digits; of the 1,797 handwritten ones 1,200 to learn from, the others for the test."""
    from sklearn.datasets import load_digits

    random = np.random.default_rng([seed, 7])
    found = load_digits()
    order = random.permutation(len(found.images))
    written = [Image.fromarray((picture * 255 / 16).astype(np.uint8)) for picture in found.images[order]]
    pictures = np.stack([np.asarray(picture.resize((32, 32), Image.Resampling.BICUBIC)) for picture in written])
    labels = found.target[order].astype(np.int64)
    count, split, last = (2000, 1200, len(order)) if not quick else (20, 20, 40)
    classes = np.arange(count) % 10
    source = Examples(np.stack([drawn_digit(int(digit), random) for digit in classes]), classes)
    return Domains(
        source, Examples(pictures[:split], labels[:split]), Examples(pictures[split:last], labels[split:last])
    )


def drawn_digit(digit: int, random: np.random.Generator) -> np.ndarray:
    """A white digit in one of the two fonts that Pillow carries, filling the picture: uint8 (32, 32)."""
    canvas = Image.new("L", (256, 256))
    pen = ImageDraw.Draw(canvas)
    if random.random() < 0.8:
        font = ImageFont.load_default(int(random.integers(90, 140)))
        pen.text((128, 128), str(digit), 255, font, anchor="mm", stroke_width=int(random.integers(0, 8)))
    else:  # the bitmap font, whose pixels show
        small = Image.new("L", (8, 12))
        ImageDraw.Draw(small).text((1, 0), str(digit), 255, ImageFont.load_default_imagefont())
        canvas.paste(small.resize((96, 144), Image.Resampling.BICUBIC), (80, 56))
    shear, narrow = random.uniform(-0.25, 0.25), random.uniform(0.9, 1.3)
    matrix = (narrow, shear, 128 * (1 - narrow - shear), 0.0, 1.0, 0.0)
    canvas = canvas.transform(canvas.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    canvas = canvas.rotate(random.uniform(-15, 15), Image.Resampling.BILINEAR)
    left, top, right, bottom = canvas.getbbox() or (0, 0, 256, 256)
    side = max(right - left, bottom - top) * random.uniform(1.0, 1.2) / 2
    x, y = (left + right) / 2, (top + bottom) / 2
    box = (round(x - side), round(y - side), round(x + side), round(y + side))
    cut = canvas.crop(box).resize((32, 32), Image.Resampling.BOX)
    return np.asarray(cut.filter(ImageFilter.GaussianBlur(random.uniform(0, 1.2))))


def make_weather(look: str, seed: int, quick: bool) -> Domains:
    """World `seed`, 64 px: 1,600 clear photographs, and 400 and 300 others in the weather `look`."""
    many, some, tests = (1600, 400, 300) if not quick else (4, 4, 4)
    return Domains(
        photographed("photograph", seed, 0, many),
        photographed(look, seed, TARGET_FROM, some),
        photographed(look, seed, TEST_FROM, tests),
    )


def photographed(look: str, seed: int, first: int, count: int) -> Examples:
    indices = range(first, first + count)
    pictures = np.stack([landscapes.render(look, seed, index, 64) for index in indices])
    classes = [COMPOSITIONS.index(landscapes.scene(seed, index).composition) for index in indices]
    return Examples(pictures, np.array(classes))
