"""Smooth random fields: of the coordinates alone, of spread 1, and without what the pixels cannot carry."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.builtin.worlds.noise import Noise, generator, spline


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=9))
def test_a_splines_weights_are_shares_that_meet_at_the_place(places):
    position = np.array(places, np.float32)
    indices, weights = spline(position)
    assert weights.min() >= -1e-5
    assert np.allclose(weights.sum(0), 1, atol=1e-5)
    assert np.allclose((indices * weights).sum(0), position, atol=1e-4)  # a straight line stays what it is


def test_the_key_decides_everything():
    assert generator(1, 2).random() == generator(1, 2).random() != generator(2, 1).random()
    fields = [Noise(key, 16, 16).fractal(slice(None), 3, 1, 3, 0.5, 1) for key in ((1, 2), (1, 2), (2, 2))]
    assert np.array_equal(fields[0], fields[1])
    assert not np.array_equal(fields[0], fields[2])


def test_a_larger_picture_shows_the_same_field():
    small, large = (Noise((3,), side, side).fractal(slice(None), 2, 1, 1, 0.5, 1) for side in (32, 128))
    assert np.corrcoef(small.ravel(), large.reshape(32, 4, 32, 4).mean(axis=(1, 3)).ravel())[0, 1] > 0.99
    wide = Noise((3,), 32, 64).fractal(slice(None), 2, 1, 1, 0.5, 1)
    assert np.allclose(wide[:, 16:48], small, atol=1e-4)  # a wider one shows more at its sides


def test_rows_alone_are_the_rows_of_the_whole():
    noise = Noise((4,), 48, 20)
    whole = noise.fractal(slice(None), 5, 2, 3, 0.6, 7)
    assert np.allclose(noise.fractal(slice(10, 20), 5, 2, 3, 0.6, 7), whole[10:20], atol=1e-4)
    distance = np.linspace(0.05, 1, 48)
    far = noise.receding(slice(None), distance, 8, 1, 3)
    assert np.allclose(noise.receding(slice(30, 40), distance[30:40], 8, 1, 3), far[30:40], atol=1e-4)


@pytest.mark.parametrize("octaves", [1, 4])
def test_the_spread_is_1_over_many_cells(octaves):
    field = Noise((5,), 256, 256).fractal(slice(None), 24, 1, octaves, 0.4, 1)
    assert field.std() == pytest.approx(1, abs=0.15)
    assert abs(field.mean()) < 0.15
    line = Noise((5,), 64, 4096).line(3, 1, 0.5, 1)
    assert line.std() == pytest.approx(1, abs=0.15)


def test_what_the_pixels_cannot_carry_is_left_out():
    noise = Noise((6,), 32, 32)
    assert noise.sharpness(1) == 1
    assert noise.sharpness(32) == 0
    falling = [noise.sharpness(frequency) for frequency in range(1, 40)]
    assert falling == sorted(falling, reverse=True)
    assert not noise.fractal(slice(None), 64, 1, 3, 0.5, 1).any()
    assert not noise.receding(slice(None), np.ones(32), 80, 1, 1).any()
