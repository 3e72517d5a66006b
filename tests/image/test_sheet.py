"""Sheets: whole pixels, a title, a heading over every column, never half a file."""

from __future__ import annotations

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
    assert list(tmp_path.iterdir()) == [path]


def test_refusals(tmp_path):
    with pytest.raises(ValueError, match="a sheet has at least one column"):
        write_sheet([], CODECS, "t", tmp_path / "x")
