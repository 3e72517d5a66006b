"""Pictures of any bands, with Pillow's own methods."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cyclekit.image.bands import Bands
from tests.image.odd_pictures import bands


def test_bands_have_pillows_methods():
    picture = Bands(bands(4, 200, np.uint8))
    whole = Image.fromarray(bands(4, 200, np.uint8)[..., 2])
    assert picture.size == whole.size
    for change in (
        lambda one: one.crop((2, 3, 17, 11)),
        lambda one: one.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        lambda one: one.resize((11, 7), Image.Resampling.BICUBIC),
    ):
        assert change(picture).size == change(whole).size
        assert np.abs(change(picture).values[..., 2] - np.asarray(change(whole))).max() <= 1
    held = io.BytesIO()
    np.save(held, picture.values)
    for odd in (np.zeros(3), np.zeros((0, 4)), np.zeros((1, 2, 3, 4))):
        with pytest.raises(ValueError, match="a picture is"):
            Bands(odd)


@given(st.integers(1, 4), st.integers(1, 6), st.integers(1, 6), st.sampled_from(list(Image.Transpose)))
def test_turning_is_pillows_band_by_band(channels, width, height, method):
    values = np.random.default_rng(width).normal(size=(height, width, channels)).astype(np.float32)
    turned = Bands(values).transpose(method)
    for band in range(channels):
        expected = np.asarray(Image.fromarray(np.ascontiguousarray(values[..., band])).transpose(method))
        assert np.array_equal(turned.values[..., band], expected)
    assert turned.size == (expected.shape[1], expected.shape[0])


def test_values_keep_their_range_and_type():
    stored = np.array([[-1000, 30000], [5, 7]], np.int16)
    picture = Bands(stored)
    assert picture.values.dtype == np.float32
    assert (picture.values.shape, picture.size, picture.channels) == ((2, 2, 1), (2, 2), 1)
    assert np.array_equal(picture.values[..., 0], stored)
    both = Bands(np.stack([stored, stored], 2)).clipped(np.array([0, -1e9]), np.array([100, 10]))
    assert both.values[..., 0].tolist() == [[0, 100], [5, 7]]
    assert both.values[..., 1].tolist() == [[-1000, 10], [5, 7]]
    assert picture.values[0, 1, 0] == 30000  # which was clipped in a copy
    assert np.array_equal(picture.crop((1, 0, 2, 2)).values, picture.values[:, 1:])


def test_resizing_keeps_a_constant_and_the_mean():
    assert np.allclose(Bands(np.full((8, 8, 2), -3.5)).resize((3, 5)).values, -3.5)
    noise = np.random.default_rng(0).random((8, 8, 1))
    assert Bands(noise).resize((2, 2), Image.Resampling.BOX).values.mean() == pytest.approx(noise.mean(), rel=1e-5)
