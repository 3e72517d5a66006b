"""The run's page: whole, honest, self-contained, bounded, and never half-written."""

import json
import os
import re

import pytest
from PIL import Image

from cyclekit.registry import RecipeError
from cyclekit.report import write_report
from cyclekit.report.sheets import SHEETS
from tests.report.folders import START, Page, add_sheets, make_run, page_of, terms


def test_the_page_asks_for_nothing_outside_itself(tmp_path):
    run = make_run(tmp_path / "run", START, terms(50), *add_sheets(tmp_path / "run", [0, 100]))
    page = page_of(run)
    addresses = [a[key] for _, a in page.tags for key in ("src", "href", "srcset", "action", "data") if a.get(key)]
    assert len(page.all("img")) == 2
    assert addresses
    inside = [address for address in addresses if address.startswith("#")]
    assert {address[1:] for address in inside} <= {attributes.get("id") for _, attributes in page.tags}
    assert all(address.startswith("data:") for address in addresses if address not in inside)
    assert not re.search(r"@import|url\(", write_report(run).read_text())
    assert all(image["alt"] for image in page.all("img"))


def test_a_recipe_without_a_log_yet_says_what_is_missing(tmp_path):
    (tmp_path / "recipe.yaml").write_text("name: demo\n")
    text = page_of(tmp_path).text
    for words in (
        "Not started",
        "No samples yet",
        "No terms logged yet",
        "Not evaluated yet",
        "Nothing has been logged",
    ):
        assert words in text


def test_text_from_files_is_escaped(tmp_path):
    evil = "<script>alert('&\"')</script>$title"
    run = make_run(
        tmp_path,
        START | {"data": evil, "passed_over": [[evil, evil], evil], "device": evil, "time": evil},
        terms(50, **{f"cycle.{evil}": 0.5, evil: 1.0}),
        {"kind": "sample", "step": 1, "file": f"samples/{evil}.png"},
        {"kind": "sample", "step": 2, "file": f"{evil}.html"},
        {"kind": "metrics", "step": 3, evil: 2.0},
        {"kind": evil, "step": 3, "message": evil},
        {"kind": "failed", "step": 50, "message": evil},
        recipe=json.dumps({"name": evil, "domains": {"a": evil, "b": evil}, evil: {evil: [evil]}}),
    )
    (run / "environment.json").write_text(json.dumps({evil: evil}))
    row = {"translated": {evil: {"value": 1, "spread": 0.1}}, "copy the input": {evil: 2}, evil: {evil: evil}}
    direction = {"rows": row, "better": {evil: evil}, "protocol": {evil: evil}, "not measured": {evil: evil}}
    (run / "metrics.json").write_text(json.dumps({"data": evil, evil: evil, "directions": {evil: direction}}))
    html = write_report(run).read_text()
    assert "<script>alert" not in html
    assert len(Page(html).all("script")) == 2
    assert Page(html).text.count(evil) > 20


def test_the_report_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    run = make_run(tmp_path, START)
    before = sorted(path.name for path in run.iterdir())
    report = write_report(run)
    assert sorted(path.name for path in run.iterdir()) == sorted([*before, "report.html"])
    old = report.read_text()

    def disk_full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", disk_full)
    (run / "log.jsonl").write_text(json.dumps(START | {"data": "new"}) + "\n")
    with pytest.raises(RecipeError, match=r"report.html: cannot be written: No space left on device"):
        write_report(run)
    assert report.read_text() == old
    assert sorted(path.name for path in run.iterdir()) == sorted([*before, "report.html"])


def test_a_long_run_stays_small_and_quick(tmp_path, monkeypatch):
    sheets = add_sheets(tmp_path, list(range(0, 10_000, 50)))
    names = [f"{kind}.{domain}" for kind in ("adversarial", "cycle", "identity") for domain in ("monet", "photo")]
    records = [terms(step, **{name: (step % 7) / 7 for name in names}) for step in range(1, 10_001)]
    run = make_run(tmp_path, START, *sorted([*records, *sheets], key=lambda record: record["step"]))
    report = write_report(run)
    encoded = []
    monkeypatch.setattr(Image.Image, "save", lambda *_, **__: encoded.append(1))
    write_report(run)
    assert encoded == []  # sheets are made to fit once
    assert report.stat().st_size < 1_000_000
    page = Page(report.read_text())
    steps = [int(figure["data-step"]) for figure in page.all("figure") if figure.get("data-step")]
    assert 4 < len(steps) <= SHEETS
    assert (steps[0], steps[-1]) == (0, 9950)
