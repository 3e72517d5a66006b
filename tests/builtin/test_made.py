"""Pictures that are made on the spot: rendered once, then kept, and made again when spoilt."""

import numpy as np
import pytest
from PIL import Image

from cyclekit.builtin.made import HELD_OUT_FROM, MadePictures, made, made_once
from cyclekit.core.batch import Pair


def test_rendered_once_then_kept_and_made_again_when_spoilt(monkeypatch):
    renderings = MadePictures("landscapes", "photograph", seed=7, scenes=range(2), size=16)
    first = renderings.open(0, 3)
    kept = renderings.folder / "photograph-0000000.png"
    assert [path.name for path in renderings.folder.iterdir()] == [kept.name]
    monkeypatch.setattr(MadePictures, "made", lambda *_: pytest.fail("rendered twice"))
    assert renderings.open(0, 3).tobytes() == first.tobytes()
    assert np.asarray(renderings.open(0, 1)).shape == (16, 16)
    monkeypatch.undo()
    kept.write_bytes(b"spoilt")
    assert renderings.open(0, 3).tobytes() == first.tobytes()
    kept.unlink()
    assert renderings.open(0, 3).tobytes() == first.tobytes()


def test_class_numbers_are_shown_in_colour():
    picture = MadePictures("streets", "labels", 0, range(1), 32).open(0, 3)
    assert np.ptp(np.asarray(picture), axis=2).max() > 0


def test_refusals():
    looks = Pair("painting", "photograph")
    with pytest.raises(ValueError, match="scenes=0, held_out=100: both must be at least 1"):
        made("landscapes", "landscapes", looks, 16, False, 0, 100, 0)
    with pytest.raises(ValueError, match="builtin:landscapes has no look 'wintre'; did you mean 'winter'"):
        made("landscapes", "landscapes", looks._replace(b="wintre"), 16, False, 4, 4, 0)


def test_held_out_scenes_are_far_from_all_training_scenes():
    looks = Pair("painting", "photograph")
    few, many = (made("landscapes", "x", looks, 16, False, scenes, 3, 0) for scenes in (2, 500))
    assert few.test.map(lambda side: list(side.scenes)) == many.test.map(lambda side: list(side.scenes))
    assert min(few.test.a.scenes) == HELD_OUT_FROM > max(many.train.b.scenes)
    assert set(many.train.a.scenes).isdisjoint(many.train.b.scenes)
    paired = made("landscapes", "x", looks, 16, True, 4, 3, 0)
    assert list(paired.train.a.scenes) == list(paired.train.b.scenes)
    assert paired.words == "x, no real pictures (painting and photograph; seed 0, 16x16)"
    assert few.train.a.stored(0) is None


def test_pictures_of_another_seed_size_world_or_code_are_kept_apart(monkeypatch):
    folders = [MadePictures(*one, range(1), size).folder for *one, size in (
        ("landscapes", "photograph", 0, 16), ("landscapes", "photograph", 1, 16), ("landscapes", "photograph", 0, 32),
        ("streets", "game", 0, 16),
    )]  # fmt: skip
    monkeypatch.setattr("cyclekit.builtin.made._version", lambda world: "other")
    folders.append(MadePictures("landscapes", "photograph", 0, range(1), 16).folder)
    assert len(set(folders)) == 5


def test_without_a_place_to_keep_it_a_picture_is_made_each_time():
    asked = []
    picture = Image.new("RGB", (4, 4), (9, 9, 9))
    for _ in range(2):
        assert made_once(None, lambda: asked.append(1) or picture, 3).getpixel((0, 0)) == (9, 9, 9)
    assert len(asked) == 2
