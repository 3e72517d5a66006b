"""What is wrong with a set of pictures is found, named and shown; what is right is not complained about."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from PIL import Image

from cyclekit.image.curation.audit import counts, findings, notes_of
from cyclekit.image.curation.audit_sheet import write_audit_sheet
from cyclekit.image.curation.grouping import groups_of
from cyclekit.image.curation.looking import look_at
from cyclekit.registry import RecipeError
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


def test_any_folders(tmp_path, pictures):
    pictures(tmp_path / "dogs", "1.png", "2.png")
    pictures(tmp_path / "many cats", "1.png", "2.png", "3.png")
    grouped = groups_of([tmp_path])
    assert [(one.name, one.split, one.domain) for one in grouped.groups] == [
        ("dogs", "train", "dogs"),
        ("many cats", "train", "many cats"),
    ]
    assert grouped.words == "dogs and many cats"
    pictures(tmp_path / "birds/test", "1.png")
    (tmp_path / "birds/list.txt").write_text("")
    pictures(tmp_path / "birds", "2.png")
    three = groups_of([tmp_path])
    assert [(one.name, one.split, len(one.pictures.names)) for one in three.groups] == [
        ("birds", "train", 1), ("birds test", "test", 1), ("dogs", "train", 2), ("many cats", "train", 3),
    ]  # fmt: skip
    assert three.words.startswith(f"every folder by itself, for {tmp_path}: which pictures are of which domain is not")
    assert three.notes == ["not read: 1 .txt"]
    two = groups_of([tmp_path / "dogs", tmp_path / "many cats"])
    assert [one.name for one in two.groups] == [str(tmp_path / "dogs"), str(tmp_path / "many cats")]
    one = groups_of([tmp_path / "dogs"])
    assert [(each.name, len(each.pictures.names)) for each in one.groups] == [("dogs", 2)]


def test_the_names_of_folders_may_say_split_and_domain(tmp_path, pictures):
    for name in ("train_cat", "testCat", "dog/val"):
        pictures(tmp_path / name, "1.png")
    grouped = groups_of([tmp_path / "train_cat", tmp_path / "testCat", tmp_path / "dog" / "val"])
    assert [one[1:3] for one in grouped.groups] == [("train", "cat"), ("test", "cat"), ("test", "dog")]


def test_half_a_set_is_looked_at_and_said_to_be_one(data):
    for folder in ("trainB", "testB"):
        (data / folder).rename(data / f"no {folder}")
    assert "has trainA but no trainB" in groups_of([data]).words


def test_folders_without_pictures_are_refused(tmp_path):
    with pytest.raises(RecipeError, match=r"nowhere: no such folder; name folders of pictures"):
        groups_of([tmp_path / "nowhere"])
    with pytest.raises(RecipeError, match="holds no pictures"):
        groups_of([tmp_path])


def test_the_sheet_shows_every_group_and_the_suspects(data, tmp_path):
    looks = looked_at(data)
    write_audit_sheet(looks, [], "sound", tmp_path / "sound.png")
    Image.open(data / "trainA" / "02.png").save(data / "testA" / "leak.png")
    suspicious = looked_at(data)
    write_audit_sheet(suspicious, findings(suspicious), "leaking", tmp_path / "leaking.png")
    sound, leaking = (Image.open(tmp_path / f"{name}.png") for name in ("sound", "leaking"))
    assert leaking.width >= sound.width + 2 * 128
    assert sound.width >= 4 * 128
    assert len(np.unique(np.asarray(sound).reshape(-1, 3), axis=0)) > 1000  # there are pictures on it
    with pytest.raises(RecipeError, match=r"sheet=x\.gif: write a name that ends in \.png"):
        write_audit_sheet(looks, [], "", tmp_path.joinpath("x.gif").relative_to(tmp_path))


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
