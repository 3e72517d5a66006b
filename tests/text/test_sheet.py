"""Sheets of sentences: a table that any program reads, whole or not at all."""

import os
from types import SimpleNamespace

import pytest

from cyclekit.core.batch import Pair
from cyclekit.core.parts import Column
from cyclekit.report.sentences import read_table
from cyclekit.text.sheet import write_sheet


def codec(mark):
    """Decodes a "batch" of plain strings, so that what is written can be anything."""
    return SimpleNamespace(decode=lambda batch: [mark + sentence for sentence in batch])


CODECS = Pair(codec("a:"), codec("b:"))


def test_a_line_for_each_item_decoded_by_its_domains_codec(tmp_path):
    columns = [Column("formal", "a", ["I am.", "You are."]), Column("to informal", "b", ["im", "ur"])]
    path = write_sheet(columns, CODECS, "demo · step 3", tmp_path / "new" / "step-00000003")
    assert path == tmp_path / "new" / "step-00000003.tsv"
    assert path.read_text() == "# demo · step 3\nformal\tto informal\na:I am.\tb:im\na:You are.\tb:ur\n"
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_what_would_break_the_table_is_escaped_and_read_back(tmp_path):
    sentences = ["tab\tline\nreturn\r", "\\t is no tab", "# no title", "", "\u2028 \x85 ünï 漢 \\", "<b>|</b>"]
    columns = [Column("f\to", "a", sentences), Column("# b", "b", sentences[:2])]
    path = write_sheet(columns, CODECS, "two\nlines", tmp_path / "sheet")
    table = read_table(path, 0)
    assert table.headings == ["f\to", "# b"]
    assert [row[0] for row in table.rows] == ["a:" + sentence for sentence in sentences]
    assert [row[1] for row in table.rows] == ["b:" + sentences[0], "b:" + sentences[1], "", "", "", ""]
    assert path.read_text().split("\n")[0] == "# two\\nlines"


def test_a_sheet_without_columns():
    with pytest.raises(ValueError, match="a sheet has at least one column"):
        write_sheet([], CODECS, "", "anywhere")


def test_a_failed_write_leaves_the_old_sheet(tmp_path, monkeypatch):
    columns = [Column("formal", "a", ["I am."])]
    path = write_sheet(columns, CODECS, "old", tmp_path / "sheet")
    before = path.read_text()

    def disk_full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", disk_full)
    monkeypatch.setattr(type(path), "replace", disk_full)
    with pytest.raises(OSError, match="No space"):
        write_sheet(columns, CODECS, "new", tmp_path / "sheet")
    assert [each.read_text() for each in tmp_path.iterdir()] == [before]
