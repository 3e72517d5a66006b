"""Every picture is looked at once, and what was good is remembered until it changes."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cyclekit.image.checking import check_pictures
from cyclekit.image.data import ImageData
from cyclekit.image.picture_set import Stored
from cyclekit.image.pictures import Contents, Reading, UnreadablePicture
from cyclekit.registry import RecipeError
from tests.image.test_data import DOMAINS, build


def test_the_look_at_every_picture_is_told_and_remembered(unpaired, monkeypatch):
    told = []
    ImageData(
        DOMAINS, lambda done, total: told.append((done, total)), sources=[str(unpaired)], load_size=18, crop_size=16
    )
    assert (5, 5) in told
    assert (7, 7) in told
    opened = []
    monkeypatch.setattr("cyclekit.image.picture_set.read_picture", lambda path, reading: opened.append(path))
    build(unpaired)
    assert opened == []  # nothing is decoded a second time
    monkeypatch.undo()
    time.sleep(0.01)
    (unpaired / "trainA/0.png").write_bytes(b"now broken")
    with pytest.raises(RecipeError, match="1 unreadable picture:"):
        build(unpaired)


class Listed:
    """Pictures of which is known how often they were opened; those of negative width are broken."""

    def __init__(self, widths, marks=None):
        self.widths, self.marks = widths, marks or [f"{row} {width}" for row, width in enumerate(widths)]
        self.names = [f"{row}" for row in range(len(widths))]
        self.opened = []

    def open(self, index, reading):
        self.opened.append(index)
        if self.widths[index] < 0:
            raise UnreadablePicture(f"/root/{index}", "is broken")
        picture = Image.new("L", (self.widths[index], 5))
        if index % 2:
            reading.noticed(CONTENTS)
        return picture

    def stored(self, index):
        return None if self.widths[index] == 0 else Stored(f"/root/{index}", self.marks[index])


CONTENTS = Contents("uint8", 1, 1, 0, 0.0, 200.0, False, "")


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def checked(pictures, reading=Reading(1), **options):  # noqa: B008
    return check_pictures(pictures, reading, **options)


def test_what_is_seen_and_what_is_broken():
    pictures, told = Listed([4, 7, -1, 0]), []
    found = checked(pictures, progress=lambda *done: told.append(done))
    assert found.sizes == {0: (4, 5), 1: (7, 5)}
    assert found.broken == {2: "/root/2: is broken"}
    assert found.contents == {0: None, 1: CONTENTS}
    assert sorted(pictures.opened) == [0, 1, 2]  # and not 3, which is made on the spot
    assert told == [(1, 3), (2, 3), (3, 3)]


@given(st.lists(st.integers(-1, 3), min_size=1, max_size=6), st.lists(st.booleans(), min_size=6, max_size=6))
@settings(max_examples=25)
def test_only_what_was_broken_or_has_changed_is_looked_at_again(tmp_path_factory, widths, changed):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        first = checked(Listed(widths))
        marks = [f"{row} {width}{' now' * now}" for row, (width, now) in enumerate(zip(widths, changed))]
        again = Listed(widths, marks)
        assert checked(again) == first
        expected = [row for row, width in enumerate(widths) if width < 0 or (width > 0 and changed[row])]
        assert sorted(again.opened) == expected


def test_another_way_of_reading_is_another_look():
    checked(Listed([4, 5]))
    again = Listed([4, 5])
    checked(again, Reading(3))
    assert sorted(again.opened) == [0, 1]


@pytest.mark.parametrize(
    "spoilt", [b"", b"[", b"\xff\xfe", b"[1]\n", b"{}\n", b'["x", 1, 2, {}, 3]\n', b'["x", 1, 2, [1]]\n']
)
def test_a_spoilt_memory_is_none(spoilt, tmp_path):
    first = checked(Listed([4, 5]))
    (memory,) = (tmp_path / "cache").rglob("*.txt")
    memory.write_bytes(spoilt)
    assert checked(Listed([4, 5])) == first


def test_a_name_that_is_no_unicode_is_a_name():
    pictures = Listed([4], marks=["/root/\udcff.png|1|2"])
    assert checked(pictures).sizes == {0: (4, 5)}
