"""Whole pixels, a title, a heading over every column."""

import numpy as np
from PIL import Image

from cyclekit.sheets.layout import SHORT_SIDE, enlarged, laid_out


def test_small_pictures_are_enlarged_by_a_whole_factor_without_smoothing():
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8))
    large = np.asarray(enlarged(picture))
    assert large.shape == (4 * 48, 4 * 64, 3)
    assert min(large.shape[:2]) >= SHORT_SIDE
    assert (large == np.asarray(picture).repeat(4, 0).repeat(4, 1)).all()
    assert enlarged(Image.new("L", (200, SHORT_SIDE))).size == (200, SHORT_SIDE)


def test_large_pictures_keep_their_size_and_columns_may_differ():
    sheet = laid_out([[Image.new("RGB", (300, 200))], [Image.new("RGB", (10, 10))] * 2], ["x", "y"], "t")
    assert (np.asarray(sheet) == 0).all(-1).sum() == 300 * 200 + 2 * 100


def test_long_titles_wrap_and_long_headings_have_room():
    picture = Image.new("RGB", (64, 64), "white")
    short = laid_out([[picture]], ["x"], "short")
    long = laid_out([[picture]], ["x"], "a title that is much longer than the sheet is wide " * 3)
    assert long.height > short.height
    assert long.width == short.width
    wide = laid_out([[picture]] * 3, ["a heading wider than the picture below"] * 3, "t")
    assert wide.width > 600
