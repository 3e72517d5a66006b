"""Runs from before sheets were cells: pasted pictures with a layout, and tables, are shown as they were."""

import json

import pytest

from cyclekit.report.older_sheets import pasted, tabular
from tests.report.folders import START, add_laid_out, add_sheets, make_run, page_of

HEADINGS = ["monet", "to photo", "and back to monet", "photo", "to monet"]
DOMAINS = (("a", "monet"), ("b", "photo"))
RECIPE = "name: demo\ndomains: {a: monet, b: photo}\n"


def test_a_sheet_comes_apart_by_direction_at_the_pictures_own_size(tmp_path):
    add_laid_out(tmp_path, [100], HEADINGS, "abaab")
    forth, back = pasted(tmp_path / "samples/step-00000100.png", DOMAINS).directions()
    assert [(column.heading, column.domain, column.source, column.kind) for column in [*forth, *back]] == [
        ("monet", "a", "a", "source"), ("to photo", "b", "a", "translation"), ("and back to monet", "a", "a", "back"),
        ("photo", "a", "b", "source"), ("to monet", "b", "b", "translation"),
    ]  # fmt: skip
    assert [[cell.picture.shape for cell in column.cells] for column in back] == [[(16, 16, 3)] * 3] * 2
    assert tuple(back[1].cells[2].picture[15, 0]) == (240, 120, 100)


def test_a_page_shows_strips_of_it(tmp_path):
    run = make_run(tmp_path, START, *add_laid_out(tmp_path, [0, 50], HEADINGS, "abaab"), recipe=RECIPE)
    assert [tag["alt"] for tag in page_of(run).all("img")] == [
        f"{direction}: 3 held-out items after step {step}"
        for step in (0, 50)
        for direction in ("monet · to photo", "photo · to monet")
    ]


def test_a_sheet_without_a_layout_is_shown_whole_and_a_wrong_layout_is_said(tmp_path):
    run = make_run(tmp_path, START, *add_sheets(tmp_path, [1, 2, 3]), recipe=RECIPE)
    assert pasted(run / "samples/step-00000001.png", DOMAINS) is None
    column = {"heading": "x", "domain": "a", "enlarged": 1, "boxes": [[0, 0, 99, 9]]}
    (run / "samples/step-00000001.json").write_text(json.dumps({"size": [64, 48], "columns": [column]}))
    (run / "samples/step-00000002.json").write_text(json.dumps({"size": [1, 2], "columns": []}))
    page = page_of(run)
    assert len(page.all("img")) == 1
    assert "step-00000001.png cannot be shown: its layout names places outside it" in page.text
    assert "its layout is of a sheet of [1, 2], and it is [64, 48]" in page.text
    (run / "samples/step-00000002.json").write_text("{}")
    assert "step-00000002.json is no layout: KeyError('size')" in page_of(run).text


def test_a_table_comes_apart_by_direction(tmp_path):
    path = tmp_path / "step-1.tsv"
    path.write_text("# t\nmonet\tto photo\ttrue photo\tmonet as itself\tphoto\nI\ti\\tj\t\tx\ty\n")
    forth, back = tabular(path, DOMAINS).directions()
    assert [column.kind for column in forth] == ["source", "translation", "truth", "identity"]
    assert [column.cells[0].words for column in forth] == ["I", "i\tj", "", "x"]
    assert [(column.source, column.kind) for column in back] == [("b", "source")]
    path.write_text("# t\n")
    with pytest.raises(ValueError, match="it has no headings"):
        tabular(path, DOMAINS)
