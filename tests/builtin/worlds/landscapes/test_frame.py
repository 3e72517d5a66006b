"""The picture in the making: what is laid over it, and the array functions that all who draw use."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cyclekit.builtin.worlds.landscapes import scene
from cyclekit.builtin.worlds.landscapes.frame import Frame, limited, mix, moved, near_of_ridge, near_on_plain, ramp

fields = hnp.arrays(np.float32, (4, 5), elements=st.floats(-3, 3, width=32))


@given(fields, st.integers(-6, 6), st.integers(-6, 6))
def test_a_field_is_moved_and_its_edge_repeated(field, down, across):
    found = moved(field, down, across)
    for row in range(4):
        for column in range(5):
            assert found[row, column] == field[min(max(row - down, 0), 3), min(max(column - across, 0), 4)]


@given(fields)
def test_limits_ramps_and_mixtures(field):
    assert np.array_equal(limited(field.copy()), field.clip(0, 1))
    ramped = ramp(field.copy(), -1.0, 2.0)
    assert np.allclose(ramped, ((field + 1) / 3).clip(0, 1), atol=1e-6)
    assert np.array_equal(mix(field, field + 2, 0.0), field)
    assert np.allclose(mix(field, field + 2, 1.0), field + 2)


def test_nearer_is_nearer_and_a_ridge_lies_behind_the_plain():
    near = near_on_plain(np.linspace(0, 1, 20))
    assert (np.diff(near) > 0).all()
    assert 0 < near[0] < near[-1] < 1
    ridges = [near_of_ridge(distance) for distance in (0.0, 0.5, 1.0)]
    assert ridges == sorted(ridges, reverse=True)


@pytest.mark.parametrize("wet", [False, True])
def test_what_covers_hides_the_sky_by_its_share(wet):
    frame = Frame(scene(0, 1), 16, 12)
    frame.colour[:] = 0.2
    rows, amount = slice(8, 16), np.full((8, 12), 0.25, np.float32)
    frame.cover(rows, np.ones((3, 1, 1), np.float32), amount, wet=wet)
    assert np.allclose(frame.colour[:, 8:], 0.4)
    assert np.allclose(frame.colour[:, :8], 0.2)
    assert np.allclose(frame.sky[8:], 0.75)
    assert np.allclose(frame.wet[8:], 0.25 if wet else 0.0)
    assert (frame.sky[:8] == 1).all()


@given(st.floats(-1, 2), st.floats(-1, 2))
def test_the_rows_that_a_band_touches_are_all_there(top, bottom):
    frame = Frame(scene(0, 1), 16, 12)
    rows = frame.rows(top, bottom)
    assert 0 <= rows.start <= rows.stop <= 16
    inside = [row for row in range(16) if top < (row + 1) / 16 and row / 16 < bottom]
    assert all(rows.start <= row < rows.stop for row in inside)
