"""The looks of a street: a game, a camera, and the labels of both."""

import numpy as np

from cyclekit.builtin.worlds.streets import CLASSES
from cyclekit.builtin.worlds.streets.materials import MATERIALS
from tests.builtin.worlds import test_streets
from tests.builtin.worlds.test_streets import NAMES

looks = test_streets.looks


def saturation(pictures: np.ndarray) -> float:
    return float((pictures.max(axis=-1).astype(float) - pictures.min(axis=-1)).mean())


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
