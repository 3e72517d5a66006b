"""Which samples a run has, and what is read of each."""

import json
import math
import os

import pytest
from PIL import Image

from cyclekit.report.items import items
from cyclekit.report.run_folder import read_run
from cyclekit.report.sample_files import domains_of, read_sheet, samples_of
from tests.report.folders import START, Page, add_cells, add_laid_out, make_run, page_of

RECIPE = "name: demo\ndomains: {a: monet, b: photo}\n"
HEADINGS = ["monet", "to photo"]


def test_a_run_that_a_newer_version_went_on_with_has_both_kinds(tmp_path):
    records = [*add_laid_out(tmp_path, [1], HEADINGS, "ab"), *add_cells(tmp_path, [2], HEADINGS, "st")]
    records.append({"kind": "sample", "step": 3, "file": "samples/step-3.html"})
    files = read_run(make_run(tmp_path, START, *records, recipe=RECIPE))
    old, new, other = samples_of(files)
    assert (old.readable, new.readable, other.readable) == (True, True, False)
    sheets = [read_sheet(sample.place(tmp_path), domains_of(files)) for sample in (old, new)]
    columns = [[(c.heading, c.domain, c.source, c.kind, len(c.cells)) for c in sheet.columns] for sheet in sheets]
    assert columns[0] == columns[1] == [("monet", "a", "a", "source", 3), ("to photo", "b", "a", "translation", 3)]


def test_cells_outside_the_run_folder_are_not_read(tmp_path):
    add_cells(tmp_path, [2], HEADINGS, "st")
    record = {"kind": "sample", "step": 2, "file": "x.png", "cells": "../samples/step-00000002"}
    files = read_run(make_run(tmp_path / "run", START, record, recipe=RECIPE))
    with pytest.raises(ValueError, match="lies outside the run folder"):
        samples_of(files)[0].place(files.folder)


DEEP = "[" * 100_000


def hostile(run, what):
    """A sample of a run that somebody made to do harm: its record."""
    samples = run / "samples"
    samples.mkdir(parents=True)
    if what == "a pipe":
        os.mkfifo(samples / "x.png")
        return {"file": "samples/x.png"}
    if what == "a table that is a pipe":
        os.mkfifo(samples / "x.tsv")
        return {"file": "samples/x.tsv"}
    if what in ("an endless number", "too deep"):
        Image.new("RGB", (8, 8)).save(samples / "x.png")
        column = {"heading": "monet", "domain": "a", "enlarged": math.inf, "boxes": [[0, 0, 4, 4]]}
        layout = json.dumps({"size": [8, 8], "columns": [column]}) if what == "an endless number" else DEEP
        (samples / "x.json").write_text(layout)
        return {"file": "samples/x.png"}
    if what == "a broken picture":
        Image.new("RGB", (99, 99)).save(samples / "x.gif")
        (samples / "x.gif").write_bytes((samples / "x.gif").read_bytes()[:30])
        return {"file": "samples/x.gif"}
    (cells,) = add_cells(run, [1], HEADINGS, "st")
    folder = run / cells["cells"]
    if what == "cells of pipes":
        (folder / "0-0.png").unlink()
        os.mkfifo(folder / "0-0.png")
    if what == "links in a circle":
        (folder / "0-0.png").unlink()
        (folder / "0-0.png").symlink_to(folder / "0-0.png")
    if what == "an index too deep":
        (folder / "index.json").write_text(DEEP)
    return cells


@pytest.mark.parametrize(
    "what",
    ["a pipe", "a table that is a pipe", "an endless number", "too deep", "a broken picture", "cells of pipes",
     "links in a circle", "an index too deep"],
)  # fmt: skip
def test_a_sample_made_to_do_harm_is_one_line_on_a_page_that_is_written(tmp_path, what):
    record = {"kind": "sample", "step": 1} | hostile(tmp_path, what)
    run = make_run(tmp_path, START, record, recipe=RECIPE)
    page = page_of(run)
    assert page.text.count("cannot be shown: ") == 1
    assert page.all("img") == []
    shown = Page(items([read_run(run)], ["mine"])).text
    assert "mine: " in shown
