"""What a landscape consists of: every composition, hour and season, and one season or hour for another."""

import dataclasses

import pytest

from cyclekit.builtin.worlds.landscapes import SEASONS, scene
from cyclekit.builtin.worlds.landscapes.composition import SUN_HEIGHT, at_hour


def test_many_scenes_cover_every_composition_hour_and_season():
    scenes = [scene(0, index) for index in range(300)]
    assert {one.season for one in scenes} == set(SEASONS)
    assert len({one.composition for one in scenes}) == 8
    assert len({one.hour for one in scenes}) == 6
    assert {one.water.kind for one in scenes if one.water} == {"lake", "river", "sea"}
    assert {plant.species for one in scenes for plant in one.plants} >= {"oak", "conifer", "poplar", "haystack", "boat"}


def test_an_unknown_season_is_refused_with_a_guess():
    with pytest.raises(ValueError, match=r"unknown season 'wintr': did you mean 'winter'\? seasons are spring, summer"):
        scene(0, 0, season="wintr")
    with pytest.raises(ValueError, match=r"unknown season 'zzz': seasons are spring"):
        scene(0, 0, season="zzz")


@pytest.mark.parametrize("numbers", [(-1, 0), (0, -1)])
def test_negative_numbers_are_refused(numbers):
    with pytest.raises(ValueError, match="seed >= 0 and index >= 0"):
        scene(*numbers)


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
