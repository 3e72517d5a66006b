"""The samples on a run's page: shown, or linked, never from outside the run folder."""

import numpy as np

from cyclekit.core.cell import Cell
from cyclekit.report.run_folder import read_run
from cyclekit.report.samples import LINKS, samples
from cyclekit.sheets.cells import Column, Sheet, save_cells
from tests.report.folders import START, add_cells, add_sheets, links, make_run, page_of


def test_files_outside_the_run_folder_stay_out(tmp_path):
    secret = add_sheets(tmp_path, [1])[0]["file"]
    records = [
        {"kind": "sample", "step": 1, "file": f"../{secret}"},
        {"kind": "sample", "step": 2, "file": "../a.html"},
    ]
    page = page_of(make_run(tmp_path / "run", START, *records))
    assert page.all("img") == []
    assert links(page) == []
    assert page.text.count("outside the run folder") == 2


def test_samples_that_are_no_pictures_are_linked(tmp_path):
    page = page_of(make_run(tmp_path, START, {"kind": "sample", "step": 5, "file": "samples/step 5.html"}))
    assert links(page) == ["./samples/step%205.html"]


RECIPE = "name: demo\ndomains: {a: monet, b: photo}\n"


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


def test_a_name_that_no_file_can_have_is_said(tmp_path):
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    files = ["circle/x.html", "circle/x.png", "\0.html", "\0.png", "\ud800.html", "y" * 5000 + ".png"]
    records = [{"kind": "sample", "step": step, "file": file} for step, file in enumerate(files)]
    page = page_of(make_run(tmp_path, START, *records))
    assert page.text.count("outside the run folder") == 5
    assert page.text.count("cannot be shown") == 3
    assert links(page) == []


def test_of_samples_of_other_kinds_a_few_are_linked_the_first_and_the_last_always(tmp_path):
    records = [{"kind": "sample", "step": step, "file": f"samples/{step}.html"} for step in range(100)]
    found = links(page_of(make_run(tmp_path, START, *records)))
    assert 2 < len(found) <= LINKS
    assert (found[0], found[-1]) == ("./samples/0.html", "./samples/99.html")
