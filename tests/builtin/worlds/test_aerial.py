"""The built-in towns: street maps in flat colours, and aerial photographs of the same towns."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from cyclekit.builtin.worlds.aerial import render
from cyclekit.builtin.worlds.aerial.kinds import KINDS

COUNT = 40


@pytest.fixture(scope="module")
def maps() -> list[np.ndarray]:
    return [render("map", 7, index, 64) for index in range(COUNT)]


@pytest.fixture(scope="module")
def photographs() -> list[np.ndarray]:
    return [render("aerial", 7, index, 64) for index in range(COUNT)]


def luminance(picture: np.ndarray) -> np.ndarray:
    return picture.astype(np.float64) @ (0.30, 0.59, 0.11)


def test_scenes_differ(maps, photographs):
    assert not np.array_equal(render("map", 8, 0, 64), maps[0])
    for first in range(COUNT):
        for second in range(first):
            assert np.abs(maps[first].astype(float) - maps[second]).mean() > 8, (first, second)
            assert np.abs(photographs[first].astype(float) - photographs[second]).mean() > 10, (first, second)


def test_maps_are_flat_and_light_and_photographs_are_not(maps, photographs):
    flat = {kind.map for kind in KINDS.values()}
    for index, (drawn, taken) in enumerate(zip(maps, photographs)):
        own = np.mean([tuple(pixel) in flat for pixel in drawn.reshape(-1, 3).tolist()])
        assert own > 0.35, index  # the rest are smooth edges
        assert luminance(drawn).mean() > luminance(taken).mean() + 30, index
        assert len(np.unique(taken.reshape(-1, 3), axis=0)) > 1000, index


def test_a_map_fits_its_own_photograph_best():
    """The gradients of both looks agree in one town and not across two."""

    def gradients(look: str, index: int) -> np.ndarray:
        small = Image.fromarray(render(look, 3, index, 128)).resize((64, 64), Image.Resampling.BOX)
        picture = np.asarray(small).astype(float)
        strength = sum(np.abs(np.diff(picture, axis=axis)).sum(axis=2)[:63, :63] for axis in range(2))
        return (strength - strength.mean()).ravel() / strength.std()

    drawn = np.stack([gradients("map", index) for index in range(24)])
    taken = np.stack([gradients("aerial", index) for index in range(24)])
    correlation = drawn @ taken.T / drawn.shape[1]
    own, other = np.diag(correlation), correlation[~np.eye(24, dtype=bool)]
    assert np.median(own) > 0.2
    assert np.abs(np.median(other)) < 0.1
    assert (correlation.argmax(axis=0) == np.arange(24)).mean() > 0.9
