"""The built-in landscapes: the same on every call, of every size, and the same place in all renderings."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PIL import Image

from cyclekit.builtin.worlds.landscapes import LOOKS, SEASONS, painting, photograph, render, scene
from cyclekit.builtin.worlds.landscapes.composition import SUN_HEIGHT, at_hour

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


def test_many_scenes_cover_every_composition_hour_and_season():
    scenes = [scene(0, index) for index in range(300)]
    assert {one.season for one in scenes} == set(SEASONS)
    assert len({one.composition for one in scenes}) == 8
    assert len({one.hour for one in scenes}) == 6
    assert {one.water.kind for one in scenes if one.water} == {"lake", "river", "sea"}
    assert {plant.species for one in scenes for plant in one.plants} >= {"oak", "conifer", "poplar", "haystack", "boat"}


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


def test_the_palette_of_paintings_has_no_black_and_fewer_extremes(photographs, paintings):
    photographed, painted = np.stack(photographs), np.stack(paintings)
    assert painted.max(axis=3).min() > 45
    assert (photographed.max(axis=3) < 45).mean() > 0.01
    assert luminance(painted).mean() > luminance(photographed).mean() + 5
    # shadows are violet: less green and more blue in the dark tenth of the paintings
    green_to_blue = []
    for pictures in (photographed, painted):
        light = luminance(pictures)
        dark = pictures[light < np.quantile(light, 0.1)].astype(float).mean(axis=0)
        green_to_blue.append(dark[2] / dark[1])
    assert green_to_blue[1] > green_to_blue[0] + 0.1
    assert green_to_blue[1] > 1.1


def test_strokes_break_the_flat_sky(photographs, paintings):
    def roughness(pictures: list[np.ndarray]) -> float:
        return float(np.mean([np.abs(np.diff(luminance(picture)[2:16], axis=0)).mean() for picture in pictures]))

    assert roughness(paintings) > 1.3 * roughness(photographs)


@pytest.mark.parametrize("rendering", RENDERINGS)
@pytest.mark.parametrize("size", [(0, 64), (64, -1)])
def test_a_size_below_one_is_refused(rendering, size):
    with pytest.raises(ValueError, match=rf"at least \(1, 1\), got \({size[0]}, {size[1]}\)"):
        rendering(scene(0, 0), size)


def test_an_unknown_season_is_refused_with_a_guess():
    with pytest.raises(ValueError, match=r"unknown season 'wintr': did you mean 'winter'\? seasons are spring, summer"):
        scene(0, 0, season="wintr")
    with pytest.raises(ValueError, match=r"unknown season 'zzz': seasons are spring"):
        scene(0, 0, season="zzz")


@pytest.mark.parametrize("numbers", [(-1, 0), (0, -1)])
def test_negative_numbers_are_refused(numbers):
    with pytest.raises(ValueError, match="seed >= 0 and index >= 0"):
        scene(*numbers)


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


def test_at_another_hour_sun_clouds_and_haze_are_those_of_that_hour():
    hours = set()
    for index in range(80):
        place = scene(6, index)
        hours.add(place.hour)
        assert at_hour(place, place.hour) is place
        for hour in ("day", "moonlight"):
            other = at_hour(place, hour)
            height = (other.horizon - other.sun_y) / SUN_HEIGHT[hour]
            assert 0.599 < height < 1.301
            assert 0.249 < other.haze < 0.751
            assert 0 <= other.clouds <= 0.85
            moved = {"hour", "sun_y", "clouds", "haze"}
            fields = [field.name for field in dataclasses.fields(place) if field.name not in moved]
            assert all(getattr(other, name) == getattr(place, name) for name in fields)
    assert hours == set(SUN_HEIGHT)


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
