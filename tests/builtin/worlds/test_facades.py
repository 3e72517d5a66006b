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
