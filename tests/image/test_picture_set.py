"""Lists of pictures: names that are unique, halves that are equal, and draws that depend on names alone."""

import os
from collections import Counter
from pathlib import Path, PurePath

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cyclekit.image.picture_set import Halves, PictureFiles, Selection, drawn_by_name

paths = st.builds("/".join, st.lists(st.sampled_from(["x", "y", "x.b", "sub"]), min_size=1, max_size=3)).flatmap(
    lambda stem: st.sampled_from([".png", ".jpg", ".PNG"]).map(stem.__add__)
)


@given(st.lists(paths, unique=True, max_size=8))
def test_names_are_unique_and_lose_their_ending_where_they_stay_so(names):
    files = PictureFiles([Path("/root") / name for name in names], list(map(PurePath, names)))
    assert len(set(files.names)) == len(names)
    stems = Counter(name.rpartition(".")[0] for name in names)
    assert files.names == [stem if stems[stem := name.rpartition(".")[0]] == 1 else name for name in names]


def test_a_file_called_like_anothers_name_without_its_ending():
    """`x.png` keeps its ending beside `x.jpg`, and `x.png.png` loses its own: both would be `x.png`."""
    names = ["x.png", "x.jpg", "x.png.png"]
    files = PictureFiles([Path(name) for name in names], list(map(PurePath, names)))
    assert len(set(files.names)) == 3


def test_a_stored_pictures_mark_changes_with_its_file(tmp_path):
    path = tmp_path / "x.png"
    Image.new("RGB", (4, 4)).save(path)
    files = PictureFiles([path, tmp_path / "gone.png"], [PurePath("x.png"), PurePath("gone.png")])
    first = files.stored(0)
    assert first.name == str(path)
    assert files.stored(0) == first
    os.utime(path, ns=(1, 1))
    assert files.stored(0).mark != first.mark
    assert files.stored(1) == (str(tmp_path / "gone.png"), "")  # told when it is opened


@pytest.mark.parametrize("width", [2, 3, 8, 9])
def test_halves_are_equally_wide_and_leave_a_middle_column_out(tmp_path, width):
    values = np.arange(width * 2 * 3, dtype=np.uint8).reshape(2, width, 3)
    Image.fromarray(values).save(tmp_path / "x.png")
    files = PictureFiles([tmp_path / "x.png"], [PurePath("x.png")])
    left, right = (np.asarray(Halves(files, side).open(0, 3)) for side in ("left", "right"))
    assert np.array_equal(left, values[:, : width // 2])
    assert np.array_equal(right, values[:, -(width // 2) :])
    assert Halves(files, "left").names == files.names == ["x"]
    assert Halves(files, "right").stored(0) == files.stored(0)


@given(st.lists(st.integers(0, 4), max_size=8))
def test_a_selection_is_the_list_at_these_rows(rows):
    class Listed:
        names = tuple("abcde")
        open = staticmethod(lambda index, reading: (index, reading))
        stored = staticmethod(lambda index: None if index == 2 else index)

    chosen = Selection(Listed, rows)
    assert chosen.names == [Listed.names[row] for row in rows]
    assert [chosen.open(place, 3) for place in range(len(rows))] == [(row, 3) for row in rows]
    assert [chosen.stored(place) for place in range(len(rows))] == [None if row == 2 else row for row in rows]


names = st.lists(st.text(max_size=5), unique=True, max_size=20)


@given(names, st.integers(0, 25), st.randoms())
def test_what_is_drawn_depends_on_the_names_alone(some, count, order):
    rows = drawn_by_name(some, count)
    assert rows == sorted(set(rows))
    assert len(rows) == min(count, len(some))
    shuffled = order.sample(some, len(some))
    assert {some[row] for row in rows} == {shuffled[row] for row in drawn_by_name(shuffled, count)}
    assert set(rows) <= set(drawn_by_name(some, count + 1))


@given(names, names, st.integers(0, 10))
def test_pictures_that_come_later_push_out_and_never_in(few, more, count):
    every = list(dict.fromkeys([*few, *more]))
    kept = {every[row] for row in drawn_by_name(every, count)} & set(few)
    assert kept <= {few[row] for row in drawn_by_name(few, count)}
