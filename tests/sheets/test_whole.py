"""Sheets as people open them: a PNG of the pictures, a table of the words, each whole or not at all."""

import os

import numpy as np
import pytest
from PIL import Image

from cyclekit.core.cell import Cell
from cyclekit.report.older_sheets import tabular
from cyclekit.sheets.cells import Column, Sheet
from cyclekit.sheets.whole import write_whole_sheet

RED = Cell(np.full((64, 64, 3), (255, 0, 0), np.uint8))


def words(heading, domain, *sentences):
    return Column(heading, domain, "a", "source", [Cell(words=sentence) for sentence in sentences])


def test_pictures_stand_on_one_png(tmp_path):
    grey = Cell(np.full((200, 200), 90, np.uint8))
    sheet = Sheet("step 1", [Column("x", "a", "a", "source", [RED, RED]), Column("y", "b", "a", "truth", [grey])], {})
    (path,) = write_whole_sheet(sheet, tmp_path / "step-1.5")
    assert path == tmp_path / "step-1.5.png"
    with Image.open(path) as file:
        pixels = np.asarray(file.convert("RGB"))
    assert (pixels == (255, 0, 0)).all(-1).sum() == 2 * (3 * 64) ** 2
    assert (pixels == 90).all(-1).sum() == 200 * 200


def test_words_are_a_line_for_each_item(tmp_path):
    sheet = Sheet("demo · step 3", [words("formal", "a", "I am.", "You are."), words("to informal", "b", "im")], {})
    (path,) = write_whole_sheet(sheet, tmp_path / "new" / "step-3")
    assert path.name == "step-3.tsv"
    assert path.read_text() == "# demo · step 3\nformal\tto informal\nI am.\tim\nYou are.\t\n"
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_what_would_break_the_table_is_escaped_and_read_back(tmp_path):
    sentences = ["tab\tline\nreturn\r", "\\t is no tab", "# no title", "", "\u2028 \x85 ünï 漢 \\", "<b>|</b>"]
    sheet = Sheet("two\nlines", [words("f\to", "a", *sentences), words("# b", "b", *sentences[:2])], {})
    (path,) = write_whole_sheet(sheet, tmp_path / "sheet")
    first, second = tabular(path, ()).columns
    assert first.heading == "f\to"
    assert [cell.words for cell in first.cells] == sentences
    assert [cell.words for cell in second.cells] == [*sentences[:2], "", "", "", ""]
    assert path.read_text().split("\n")[0] == "# two\\nlines"


def test_pictures_with_words_are_both(tmp_path):
    both = Column("x", "a", "a", "source", [RED._replace(words="red")])
    assert [path.suffix for path in write_whole_sheet(Sheet("t", [both], {}), tmp_path / "x")] == [".png", ".tsv"]


def test_nothing_to_show_is_refused(tmp_path):
    with pytest.raises(ValueError, match="a sheet has at least one column"):
        write_whole_sheet(Sheet("", [], {}), tmp_path / "x")
    with pytest.raises(ValueError, match="a sheet's cells hold a picture or words"):
        write_whole_sheet(Sheet("", [Column("x", "a", "a", "source", [Cell(file=(".wav", b""))])], {}), tmp_path / "x")


def test_what_stood_there_survives_a_failure(tmp_path, monkeypatch):
    sheet = Sheet("old", [Column("x", "a", "a", "source", [RED._replace(words="red")])], {})
    before = {path: path.read_bytes() for path in write_whole_sheet(sheet, tmp_path / "sheet")}

    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(OSError, match="No space"):
        write_whole_sheet(sheet._replace(title="new"), tmp_path / "sheet")
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
