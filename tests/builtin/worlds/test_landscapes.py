"""The built-in landscapes: the same on every call, of every size, and the same place in all renderings."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PIL import Image

from cyclekit.builtin.worlds.landscapes import SEASONS, painting, photograph, scene

RENDERINGS = [photograph, painting]
SMALL = (64, 64)


@pytest.fixture(scope="module")
def photographs() -> list[np.ndarray]:
    return [photograph(scene(7, index), SMALL) for index in range(40)]


@pytest.fixture(scope="module")
def paintings() -> list[np.ndarray]:
    return [painting(scene(7, index), SMALL) for index in range(40)]


def luminance(picture: np.ndarray) -> np.ndarray:
    return picture.astype(np.float64) @ (0.30, 0.59, 0.11)


def structure(picture: np.ndarray) -> np.ndarray:
    """What is where: the luminance at 16 x 16, without the top-to-bottom gradient that all landscapes share."""
    small = np.asarray(Image.fromarray(luminance(picture).astype(np.float32)).resize((16, 16), Image.Resampling.BOX))
    small = small - small.mean(axis=1, keepdims=True)
    return (small / (small.std() + 1e-6)).ravel()


@pytest.mark.parametrize("rendering", RENDERINGS)
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (2, 3), (64, 64), (33, 95), (96, 40)])
def test_any_size_gives_bytes_of_that_size(rendering, size):
    for index in range(6):
        picture = rendering(scene(0, index), size)
        assert picture.shape == (*size, 3)
        assert picture.dtype == np.uint8
        assert picture.flags.c_contiguous


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_the_same_numbers_give_the_same_picture(rendering):
    np.random.seed(1)
    first = rendering(scene(5, 3), SMALL)
    np.random.seed(2)
    rendering(scene(5, 4), (40, 56))
    assert scene(5, 3) == scene(5, 3)
    assert np.array_equal(rendering(scene(5, 3), SMALL), first)


def test_scenes_differ(photographs):
    assert not np.array_equal(photograph(scene(8, 0), SMALL), photographs[0])
    for first in range(len(photographs)):
        for second in range(first):
            difference = np.abs(photographs[first].astype(float) - photographs[second])
            assert difference.mean() > 8, (first, second)


def test_photograph_and_painting_show_the_same_place(photographs, paintings):
    photographed = np.stack([structure(picture) for picture in photographs])
    painted = np.stack([structure(picture) for picture in paintings])
    correlation = photographed @ painted.T / photographed.shape[1]
    same = np.diag(correlation)
    other = correlation[~np.eye(len(correlation), dtype=bool)]
    assert np.median(same) > 0.85
    assert np.abs(np.median(other)) < 0.2
    assert (correlation.argmax(axis=0) == np.arange(len(correlation))).mean() > 0.9


@pytest.mark.parametrize("rendering", RENDERINGS)
def test_a_larger_picture_shows_the_same_scene(rendering):
    for index in range(8):
        small = rendering(scene(3, index), SMALL).astype(float)
        large = Image.fromarray(rendering(scene(3, index), (256, 256)))
        shrunk = np.asarray(large.resize((64, 64), Image.Resampling.BOX)).astype(float)
        other = rendering(scene(3, index + 8), SMALL).astype(float)
        assert np.abs(small - shrunk).mean() < min(12, 0.5 * np.abs(small - other).mean()), index
        assert np.corrcoef(small.ravel(), shrunk.ravel())[0, 1] > 0.87, index


def test_a_wider_picture_shows_more_at_the_sides():
    square = photograph(scene(3, 1), (64, 64)).astype(float)
    wide = photograph(scene(3, 1), (64, 128)).astype(float)
    assert np.abs(wide[:, 32:96] - square).mean() < 8


def test_a_season_changes_the_look_and_not_the_place():
    whiteness: dict[str, list[float]] = {season: [] for season in SEASONS}
    for index in range(24):
        free = scene(2, index)
        for season in SEASONS:
            forced = scene(2, index, season=season)
            assert forced == dataclasses.replace(free, season=season)
            if free.hour in ("day", "overcast") and free.composition in ("meadow", "woods", "haystacks", "river"):
                ground = photograph(forced, SMALL)[44:].astype(float)
                whiteness[season].append(float((ground.min(axis=2)).mean()))
    assert len(whiteness["winter"]) >= 4
    assert all(np.mean(whiteness["winter"]) > 1.6 * np.mean(whiteness[other]) for other in SEASONS[:3])


@pytest.mark.parametrize("rendering", RENDERINGS)
@pytest.mark.parametrize("size", [(0, 64), (64, -1)])
def test_a_size_below_one_is_refused(rendering, size):
    with pytest.raises(ValueError, match=rf"at least \(1, 1\), got \({size[0]}, {size[1]}\)"):
        rendering(scene(0, 0), size)
