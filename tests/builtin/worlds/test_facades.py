"""The built-in facades: label maps in the data base's colours, and photographs of the same fronts."""

from __future__ import annotations

import numpy as np
import pytest

from cyclekit.builtin.worlds.facades import CLASSES, render

COLOURS = np.array([colour for _, colour in CLASSES])


@pytest.fixture(scope="module")
def maps() -> list[np.ndarray]:
    """The class numbers (64, 64) of 60 facades."""
    return [classes(render("labels", 7, index, 64)) for index in range(60)]


@pytest.fixture(scope="module")
def photographs() -> list[np.ndarray]:
    return [render("photograph", 7, index, 64) for index in range(60)]


def classes(picture: np.ndarray) -> np.ndarray:
    match = (picture[:, :, None].astype(int) == COLOURS).all(axis=3)
    assert match.any(axis=2).all()  # no colour but those of CLASSES
    return match.argmax(axis=2)


def number(name: str) -> int:
    return [one for one, _ in CLASSES].index(name)


def luminance(picture: np.ndarray) -> np.ndarray:
    return picture.astype(np.float64) @ (0.30, 0.59, 0.11)


def edges(plane: np.ndarray) -> np.ndarray:
    """Where neighbours differ, both ways: (63, 63)."""
    plane = plane.astype(np.float64)
    return np.abs(np.diff(plane, axis=0))[:, 1:] + np.abs(np.diff(plane, axis=1))[1:]


def test_scenes_differ(maps, photographs):
    assert not np.array_equal(render("photograph", 8, 0, 64), photographs[0])
    for first in range(len(maps)):
        for second in range(first):
            assert (maps[first] != maps[second]).mean() > 0.1, (first, second)
            assert np.abs(photographs[first].astype(float) - photographs[second]).mean() > 15, (first, second)


def test_label_maps_hold_every_class_and_only_their_colours(maps):
    share = np.bincount(np.concatenate([one.ravel() for one in maps]), minlength=len(CLASSES)) / (60 * 64 * 64)
    assert len(CLASSES) == 12
    assert share.min() > 0.001
    # in the data base too, facade comes first, then background and windows
    assert list(np.argsort(-share)[:3]) == [number("facade"), number("background"), number("window")]


def test_every_facade_has_windows_and_a_door_at_its_foot(maps):
    for index, one in enumerate(maps):
        assert (one == number("window")).sum() >= 12, index
        doors = np.argwhere(one == number("door"))
        assert len(doors) >= 4, index
        assert doors[:, 0].min() > 20, index


def test_windows_are_darker_than_the_wall_in_the_photograph(maps, photographs):
    darker = []
    for one, picture in zip(maps, photographs):
        light = luminance(picture)
        darker.append(light[one == number("facade")].mean() - light[one == number("window")].mean())
    assert np.median(darker) > 20
    assert np.mean(np.array(darker) > 0) > 0.9


def test_the_photograph_has_its_edges_where_the_labels_have_theirs(maps, photographs):
    """The correlation of edges is high for the front itself and near zero for another one."""
    label_edges = [edges(one) > 0 for one in maps]
    photo_edges = [edges(luminance(one)) for one in photographs]

    def agreement(label: np.ndarray, photo: np.ndarray) -> float:
        return float(np.corrcoef(label.ravel(), photo.ravel())[0, 1])

    own = [agreement(label, photo) for label, photo in zip(label_edges, photo_edges)]
    other = [agreement(label, photo) for label, photo in zip(label_edges, photo_edges[1:])]
    assert np.median(own) > 0.35
    assert np.median(other) < 0.2
    assert min(own) > 0.1


def test_sills_and_moldings_throw_shadows():
    """Below a sill the wall is darker than above its window: light comes from above."""
    below, above = [], []
    for index in range(30):
        one, light = classes(render("labels", 3, index, 128)), luminance(render("photograph", 3, index, 128))
        under = (one[:-1] == number("sill")) & (one[1:] == number("facade"))
        over = (one[1:] == number("window")) & (one[:-1] == number("facade"))
        if under.any() and over.any():
            below.append(light[1:][under].mean())
            above.append(light[:-1][over].mean())
    assert len(below) > 10
    assert np.mean(below) < 0.85 * np.mean(above)
