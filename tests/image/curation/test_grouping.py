"""Which pictures of some folders are whose: as training would read them, or each folder by itself."""

import pytest

from cyclekit.image.curation.grouping import groups_of
from cyclekit.registry import RecipeError
from tests.pictures import picture_folders


@pytest.fixture
def data(tmp_path):
    """A sound set: 6 + 6 to train on, 3 + 3 held out."""
    return picture_folders(tmp_path / "set")


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
