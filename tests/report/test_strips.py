"""Strips of a sheet's pictures: the right ones, at their own size, small enough for a page."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from cyclekit.core.cell import Cell
from cyclekit.report.strips import BYTES, joined_pictures, strips
from cyclekit.sheets.cells import Column, load_cells
from tests.report.folders import add_cells


def picture_of(strip) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(strip.uri.partition(",")[2])))


def column(heading, domain, pictures):
    return Column(heading, domain, "a", "source", [Cell(np.asarray(picture)) for picture in pictures])


def test_strips_hold_every_picture_and_nothing_else(tmp_path):
    add_cells(tmp_path, [100], ["monet", "to photo", "and back"], "stb")
    (strip,) = strips(load_cells(tmp_path / "samples/step-00000100").directions())
    assert (strip.rows, strip.cell, strip.domains) == (3, (16, 16), ["a", "b", "a"])
    pixels = np.asarray(picture_of(strip)).astype(int)
    assert pixels.shape == (48, 48, 3)
    for c in range(3):
        for r in range(3):
            cell = pixels[16 * r : 16 * r + 16, 16 * c : 16 * c + 16]
            assert abs(cell - (60 * c, 60 * r, 100)).max() < 12


def test_big_pictures_become_smaller_until_they_fit():
    noise = [Image.effect_noise((512, 256), 120).convert("RGB") for _ in range(4)]
    strip = joined_pictures([column("x", "a", noise), column("y", "b", noise)], 0.5)
    assert len(strip.uri) < 0.5 * BYTES * 1.4
    assert strip.cell[0] == pytest.approx(2 * strip.cell[1], abs=1)
    assert picture_of(strip).size == (2 * strip.cell[0], 4 * strip.cell[1])
    narrow = joined_pictures([column("x", "a", noise[:1]), column("y", "b", [Image.new("RGB", (8, 8))] * 2)], 1.0)
    assert (narrow.rows, narrow.cell) == (2, (512, 256))
