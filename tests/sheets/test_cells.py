"""Sheets as cells: what was saved is read back, whole or not at all, and nothing outside their folder is read."""

import json
import os

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cyclekit.core.batch import Batch
from cyclekit.core.cell import Cell
from cyclekit.image.codec import ImageCodec
from cyclekit.sheets.cells import INDEX, Column, Sheet, cells_of, load_cells, save_cells
from tests.report.folders import same_sheet

SIDES = st.integers(1, 9)
PIXELS = st.tuples(SIDES, SIDES, st.booleans(), st.integers(0, 99)).map(
    lambda given: np.random.default_rng(given[3]).integers(0, 256, given[:2] + (3,) * given[2], np.uint8)
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
FILES = st.tuples(st.sampled_from([".wav", ".mid"]), st.binary(max_size=9))
CELLS = st.lists(st.builds(Cell, st.none() | PIXELS, st.none() | TEXT, st.none() | FILES), max_size=3)
KINDS = st.sampled_from(["source", "translation", "truth", "back", "identity"])
COLUMNS = st.lists(
    st.builds(Column, TEXT, st.sampled_from("ab"), st.sampled_from("ab"), KINDS, CELLS), min_size=1, max_size=4
)
SHEETS = st.builds(Sheet, TEXT, COLUMNS, st.dictionaries(st.sampled_from("ab"), st.lists(TEXT, max_size=3)))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("samples") / "step-00000007"


@given(SHEETS)
def test_what_is_saved_is_read_back_and_takes_the_place_of_what_was_there(place, sheet):
    save_cells(sheet, place)
    assert same_sheet(load_cells(place), sheet)
    assert [path.name for path in place.parent.iterdir()] == [place.name]
    files = sum((cell.picture is not None) + (cell.file is not None) for c in sheet.columns for cell in c.cells)
    assert len(list(place.iterdir())) == 1 + files


def test_half_a_surrogate_pair_becomes_a_question_mark(tmp_path):
    save_cells(Sheet("t", [Column("x", "a", "a", "source", [Cell(words="a\ud800b")])], {}), tmp_path / "x")
    assert load_cells(tmp_path / "x").columns[0].cells[0].words == "a?b"


def test_a_file_never_takes_the_place_of_a_picture(tmp_path):
    cell = Cell(np.zeros((2, 2), np.uint8), file=(".png", b"another"))
    with pytest.raises(ValueError, match=r"a cell's file cannot end in \.png beside a picture"):
        save_cells(Sheet("t", [Column("x", "a", "a", "source", [cell])], {}), tmp_path / "x")
    assert not list(tmp_path.iterdir())


def a_sheet(level, rows=2):
    picture = Cell(np.full((4, 4, 3), level, np.uint8))
    return Sheet("t", [Column("x", "a", "a", "source", [picture] * rows)], {"a": ["one"]})


@pytest.mark.parametrize("nth", range(3))
def test_killed_at_any_rename_there_is_a_whole_sheet_or_none(tmp_path, monkeypatch, nth):
    save_cells(a_sheet(1), tmp_path / "x")
    real, count = os.replace, iter(range(9))

    def failing(*paths):
        if next(count) == nth:
            raise OSError(28, "No space left on device")
        real(*paths)

    monkeypatch.setattr(os, "replace", failing)
    if nth < 2:
        with pytest.raises(OSError, match="No space"):
            save_cells(a_sheet(2, rows=1), tmp_path / "x")
    else:
        save_cells(a_sheet(2, rows=1), tmp_path / "x")
    assert not (tmp_path / "x").exists() or load_cells(tmp_path / "x").names == {"a": ["one"]}


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", ".hidden.png", "a/b.png", "link.png", ""])
def test_files_outside_the_folder_are_not_read(tmp_path, name):
    Image.new("L", (2, 2)).save(tmp_path / "secret.png")
    save_cells(a_sheet(1), tmp_path / "x")
    (tmp_path / "x" / "link.png").symlink_to(tmp_path / "secret.png")
    index = json.loads((tmp_path / "x" / INDEX).read_text())
    index["columns"][0]["cells"][0]["picture"] = name
    (tmp_path / "x" / INDEX).write_text(json.dumps(index))
    with pytest.raises(ValueError, match="names a file outside its folder"):
        load_cells(tmp_path / "x")


@pytest.mark.parametrize(
    "index",
    ["", "[]", "{}", "null", '{"title": "t", "names": {}, "columns": [3]}',
     '{"title": "t", "names": [], "columns": []}',
     '{"title": "t", "names": {}, "columns": [{"heading": "x", "domain": "a", "source": "a", "kind": "evil",'
     ' "cells": []}]}', "[" * 100_000],
)  # fmt: skip
def test_what_is_no_index_is_a_value_error(tmp_path, index):
    (tmp_path / INDEX).write_text(index)
    with pytest.raises(ValueError):  # noqa: PT011 (JSON's own among them)
        load_cells(tmp_path)


def test_no_columns():
    with pytest.raises(ValueError, match="a sheet has at least one column"):
        save_cells(Sheet("", [], {}), None)


def test_a_codec_shows_its_rows_or_their_items_are_words():
    data = torch.linspace(-1, 1, 2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    codec = ImageCodec(3)
    for cell, picture in zip(cells_of(codec, Batch(data)), codec.show(Batch(data)), strict=True):
        assert cell.words is None
        assert (cell.picture == np.asarray(picture)).all()

    class Counting:
        def decode(self, batch):
            return list(range(batch.size))

    assert cells_of(Counting(), Batch(data)) == [Cell(words="0"), Cell(words="1")]
