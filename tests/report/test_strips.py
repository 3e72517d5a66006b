"""Strips of a sheet's pictures: the right ones, at their own size, small enough for a page."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from cyclekit.core.cell import Cell
from cyclekit.report.run_folder import read_run
from cyclekit.report.samples import samples
from cyclekit.report.strips import BYTES, joined, strips
from cyclekit.sheets.cells import Column, Sheet, load_cells, save_cells
from tests.report.folders import START, add_cells, make_run, page_of

RECIPE = "name: demo\ndomains: {a: monet, b: photo}\n"


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
    strip = joined([column("x", "a", noise), column("y", "b", noise)], 0.5)
    assert len(strip.uri) < 0.5 * BYTES * 1.4
    assert strip.cell[0] == pytest.approx(2 * strip.cell[1], abs=1)
    assert picture_of(strip).size == (2 * strip.cell[0], 4 * strip.cell[1])
    narrow = joined([column("x", "a", noise[:1]), column("y", "b", [Image.new("RGB", (8, 8))] * 2)], 1.0)
    assert (narrow.rows, narrow.cell) == (2, (512, 256))


def test_sheets_are_strips_with_headings_as_text(tmp_path):
    run = make_run(tmp_path, START, *add_cells(tmp_path, [0, 50], ["monet", "to <photo>"], "st"), recipe=RECIPE)
    page = page_of(run)
    assert [tag["alt"] for tag in page.all("img")] == [
        "monet · to <photo>: 3 held-out items after step 0",
        "monet · to <photo>: 3 held-out items after step 50",
    ]
    strip = next(tag for tag in page.all("div") if "strip" in (tag.get("class") or "").split())
    assert (strip["data-columns"], strip["data-rows"], strip["data-domains"]) == ("2", "3", "a b")
    assert "to <photo>" in page.text
    assert samples(read_run(run)).count("data:image/jpeg") == 2


def test_pictures_words_and_files_of_one_sheet_are_all_shown(tmp_path):
    """As a third modality may have them: a spectrogram, what is played, and the sound."""
    cells = [Cell(np.zeros((8, 8), np.uint8), f"C{row} <E> G", (".wav", b"RIFF")) for row in range(2)]
    columns = [Column("flute", "a", "a", "source", cells), Column("to horn", "b", "a", "translation", cells)]
    save_cells(Sheet("t", columns, {"a": ["1", "2"]}), tmp_path / "samples/step-1")
    record = {"kind": "sample", "step": 1, "file": "samples/step-1.png", "cells": "samples/step-1"}
    page = page_of(make_run(tmp_path, START, record, recipe="name: demo\ndomains: {a: flute, b: horn}\n"))
    assert len(page.all("img")) == 1
    assert page.text.count("C0 <E> G") == 2
    links = [tag["href"] for tag in page.all("a") if tag["href"].startswith("./")]
    assert links == [f"./samples/step-1/{c}-{r}.wav" for c in (0, 1) for r in (0, 1)]
    assert all((tmp_path / link).read_bytes() == b"RIFF" for link in links)


def test_a_broken_sheet_is_said_and_one_made_anew_is_read_anew(tmp_path):
    run = make_run(tmp_path, START, *add_cells(tmp_path, [1, 2], ["monet", "to photo"], "st"), recipe=RECIPE)
    before = samples(read_run(run))
    (tmp_path / "samples/step-00000001/0-0.png").write_bytes(b"half a picture")
    (tmp_path / "samples/step-00000002/index.json").write_text("{}")
    page = page_of(run)
    assert "samples/step-00000002 cannot be shown: step-00000002/index.json is no index of a sheet" in page.text
    add_cells(tmp_path, [1, 2], ["monet", "to photo"], "st", rows=2)
    after = samples(read_run(run))
    assert before.count("3 held-out items") == after.count("2 held-out items") == 2
