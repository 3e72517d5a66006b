"""The built-in streets: one scene in three looks, aligned to the pixel, with a gap between game and camera."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from cyclekit.builtin.worlds.streets import CLASSES, LOOKS, coloured, render

COUNT = 24
NAMES = [name for name, _ in CLASSES]


@pytest.fixture(scope="module")
def looks() -> dict[str, np.ndarray]:
    return {look: np.stack([render(look, 7, index, 64) for index in range(COUNT)]) for look in LOOKS}


def grey(pictures: np.ndarray) -> np.ndarray:
    return pictures.astype(np.float64) @ (0.30, 0.59, 0.11)


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


def test_labels_in_colour_are_cityscapes():
    assert dict(CLASSES)["road"] == (128, 64, 128)
    assert dict(CLASSES)["car"] == (0, 0, 142)
    ids = np.arange(len(CLASSES), dtype=np.uint8)[None]
    assert [tuple(colour) for colour in coloured(ids)[0].tolist()] == [colour for _, colour in CLASSES]
    with pytest.raises(ValueError, match=r"class ids are 0 to 9, got 0 to 10"):
        coloured(np.array([[0, 10]], np.uint8))
