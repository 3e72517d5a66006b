"""What is wrong with a set of pictures is found, named and shown; what is right is not complained about."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from PIL import Image

from cyclekit.image.curation.audit import counts, findings, notes_of
from cyclekit.image.curation.grouping import groups_of
from cyclekit.image.curation.looking import look_at
from tests.pictures import picture, picture_folders

SIZE = (40, 40)


@pytest.fixture
def data(tmp_path):
    """A sound set: 6 + 6 to train on, 3 + 3 held out."""
    return picture_folders(tmp_path / "set")


def looked_at(*folders):
    grouped = groups_of(list(folders))
    return look_at(grouped.groups, grouped.paired)


def found(*folders):
    return {one.what: one for one in findings(looked_at(*folders))}


def test_a_sound_set_has_nothing_to_complain_about(data):
    assert found(data) == {}


def test_counts(data):
    picture(900, (30, 10)).save(data / "trainA" / "wide.png")
    picture(901, (25, 25)).convert("L").save(data / "trainA" / "grey.png")
    (data / "trainA" / "empty.jpg").touch()
    train_a = counts(looked_at(data))[0]
    assert train_a == ("trainA", 8, 1, (30, 10), (20, 20), (25, 25), 3, {"RGB": 7, "L": 1})
    (data / "testB").rename(data / "gone")
    assert [one.group for one in counts(looked_at(data))] == ["trainA", "trainB", "testA"]


def test_unreadable_files_are_named_with_the_reason(data):
    (data / "trainA" / "empty.jpg").touch()
    (data / "testB" / "page.png").write_text("<html>")
    unreadable = found(data)["unreadable"]
    assert unreadable.pictures == 2
    assert unreadable.names == [
        "trainA/empty (the file is empty)",
        "testB/page (not a picture in any known format)",
    ]


def test_equal_pixels_are_duplicates_however_they_are_stored(data):
    Image.open(data / "trainA" / "02.png").save(data / "trainA" / "zz.bmp")
    assert list(found(data)) == ["exact duplicates in trainA"]
    one = found(data)["exact duplicates in trainA"]
    assert (one.pictures, one.names) == (1, ["trainA/02 = trainA/zz"])
    assert len(one.rows) == 1


def test_leaks_between_splits_and_between_domains(data):
    Image.open(data / "trainA" / "02.png").save(data / "testA" / "leak.png")
    Image.open(data / "trainA" / "03.png").save(data / "trainB" / "both.png")
    assert {what: one.names for what, one in found(data).items()} == {
        "exact leak between train and test": ["trainA/02 = testA/leak"],
        "exact leak between trainA and trainB": ["trainA/03 = trainB/both"],
    }


def test_near_duplicates_are_named_with_how_near_they_are(data):
    original = Image.open(data / "trainA" / "02.png")
    original.resize((60, 60), Image.Resampling.BICUBIC).save(data / "testA" / "larger.jpg", quality=60)
    original.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(data / "trainA" / "mirrored.png")
    all_found = found(data)
    assert set(all_found) == {"near leak between train and test", "near duplicates in trainA"}
    leaks = all_found["near leak between train and test"].names
    assert len(leaks) == 1
    assert leaks[0].startswith(("trainA/02 ~ testA/larger (", "trainA/mirrored ~ testA/larger ("))
    (mirrored,) = all_found["near duplicates in trainA"].names
    assert mirrored.startswith("trainA/02 ~ trainA/mirrored (")
    assert mirrored.endswith(" bits, mirrored)")


def test_constant_pictures_are_one_finding_and_no_duplicates(data):
    for name in ("x", "y"):
        Image.new("RGB", SIZE, "navy").save(data / "trainB" / f"{name}.png")
    assert {what: one.names for what, one in found(data).items()} == {"one colour all over": ["trainB/x", "trainB/y"]}


def test_grey_pictures_are_found_among_coloured_ones_only(data):
    picture(77).convert("L").convert("RGB").save(data / "trainB" / "old.png")
    assert found(data)["grey pictures in colour trainB"].names == ["trainB/old"]
    for path in (data / "trainB").iterdir():
        Image.open(path).convert("L").save(path)
    assert found(data) == {}


def test_domains_of_very_different_size(tmp_path):
    root = picture_folders(tmp_path / "set", train=9)
    for index in range(6):
        (root / "trainA" / f"{index:02d}.png").unlink()
    assert found(root) == {}  # 3 : 9 is still allowed
    (root / "trainA" / "06.png").unlink()
    one = found(root)["domains of very different size"]
    assert one.names == ["trainA 2, trainB 9 (1 : 4.5)"]


def test_the_sides_of_a_pair_may_look_alike(tmp_path):
    for split, seeds in (("train", range(4)), ("test", range(4, 6))):
        (tmp_path / split).mkdir()
        for seed in seeds:
            both = Image.new("RGB", (80, 40))
            both.paste(picture(seed, SIZE), (0, 0))
            both.paste(picture(seed, SIZE).convert("L").convert("RGB"), (40, 0))
            both.save(tmp_path / split / f"{seed}.png")
    assert found(tmp_path) == {}
    assert [one.group for one in counts(looked_at(tmp_path))] == [
        "train left",
        "train right",
        "test left",
        "test right",
    ]
    both.save(tmp_path / "train" / "leak.png")
    leak = found(tmp_path)["exact leak between train and test"]
    assert leak.names == ["train left/leak = test left/5", "train right/leak = test right/5"]


def test_nothing_is_written(data):
    before = {path: path.stat().st_mtime_ns for path in data.rglob("*")}
    found(data)
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*")} == before


def test_numbers_are_looked_at_and_what_training_would_leave_is_said(data):
    tifffile.imwrite(data / "trainA/ct.tif", (np.arange(1600).reshape(40, 40) - 700).astype(np.int16))
    tifffile.imwrite(data / "trainB/bands.tif", np.ones((6, 40, 40), np.uint16), photometric="minisblack")
    np.save(data / "trainB/array.npy", np.random.default_rng(0).random((40, 40)) * 9)
    looks = looked_at(data)
    assert looks.broken == {}
    assert {one.mode for one in looks.seen if one.name.endswith(("array", "ct"))} == {"float64", "I"}
    assert "trainB: 1 of 8 have 6 bands or pages, of which the first is used; set data.channels.b=6 to use all" in (
        notes_of(looks)
    )
    assert "trainA: 1 of 7 hold numbers of which none is known to be white: set data.range.a=auto to train on them" in (
        notes_of(looks)
    )
    assert notes_of(looked_at(data / "testA", data / "testB")) == []
