"""Sheets: whole pixels, a title, a heading over every column, never half a file."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image

from cyclekit.core.batch import Batch, Pair
from cyclekit.core.parts import Column
from cyclekit.image.codec import ImageCodec
from cyclekit.image.sheet import SHORT_SIDE, laid_out, write_sheet

CODECS = Pair(ImageCodec(3), ImageCodec(1))


def written(tmp_path, *columns, title="step 1"):
    with Image.open(write_sheet(columns, CODECS, title, tmp_path / "step-1.5")) as sheet:
        return np.asarray(sheet.convert("RGB"))


def test_small_pictures_are_enlarged_by_a_whole_factor_without_smoothing(tmp_path):
    checks = torch.ones(2, 3, 64, 64)
    checks[:, 1:, ::2, ::2] = -1  # red dots on white
    sheet = written(
        tmp_path, Column("real", "a", Batch(checks)), Column("fake", "b", Batch(torch.full((1, 1, 64, 64), -1.0)))
    )
    assert (tmp_path / "step-1.5.png").exists()
    enlarged = 64 * 3
    assert enlarged >= SHORT_SIDE
    assert ((sheet == (255, 0, 0)).all(-1)).sum() == 2 * 32 * 32 * 9
    black = (sheet == 0).all(-1)
    assert black.sum() == enlarged**2
    assert sheet.shape[1] >= 2 * enlarged


def test_the_layout_beside_a_sheet_says_where_each_picture_is(tmp_path):
    red, grey = torch.full((2, 3, 64, 48), -1.0), torch.full((1, 1, 200, 200), 0.5)
    red[0, 0] = 1
    sheet = written(tmp_path, Column("wide heading of a narrow column", "a", Batch(red)), Column("y", "b", Batch(grey)))
    layout = json.loads((tmp_path / "step-1.5.json").read_text())
    assert layout["size"] == [sheet.shape[1], sheet.shape[0]]
    assert [(c["heading"], c["domain"], c["enlarged"]) for c in layout["columns"]] == [
        ("wide heading of a narrow column", "a", 4),
        ("y", "b", 1),
    ]
    found = []
    for column in layout["columns"]:
        for left, top, width, height in column["boxes"]:
            cut = sheet[top : top + height, left : left + width]
            assert (cut == cut[0, 0]).all()
            found.append((*map(int, cut[0, 0]), width, height))
    level = int(found[2][0])
    assert found == [(255, 0, 0, 192, 256), (0, 0, 0, 192, 256), (level, level, level, 200, 200)]


def test_large_pictures_keep_their_size_and_columns_may_differ():
    sheet = laid_out([[Image.new("RGB", (300, 200))], [Image.new("RGB", (10, 10))] * 2], ["x", "y"], "t")
    assert (np.asarray(sheet) == 0).all(-1).sum() == 300 * 200 + 2 * 100


def test_long_titles_wrap_and_long_headings_have_room():
    picture = Image.new("RGB", (64, 64), "white")
    short = laid_out([[picture]], ["x"], "short")
    long = laid_out([[picture]], ["x"], "a title that is much longer than the sheet is wide " * 3)
    assert long.height > short.height
    assert long.width == short.width
    wide = laid_out([[picture]] * 3, ["a heading wider than the picture below"] * 3, "t")
    assert wide.width > 600


def test_what_stood_there_survives_a_failure(tmp_path, monkeypatch):
    column = Column("real", "a", Batch(torch.zeros(1, 3, 8, 8)))
    path = write_sheet([column], CODECS, "first", tmp_path / "sheet")
    before = path.read_bytes()

    def full_disk(self, path):
        path.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(Image.Image, "save", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_sheet([column], CODECS, "second", tmp_path / "sheet")
    assert path.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [path.with_suffix(".json"), path]


def test_refusals(tmp_path):
    with pytest.raises(ValueError, match="a sheet has at least one column"):
        write_sheet([], CODECS, "t", tmp_path / "x")
