"""Fog, rain and snow: the model of fog holds, what is far is veiled most, and the photograph beneath is the truth."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PIL import Image

from cyclekit.builtin.worlds.landscapes import photograph, render, scene
from cyclekit.builtin.worlds.landscapes.composition import Scene
from cyclekit.builtin.worlds.landscapes.frame import near_on_plain
from cyclekit.builtin.worlds.landscapes.rendering import render as drawn
from cyclekit.builtin.worlds.landscapes.weather import WEATHER, fog, rain, snow

SIZE = 64
SCENES = range(24)


def grey(value: float) -> np.ndarray:
    return np.full((3, SIZE, SIZE), value, np.float32)


def contrast_kept(weather: str, rows: slice, index: int) -> float:
    """Spread of the luminance in `rows` of the picture in the weather, over that in the photograph."""
    clear, veiled = (render(look, 0, index, SIZE)[rows].astype(float).mean(axis=2) for look in ("photograph", weather))
    return float(veiled.std() / clear.std())


def open_scenes() -> list[Scene]:
    """Scenes with land alone before the horizon, so that rows are distances."""
    return [one for one in (scene(0, index) for index in range(60)) if one.water is None][:10]


def test_the_plain_recedes_and_ridges_lie_behind_it():
    for one in open_scenes():
        frame = drawn(dataclasses.replace(one, plants=()), SIZE, SIZE)
        first = int(np.ceil((one.horizon + 0.02) * SIZE))
        rows = frame.nearness[first:]
        assert np.all(np.diff(rows, axis=0) > 0)
        assert np.allclose(rows, rows[:, :1])
        assert frame.nearness[: int(one.horizon * SIZE) - 3].max() < near_on_plain(np.array(0.0)) * 1.6
        assert frame.nearness.min() > 0
        assert frame.nearness.max() < 1


def test_a_plant_is_as_near_as_its_foot():
    seen = 0
    for one in open_scenes():
        near = [plant for plant in one.plants if plant.species == "haystack"]
        for plant in near[-1:]:
            frame = drawn(dataclasses.replace(one, plants=(plant,)), SIZE, SIZE)
            y = min(int((plant.foot - 0.25 * plant.height) * SIZE), SIZE - 1)
            depth = (plant.foot - one.horizon) / (1 - one.horizon)
            assert frame.nearness[y, int(plant.x * SIZE)] == pytest.approx(near_on_plain(np.array(depth)), abs=0.02)
            seen += 1
    assert seen


def test_a_mirror_image_is_no_nearer_than_the_water():
    lakes = [one for one in (scene(0, index) for index in range(40)) if one.water and one.water.kind == "lake"]
    assert lakes
    for one in lakes:
        frame = drawn(one, SIZE, SIZE)
        nearer = frame.nearness - frame.plain
        assert nearer[frame.wet > 0.999].max() < 0.002


def test_fog_keeps_the_model():
    # I = J t + A (1 - t) is linear in J: black and white give A (1 - t) and t, and grey lies between
    for index in SCENES:
        frame = drawn(scene(0, index), SIZE, SIZE)
        dark, middle, light = (fog(frame, grey(value)) for value in (0.0, 0.5, 1.0))
        through = light - dark
        inside = light < 1
        assert inside.mean() > 0.5
        assert np.allclose(middle[inside], ((dark + light) / 2)[inside], atol=1e-5)
        density = np.log(through[1]) / np.log(frame.nearness)
        density = density[inside[1] & (through[1] > 0.02)]
        assert density.min() > 0.15
        assert density.max() < 5.1
        assert 0.4 < np.median(density) < 3.3


def test_fog_hides_the_far_and_leaves_the_near():
    far = [contrast_kept("fog", slice(0, 40), index) for index in SCENES]
    near = [contrast_kept("fog", slice(54, 64), index) for index in SCENES]
    assert np.median(near) > 2 * np.median(far)
    assert np.median(near) > 0.6
    assert np.ptp(far) > 0.25  # some fogs are thin


def test_the_amount_of_weather_differs_from_scene_to_scene():
    for weather in WEATHER:
        changes = [
            np.abs(render(weather, 0, index, SIZE).astype(float) - render("photograph", 0, index, SIZE)).mean()
            for index in SCENES
        ]
        assert min(changes) > 4, weather
        assert np.std(changes) > 4, weather


@pytest.mark.parametrize("weather", WEATHER)
def test_weather_moves_nothing(weather):
    photographed, weathered = [], []
    for index in SCENES:
        for look, kept in (("photograph", photographed), (weather, weathered)):
            picture = render(look, 0, index, SIZE)[36:].astype(float).mean(axis=2)
            picture -= picture.mean(axis=1, keepdims=True)
            kept.append((picture / picture.std()).ravel())
    correlation = np.stack(photographed) @ np.stack(weathered).T / len(photographed[0])
    assert (correlation.argmax(axis=0) == np.arange(len(correlation))).mean() > 0.95
    assert np.median(np.diag(correlation)) > 0.6


@pytest.mark.parametrize(("fall", "least"), [(rain, 0.02), (snow, 0.04)])
def test_drops_and_flakes_are_brighter_than_a_dark_ground(fall, least):
    for index in SCENES:
        frame = drawn(scene(0, index), SIZE, SIZE)
        frame.sky[:] = 0
        frame.nearness[:] = 1  # no veil, no far blur: on black, all light is what falls
        light = fall(frame, grey(0.0))[1]
        assert light.min() < 0.02
        assert least < (light > 0.08).mean() < 0.6


def test_rain_dims_and_mutes_and_snow_whitens():
    def lights_and_colour(look: str, index: int) -> tuple[float, float]:
        picture = render(look, 0, index, SIZE).astype(float)
        return float(np.quantile(picture.mean(axis=2), 0.95)), float(np.ptp(picture, axis=2).mean())

    days = [index for index in range(60) if scene(0, index).hour == "day" and scene(0, index).season != "winter"][:12]
    assert len(days) == 12
    for index in days:
        (clear, colourful), (wet, muted), (white, pale) = (
            lights_and_colour(look, index) for look in ("photograph", "rain", "snow")
        )
        assert wet < clear - 10
        assert wet < white - 10
        assert muted < 0.75 * colourful
        assert pale < 0.9 * colourful


@pytest.mark.parametrize("weather", WEATHER)
def test_a_larger_picture_shows_the_same_weather(weather):
    for index in range(8):
        small = render(weather, 3, index, SIZE).astype(float)
        large = Image.fromarray(render(weather, 3, index, 4 * SIZE))
        shrunk = np.asarray(large.resize((SIZE, SIZE), Image.Resampling.BOX)).astype(float)
        assert np.abs(small - shrunk).mean() < 10, index
        assert np.corrcoef(small.ravel(), shrunk.ravel())[0, 1] > 0.87, index


def test_weather_leaves_the_photograph_it_is_given_alone():
    frame = drawn(scene(0, 1), SIZE, SIZE)
    planes = photograph(scene(0, 1), (SIZE, SIZE)).transpose(2, 0, 1).astype(np.float32) / 255
    before = planes.copy()
    for weather in WEATHER.values():
        weather(frame, planes)
        assert np.array_equal(planes, before)
