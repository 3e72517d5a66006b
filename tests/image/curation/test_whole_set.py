"""A whole set looked over: the same numbers as words, as a table and for a program."""

from __future__ import annotations

import json

import pytest

from cyclekit.image.curation.whole_set import audit
from cyclekit.registry import RecipeError
from tests.pictures import picture_folders


def test_the_table_and_what_a_program_is_told_are_one(tmp_path):
    folder = picture_folders(tmp_path / "set", train=4, test=2)
    (folder / "trainB" / "empty.png").touch()
    told = []
    looked = audit([folder], lambda done, total: told.append((done, total)))
    assert told[-1] == (13, 13)
    assert looked.layout == looked.told["layout"]
    assert all(len(row) == 1 + len(looked.headings) for row in looked.rows)
    assert [row[:3] for row in looked.rows] == [
        (one["group"], str(one["pictures"]), str(one["unreadable"])) for one in looked.told["groups"]
    ]
    assert [one.what for one in looked.findings] == [one["what"] for one in looked.told["findings"]] == ["unreadable"]
    assert json.loads(json.dumps(looked.told))["sheet"] is None


def test_a_sheet_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(RecipeError, match=r"x\.gif.*write a name that ends in \.png"):
        audit([tmp_path / "nowhere"], lambda done, total: None, sheet=tmp_path / "x.gif")
