"""The photograph of a facade: edges where the labels have them, dark windows, shadows."""

import numpy as np

from cyclekit.builtin.worlds.facades import render
from tests.builtin.worlds import test_facades
from tests.builtin.worlds.test_facades import classes, number

maps = test_facades.maps
photographs = test_facades.photographs


def luminance(picture: np.ndarray) -> np.ndarray:
    return picture.astype(np.float64) @ (0.30, 0.59, 0.11)


def edges(plane: np.ndarray) -> np.ndarray:
    """Where neighbours differ, both ways: (63, 63)."""
    plane = plane.astype(np.float64)
    return np.abs(np.diff(plane, axis=0))[:, 1:] + np.abs(np.diff(plane, axis=1))[1:]


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
