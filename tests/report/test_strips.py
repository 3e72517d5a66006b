"""Pictures cut out of sheets: the right ones, at their own size, small enough for a page."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from cyclekit.report.run_folder import read_run
from cyclekit.report.samples import samples
from cyclekit.report.strips import BYTES, Cells, cut, joined, strips
from tests.report.folders import START, add_laid_out, add_sheets, make_run, page_of

HEADINGS = ["monet", "to photo", "and back to monet", "photo", "to monet"]
RECIPE = "name: demo\ndomains: {a: monet, b: photo}\n"


def picture_of(strip) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(strip.uri.partition(",")[2])))


def test_a_sheet_comes_apart_by_direction_at_the_pictures_own_size(tmp_path):
    add_laid_out(tmp_path, [100], HEADINGS, "abaab")
    forth, back = cut(tmp_path / "samples/step-00000100.png", ["monet", "photo"])
    assert (forth.headings, forth.domains) == (HEADINGS[:3], ["a", "b", "a"])
    assert (back.headings, back.domains) == (HEADINGS[3:], ["a", "b"])
    assert [[picture.size for picture in column] for column in back.columns] == [[(16, 16)] * 3] * 2
    assert back.columns[1][2].getpixel((0, 15)) == (240, 120, 100)


def test_strips_hold_every_picture_and_nothing_else(tmp_path):
    add_laid_out(tmp_path, [100], HEADINGS, "abaab")
    path = tmp_path / "samples/step-00000100.png"
    forth, back = strips(path, 0, ("monet", "photo"))
    assert (forth.rows, forth.cell, back.rows, back.cell) == (3, (16, 16), 3, (16, 16))
    pixels = np.asarray(picture_of(forth)).astype(int)
    assert pixels.shape == (48, 48, 3)
    for c in range(3):
        for r in range(3):
            cell = pixels[16 * r : 16 * r + 16, 16 * c : 16 * c + 16]
            assert abs(cell - (60 * c, 60 * r, 100)).max() < 12
    assert strips(path, 0, ("monet", "photo")) is strips(path, 0, ("monet", "photo"))  # a rewrite encodes nothing anew


def test_big_pictures_become_smaller_until_they_fit():
    noise = [Image.effect_noise((512, 256), 120).convert("RGB") for _ in range(4)]
    strip = joined(Cells(["x", "y"], ["a", "b"], [noise, noise]), 0.5)
    assert len(strip.uri) < 0.5 * BYTES * 1.4
    assert strip.cell[0] == pytest.approx(2 * strip.cell[1], abs=1)
    assert picture_of(strip).size == (2 * strip.cell[0], 4 * strip.cell[1])
    narrow = joined(Cells(["x", "y"], ["a", "b"], [noise[:1], [Image.new("RGB", (8, 8))] * 2]), 1.0)
    assert (narrow.rows, narrow.cell) == (2, (512, 256))


def test_a_sheet_without_a_layout_is_shown_whole_and_a_wrong_layout_is_said(tmp_path):
    run = make_run(tmp_path, START, *add_sheets(tmp_path, [1, 2, 3]), recipe=RECIPE)
    assert cut(run / "samples/step-00000001.png", []) == []
    column = {"heading": "x", "domain": "a", "enlarged": 1, "boxes": [[0, 0, 99, 9]]}
    (run / "samples/step-00000001.json").write_text(json.dumps({"size": [64, 48], "columns": [column]}))
    (run / "samples/step-00000002.json").write_text(json.dumps({"size": [1, 2], "columns": []}))
    page = page_of(run)
    assert len(page.all("img")) == 1
    assert "step-00000001.png cannot be shown: its layout names places outside it" in page.text
    assert "its layout is of a sheet of [1, 2], and it is [64, 48]" in page.text
    (run / "samples/step-00000002.json").write_text("{}")
    assert "step-00000002.json is no layout: KeyError('size')" in page_of(run).text


def test_sheets_with_layouts_are_strips_with_headings_as_text(tmp_path):
    run = make_run(tmp_path, START, *add_laid_out(tmp_path, [0, 50], ["monet", "to <photo>"], "ab"), recipe=RECIPE)
    page = page_of(run)
    assert [tag["alt"] for tag in page.all("img")] == [
        "monet · to <photo>: 3 held-out items after step 0",
        "monet · to <photo>: 3 held-out items after step 50",
    ]
    strip = next(tag for tag in page.all("div") if "strip" in (tag.get("class") or "").split())
    assert (strip["data-columns"], strip["data-rows"], strip["data-domains"]) == ("2", "3", "a b")
    assert "to <photo>" in page.text
    assert samples(read_run(run)).count("data:image/jpeg") == 2
