"""Run folders made by hand, and what a browser would read of their pages."""

import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
from PIL import Image

from cyclekit.core.cell import Cell
from cyclekit.report import write_report
from cyclekit.report.comparing import compare
from cyclekit.report.comparison import write_comparison
from cyclekit.sheets.cells import Column, Sheet, save_cells
from cyclekit.sheets.whole import write_whole_sheet

BUILTIN = "builtin:landscapes: 1000 + 1000 pictures made on the spot"
START = {
    "kind": "start", "step": 0, "time": "2026-11-23T09:00:00+00:00", "data": BUILTIN, "profile": "cpu",
    "passed_over": [["data/monet2photo", "no such folder"]], "device": "cpu", "precision": "bf16", "steps": 4000,
}  # fmt: skip
VOID = {"meta", "link", "img", "input", "br", "hr"}


class Page(HTMLParser):
    """What a browser would read: tags in balance, addresses, text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def terms(step, **values):
    return {
        "kind": "terms", "step": step, "epoch": step / 500, "seconds": step / 10, "per_second": 9.5,
        "learning_rate": {"generators": 2e-4, "discriminators": 2e-4},
        "terms": values or {"adversarial.photo": 1 / step, "cycle.monet": 0.5},
    }  # fmt: skip


def make_run(folder: Path, *records: dict, recipe: str = "name: demo\ndomains: {a: monet, b: photo}\n") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.yaml").write_text(recipe)
    (folder / "environment.json").write_text(json.dumps({"python": "3.11", "seed": 7}))
    (folder / "log.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return folder


def add_sheets(folder: Path, steps: list[int], size: tuple[int, int] = (64, 48)) -> list[dict]:
    (folder / "samples").mkdir(parents=True, exist_ok=True)
    for step in steps:
        Image.new("RGB", size, (step % 256, 90, 120)).save(folder / f"samples/step-{step:08d}.png")
    return [{"kind": "sample", "step": step, "file": f"samples/step-{step:08d}.png"} for step in steps]


def page_of(folder: Path) -> Page:
    return Page(write_report(folder).read_text())


def add_laid_out(folder: Path, steps: list[int], headings: list[str], domains: str, rows: int = 3) -> list[dict]:
    """Sheets as older runs have them, enlarged twice, with their layouts: column c of row r is (60 c, 60 r, step)."""
    (folder / "samples").mkdir(parents=True, exist_ok=True)
    for step in steps:
        sheet = Image.new("RGB", (4 + 36 * len(headings), 20 + 36 * rows), "white")
        columns = []
        for c, (heading, domain) in enumerate(zip(headings, domains)):
            boxes = [[4 + 36 * c, 20 + 36 * r, 32, 32] for r in range(rows)]
            for r, (left, top, width, height) in enumerate(boxes):
                sheet.paste((60 * c % 256, 60 * r % 256, step % 256), (left, top, left + width, top + height))
            columns.append({"heading": heading, "domain": domain, "enlarged": 2, "boxes": boxes})
        path = folder / f"samples/step-{step:08d}.png"
        sheet.save(path)
        path.with_suffix(".json").write_text(json.dumps({"size": list(sheet.size), "columns": columns}))
    return [{"kind": "sample", "step": step, "file": f"samples/step-{step:08d}.png"} for step in steps]


def add_cells(folder: Path, steps: list[int], headings: list[str], kinds: str, rows: int = 3) -> list[dict]:
    """Sheets as cells, of one direction: column c of row r is (60 c, 60 r, step). `kinds`: s, t, r(ight), b, i."""
    of = {"s": "source", "t": "translation", "r": "truth", "b": "back", "i": "identity"}
    records = []
    for step in steps:
        columns = [
            Column(
                heading, "a" if kind in "sbi" else "b", "a", of[kind],
                [Cell(np.full((16, 16, 3), (60 * c, 60 * r, step % 256), np.uint8)) for r in range(rows)],
            )
            for c, (heading, kind) in enumerate(zip(headings, kinds))
        ]  # fmt: skip
        stem = folder / f"samples/step-{step:08d}"
        sheet = Sheet(f"step {step}", columns, {"a": [f"{row}.png" for row in range(rows)]})
        save_cells(sheet, stem)
        write_whole_sheet(sheet, stem)
        name = f"samples/step-{step:08d}"
        records.append({"kind": "sample", "step": step, "file": f"{name}.png", "cells": name})
    return records


def same_sheet(one: Sheet, other: Sheet) -> bool:
    """Whether two sheets hold the same: arrays have no equality of their own."""
    plain = [
        (
            sheet.title,
            dict(sheet.names),
            [(*column[:-1], [(cell.picture is None or cell.picture.tolist(), *cell[1:]) for cell in column.cells])
             for column in sheet.columns],
        )
        for sheet in (one, other)
    ]  # fmt: skip
    return plain[0] == plain[1]


def metrics_file(rows: dict, data: str = BUILTIN, direction: str = "monet -> photo", **more: object) -> dict:
    return {"data": data, "directions": {direction: {"rows": rows, **more}}}


FORMAL = "name: demo\ndomains: {a: formal, b: informal}\n"


def links(page: Page) -> list[str | None]:
    """Where a page leads out of itself."""
    return [link["href"] for link in page.all("a") if not (link["href"] or "").startswith("#")]


COMPARED = (
    "name: demo\ndomains: {{a: monet, b: photo}}\ntrain: {{seed: {seed}, stages: [{{name: x, share: {share}}}]}}\n"
)


def run_of(folder: Path, seed: int = 0, share: float = 0.5, step: int = 50, **rows: dict) -> Path:
    """A run to compare with others: two sheets, one record of terms, and what `rows` measured."""
    sheets = add_cells(folder, [0, step], ["monet", "to photo", "true photo"], "str")
    run = make_run(folder, START, *sheets, terms(step), recipe=COMPARED.format(seed=seed, share=share))
    if rows:
        better = {"KID": "lower", "SSIM": "higher"}
        content = metrics_file(
            {"translated": rows}, items=10, references=20, better=better, protocol={"KID": {"seed": 3}}
        )
        (run / "metrics.json").write_text(json.dumps(content))
    return run


def compared_page(*runs: Path) -> Page:
    return Page(write_comparison(compare(runs), runs[0].parent / "compare.html").read_text())
