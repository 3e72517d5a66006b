"""Which samples a run has, and what is read of each."""

import pytest

from cyclekit.report.run_folder import read_run
from cyclekit.report.sample_files import domains_of, read_sheet, samples_of
from tests.report.folders import START, add_cells, add_laid_out, make_run

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
