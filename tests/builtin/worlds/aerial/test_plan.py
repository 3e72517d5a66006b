"""The street plan: bands of their width along lines, and a plan that two streets never fold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.builtin.worlds.aerial.plan import Plan, curve, dashes, lines, normals, ribbon

seeds = st.integers(0, 10_000).map(np.random.default_rng)


@given(seeds, st.floats(0.001, 0.05))
def test_a_band_has_its_width_to_each_side_of_its_line(random, half):
    middle = curve(random, 0.2)
    aside = normals(middle)
    assert np.allclose(np.hypot(aside[:, 0], aside[:, 1]), 1)
    outline = ribbon(middle, half)
    assert outline.shape == (2 * len(middle), 2)
    one, other = outline[: len(middle)], outline[len(middle) :][::-1]
    assert np.allclose((one + other) / 2, middle)
    assert np.allclose(np.hypot(*(one - other).T), 2 * half)


@given(seeds, st.floats(0.05, 0.4))
def test_streets_lie_apart_in_order_within_the_plan(random, pitch):
    found = lines(random, pitch)
    assert (np.abs(found) < 2).all()
    assert found.max() < 0.95
    gaps = np.diff(found)
    assert (gaps >= 0.7 * pitch - 1e-9).all()
    assert (gaps <= 1.4 * pitch + 1e-9).all()


@pytest.mark.parametrize("count", [1, 7])
def test_dashes_are_short_bands_on_the_line(count):
    middle = np.stack([np.linspace(0, 1, 9), np.full(9, 0.5)], 1)
    found = dashes(middle, 0.1, count, 0.5)
    assert found.shape == (count, 4, 2)
    assert np.allclose(found.mean(axis=(1,))[:, 1], 0.5)
    assert np.allclose(np.ptp(found[..., 1], axis=1), 0.2)
    assert np.allclose(np.ptp(found[..., 0], axis=1), 0.5 / count)


@given(seeds)
def test_neighbouring_street_corners_stay_neighbours_in_the_picture(random):
    plan = Plan(random)
    corners = plan.place(*np.meshgrid(plan.u, plan.v, indexing="ij"))
    for axis, own in enumerate((plan.u, plan.v)):
        apart = np.hypot(*np.moveaxis(np.diff(corners, axis=axis), -1, 0))
        gaps = np.diff(own).reshape((-1, 1) if axis == 0 else (1, -1))
        assert (apart > 0.3 * gaps).all()
        assert (apart < 3 * gaps).all()
