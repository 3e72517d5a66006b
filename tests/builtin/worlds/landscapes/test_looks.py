"""The looks of a landscape: each a picture of the same place."""

import numpy as np
import pytest

from cyclekit.builtin.worlds.landscapes import LOOKS, SEASONS, painting, photograph, render, scene
from tests.builtin.worlds.test_landscapes import luminance


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_is_a_picture_and_the_same_one_each_time(look):
    for size in (8, 33):
        first = render(look, 4, 11, size)
        render(look, 4, 12, size)
        assert first.shape == (size, size, 3)
        assert first.dtype == np.uint8
        assert np.array_equal(render(look, 4, 11, size), first)
        assert not np.array_equal(render(look, 4, 12, size), first)
        assert not np.array_equal(render(look, 5, 11, size), first)


def test_the_looks_of_a_scene_are_its_renderings():
    for index in range(6):
        place = scene(2, index)
        assert np.array_equal(render("photograph", 2, index, 40), photograph(place, (40, 40)))
        assert np.array_equal(render("painting", 2, index, 40), painting(place, (40, 40)))
        for season in SEASONS:
            assert np.array_equal(render(season, 2, index, 40), photograph(scene(2, index, season=season), (40, 40)))
        own = {"day": "day", "moonlight": "night"}.get(place.hour)
        if own:
            assert np.array_equal(render(own, 2, index, 40), photograph(place, (40, 40)))


def test_night_is_darker_and_bluer_than_day():
    for index in range(30):
        day, night = (render(look, 1, index, 64).astype(float) for look in ("day", "night"))
        assert luminance(night).mean() < 0.55 * luminance(day).mean(), index
        assert luminance(night)[:20].mean() < 0.6 * luminance(day)[:20].mean(), index
        assert np.divide(*night.mean(axis=(0, 1))[[2, 0]]) > np.divide(*day.mean(axis=(0, 1))[[2, 0]]), index


def test_an_unknown_look_is_refused_with_a_guess():
    with pytest.raises(
        ValueError, match=r"unknown look 'nigth': did you mean 'night'\? landscapes have the looks paint"
    ):
        render("nigth", 0, 0, 64)
    with pytest.raises(ValueError, match=r"unknown look 'zzz': landscapes have the looks .*fog, rain, snow"):
        render("zzz", 0, 0, 64)


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_of_negative_numbers_or_a_tiny_size_is_refused(look):
    with pytest.raises(ValueError, match="seed >= 0 and index >= 0, got seed=-1, index=0"):
        render(look, -1, 0, 64)
    with pytest.raises(ValueError, match="seed >= 0 and index >= 0, got seed=0, index=-2"):
        render(look, 0, -2, 64)
    with pytest.raises(ValueError, match="a size of at least 8 pixels, got 7"):
        render(look, 0, 0, 7)
