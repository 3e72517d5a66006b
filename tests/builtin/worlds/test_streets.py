"""The built-in streets: one scene in three looks, aligned to the pixel, with a gap between game and camera."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from cyclekit.builtin.worlds.streets import CLASSES, LOOKS, coloured, render, scene
from cyclekit.builtin.worlds.streets.materials import MATERIALS
from cyclekit.builtin.worlds.streets.scene import Building, Car

COUNT = 24
NAMES = [name for name, _ in CLASSES]


@pytest.fixture(scope="module")
def looks() -> dict[str, np.ndarray]:
    return {look: np.stack([render(look, 7, index, 64) for index in range(COUNT)]) for look in LOOKS}


def grey(pictures: np.ndarray) -> np.ndarray:
    return pictures.astype(np.float64) @ (0.30, 0.59, 0.11)


def saturation(pictures: np.ndarray) -> float:
    return float((pictures.max(axis=-1).astype(float) - pictures.min(axis=-1)).mean())


def test_scenes_differ(looks):
    assert not np.array_equal(render("rendered", 8, 0, 64), looks["rendered"][0])
    for first in range(COUNT):
        for second in range(first):
            assert (looks["labels"][first] != looks["labels"][second]).mean() > 0.05, (first, second)


def test_every_class_is_there_and_none_is_everywhere(looks):
    share = np.bincount(looks["labels"].ravel(), minlength=len(CLASSES)) / looks["labels"].size
    assert len(share) == len(CLASSES)
    assert share.min() > 0.002, dict(zip(NAMES, share))
    assert share.max() < 0.6, dict(zip(NAMES, share))
    assert share.argmax() == NAMES.index("road")


def test_sky_is_above_and_road_below(looks):
    labels = looks["labels"]
    assert not (labels[:, 36:] == NAMES.index("sky")).any()
    assert not (labels[:, :24] == NAMES.index("road")).any()
    assert (labels[:, 48:] == NAMES.index("road")).mean() > 0.6


def test_labels_are_what_the_game_shows(looks):
    """Away from edges a rendered pixel has a colour of its class's materials, in one of the three lights."""
    hues: dict[str, list[np.ndarray]] = {name: [] for name in NAMES}
    for material in MATERIALS.values():
        hues[material.label] += [np.array(colour) / np.linalg.norm(colour) for colour in material.game]
    found = []
    for labels, picture in zip(looks["labels"], looks["rendered"]):
        for number, name in enumerate(NAMES):
            inside = labels == number
            for shift, axis in ((1, 0), (-1, 0), (1, 1), (-1, 1)):
                inside &= np.roll(labels, shift, axis) == number
            directions = picture[inside] / np.linalg.norm(picture[inside].astype(float), axis=1, keepdims=True)
            if len(directions):
                # between two colours of one class edges are mixed, hence not every pixel
                found.append(np.max(directions @ np.stack(hues[name]).T, axis=1) > 0.995)
    assert np.concatenate(found).mean() > 0.9


def test_game_and_camera_show_the_same_street(looks):
    """The camera's picture varies less within the true classes than within those of another street."""

    def left(picture: np.ndarray, labels: np.ndarray) -> float:
        grey_levels = grey(picture)
        return sum(
            float(((part - part.mean()) ** 2).sum()) for n in range(10) if (part := grey_levels[labels == n]).size
        )

    true = [left(looks["camera"][row], looks["labels"][row]) for row in range(COUNT)]
    other = [left(looks["camera"][row], looks["labels"][(row + 1) % COUNT]) for row in range(COUNT)]
    assert np.mean(np.array(true) < other) > 0.9


def test_the_camera_is_duller_than_the_game(looks):
    assert saturation(looks["rendered"]) > 2.5 * saturation(looks["camera"])


def test_surfaces_are_flat_in_the_game_and_worn_before_the_camera(looks):
    """Most neighbouring road pixels are exactly equal in the game, few before the camera."""
    road = looks["labels"] == NAMES.index("road")
    both = road[:, :, 1:] & road[:, :, :-1]
    equal = {
        look: (looks[look][:, :, 1:] == looks[look][:, :, :-1]).all(axis=-1)[both].mean()
        for look in ("rendered", "camera")
    }
    assert equal["rendered"] > 0.75
    assert equal["camera"] < 0.1


def test_the_game_colours_sort_classes_that_the_camera_does_not(looks):
    """The gap is real: pixels sorted by the game's mean class colours come out right there, wrong before the camera."""
    flat = looks["labels"].ravel()
    means = np.stack([looks["rendered"].reshape(-1, 3)[flat == number].mean(axis=0) for number in range(len(CLASSES))])

    def right(look: str) -> float:
        pixels = looks[look].reshape(-1, 3).astype(float)
        nearest = ((pixels[:, None] - means) ** 2).sum(axis=-1).argmin(axis=1)
        return float(np.mean([(nearest == number)[flat == number].mean() for number in range(len(CLASSES))]))

    assert right("rendered") > right("camera") + 0.15


@pytest.mark.parametrize("look", ["rendered", "camera"])
def test_a_larger_picture_shows_the_same_street(look):
    for index in range(6):
        small = render(look, 3, index, 64).astype(float)
        large = Image.fromarray(render(look, 3, index, 256))
        shrunk = np.asarray(large.resize((64, 64), Image.Resampling.BOX)).astype(float)
        other = render(look, 3, index + 6, 64).astype(float)
        assert np.abs(small - shrunk).mean() < 0.4 * np.abs(small - other).mean(), index
    labels, fine = render("labels", 3, 0, 64), render("labels", 3, 0, 256)
    assert (labels == fine[2::4, 2::4]).mean() > 0.97


def test_many_scenes_cover_sun_and_cloud_crossings_and_all_kinds_of_sides():
    scenes = [scene(0, index) for index in range(100)]
    assert {one.left.kind for one in scenes} == {"row", "villas", "park"}
    assert {one.sun > 0 for one in scenes} == {True, False}
    assert {one.crossing is None for one in scenes} == {True, False}
    assert {one.lanes for one in scenes} == {1, 2}
    assert all(any(isinstance(thing, Building | Car) for thing in one.things) for one in scenes)


def test_labels_in_colour_are_cityscapes():
    assert dict(CLASSES)["road"] == (128, 64, 128)
    assert dict(CLASSES)["car"] == (0, 0, 142)
    ids = np.arange(len(CLASSES), dtype=np.uint8)[None]
    assert [tuple(colour) for colour in coloured(ids)[0].tolist()] == [colour for _, colour in CLASSES]
    with pytest.raises(ValueError, match=r"class ids are 0 to 9, got 0 to 10"):
        coloured(np.array([[0, 10]], np.uint8))
