"""Any picture as 8-bit grey or colour: numbers by their range, transparency on white, upright."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from cyclekit.image.eight_bits import NoScale, in_mode, levels_of


@given(st.lists(st.integers(0, 65535), min_size=1, max_size=20))
def test_sixteen_bits_are_scaled_over_their_range(values):
    levels = levels_of(np.array([values], np.uint16))
    assert levels.dtype == np.uint8
    assert np.abs(levels - np.array([values]) / 257).max() <= 0.5 + 1e-9


@given(st.lists(st.floats(0, 255), min_size=1, max_size=20))
def test_floats_are_shares_or_levels(values):
    scale = 255 if max(values) <= 1 else 1
    assert np.abs(levels_of(np.array([values])) - np.array([values]) * scale).max() <= 0.5


@pytest.mark.parametrize("values", [[-1.0, 0.5], [0.0, 256.0], [float("nan")], [0, 70_000], [-1, 3]])
def test_numbers_without_a_certain_scale_are_refused(values):
    with pytest.raises(NoScale):
        levels_of(np.array([values]))


@given(st.integers(0, 255), st.integers(0, 255))
def test_transparency_is_laid_on_white(level, alpha):
    shown = in_mode(Image.new("LA", (2, 2), (level, alpha)), "L").getpixel((0, 0))
    assert shown == pytest.approx((level * alpha + 255 * (255 - alpha)) / 255, abs=2)


def test_a_picture_that_is_right_is_itself_and_one_that_lies_is_turned():
    picture = Image.new("RGB", (3, 2))
    assert in_mode(picture, "RGB") is picture
    lying = Image.new("RGB", (3, 2))
    lying.getexif()[ExifTags.Base.Orientation] = 6
    assert in_mode(lying, "RGB").size == (2, 3)
