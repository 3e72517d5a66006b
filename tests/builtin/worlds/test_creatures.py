"""The built-in creatures: the same on every call, the same animal in both coats, stripes only where it is."""

from __future__ import annotations

import numpy as np
import pytest

from cyclekit.builtin.worlds.creatures import LOOKS, render, silhouette
from cyclekit.builtin.worlds.creatures.composition import compose

COUNT = 24


@pytest.fixture(scope="module")
def pictures() -> dict[str, np.ndarray]:
    return {look: np.stack([render(look, 7, index, 64) for index in range(COUNT)]).astype(float) for look in LOOKS}


@pytest.fixture(scope="module")
def masks() -> np.ndarray:
    return np.stack([silhouette(7, index, 64) for index in range(COUNT)])


def luminance(picture: np.ndarray) -> np.ndarray:
    return picture @ (0.30, 0.59, 0.11)


def contrast(picture: np.ndarray, where: np.ndarray) -> float:
    """Mean step of luminance between neighbours in a row that both lie in `where`."""
    both = where[..., 1:] & where[..., :-1]
    return float(np.abs(np.diff(luminance(picture), axis=-1))[both].mean())


def test_every_scene_shows_an_animal_and_its_surroundings():
    covered = np.array([silhouette(3, index, 32).mean() for index in range(60)])
    assert covered.min() > 0.03
    assert covered.max() < 0.65
    assert 0.12 < covered.mean() < 0.40


def test_outside_the_animals_the_looks_nearly_agree(pictures, masks):
    outside = masks < 0.01
    difference = np.abs(pictures["plain"] - pictures["striped"]).mean(axis=3)
    assert difference[outside].mean() < 10
    correlation = [
        np.corrcoef(*(luminance(pictures[look][index])[outside[index]] for look in LOOKS))[0, 1]
        for index in range(COUNT)
    ]
    assert min(correlation) > 0.95
    assert difference[masks > 0.99].mean() > 4 * difference[outside].mean()


def test_the_sky_is_the_same_and_the_grass_drier(pictures, masks):
    redder, compared = [], 0
    for index in range(COUNT):
        # the lowest rows are grass, the top rows sky, wherever the horizon lies
        outside = masks[index] < 0.01
        grass, sky = np.zeros_like(outside), np.zeros_like(outside)
        grass[48:], sky[:2] = outside[48:], outside[:2]
        if not any(tree.height > compose(7, index).horizon - 0.1 for tree in compose(7, index).trees):
            compared += 1
            assert np.array_equal(pictures["plain"][index][sky], pictures["striped"][index][sky])
        plain, striped = (pictures[look][index][grass].mean(axis=0) for look in LOOKS)
        redder.append(striped[0] / striped[1] - plain[0] / plain[1])
    assert compared > 10
    assert min(redder) > 0.01


def test_stripes_are_inside_the_body(pictures, masks):
    inside = masks > 0.99
    assert contrast(pictures["striped"], inside) > 3 * contrast(pictures["plain"], inside)
    outside = masks < 0.01
    assert contrast(pictures["striped"], outside) < 1.2 * contrast(pictures["plain"], outside)


def test_stripes_are_black_and_white_and_coats_are_not(pictures, masks):
    inside = masks > 0.99
    light = luminance(pictures["striped"])[inside]
    assert (light < 60).mean() > 0.15
    assert (light > 150).mean() > 0.15
    colourful = {look: np.ptp(pictures[look][inside], axis=1).mean() for look in LOOKS}
    assert colourful["plain"] > 1.4 * colourful["striped"]


@pytest.mark.parametrize("numbers", [(-1, 0), (0, -1)])
def test_a_silhouette_of_negative_numbers_is_refused(numbers):
    with pytest.raises(ValueError, match="seed >= 0 and index >= 0"):
        silhouette(*numbers, 64)
