"""The same held-out items of several runs in columns, out of their newest sheets: pictures or sentences."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

import numpy
from PIL import Image

from cyclekit.report.run_folder import RunFiles
from cyclekit.report.samples import MARKS, TABLES, strip_html
from cyclekit.report.sentences import Table, as_html, directions_of, read_table
from cyclekit.report.sheets import inside
from cyclekit.report.strips import Cells, cut, joined
from cyclekit.report.words import empty, section

ALIKE = 12.0
"""Mean difference in levels of 255 below which pictures of different size show the same thing."""


class Newest(NamedTuple):
    """The newest sheet of a run."""

    label: str
    step: int
    tables: list[Table]
    cells: list[Cells]


def items(runs: Sequence[RunFiles], labels: Sequence[str]) -> str:
    """For each direction the items of the first run, and what each run made of them."""
    newest, complaints = [], []
    for run, label in zip(runs, labels):
        try:
            newest.append(_newest(run, label))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            complaints.append(f"{label}: {error}")
    said = "".join(map(empty, complaints))
    if not newest:
        return said
    steps = " · ".join(f"{each.label} after step {each.step:,}" for each in newest)
    hint = f'<p class="hint">The newest sheets: {escape(steps)}.{MARKS if newest[0].tables else ""}</p>'
    shown = _sentences(newest) if newest[0].tables else _pictures(newest)
    return f"{hint}{shown or empty('The runs share no direction of which there are samples.')}{said}"


def _newest(run: RunFiles, label: str) -> Newest:
    """A run's newest sheet.

    Raises:
        ValueError: there is none, or none that can be taken apart.
    """
    sheets = [record for record in run.records("sample") if record.get("file")]
    if not sheets:
        raise ValueError("has no samples")
    file = str(sheets[-1]["file"])
    path = inside(run.folder, file)
    if path is None:
        raise ValueError(f"{file} lies outside the run folder")
    domains = [str(name) for name in section(run.recipe, "domains").values()]
    if path.suffix.lower() in TABLES:
        tables = directions_of(read_table(path, path.stat().st_mtime_ns), domains)
        return Newest(label, sheets[-1]["step"], tables, [])
    cells = cut(Path(path), domains)
    if not cells:
        raise ValueError(f"{file} has no layout beside it: it was written by an older cyclekit")
    return Newest(label, sheets[-1]["step"], [], cells)


def _sentences(newest: Sequence[Newest]) -> str:
    """A table for each direction: the source, then each run's translation of it."""
    parts = []
    for table in newest[0].tables:
        made = [_translations(each, table.headings[0]) for each in newest]
        rows = [
            [row[0], *(found.get(row[0], "(not among its items)") for found in made)]
            for row in table.rows
            if any(row[0] in found for found in made[1:])
        ]
        if rows:
            headings = [table.headings[0], *(each.label for each in newest)]
            parts.append(as_html(Table(headings, rows), headings[:1]))
    return f'<div class="sheets texts"><figure>{"".join(parts)}</figure></div>' if parts else ""


def _translations(run: Newest, source: str) -> dict[str, str]:
    """Sentence to translation, of the direction that translates from a domain."""
    table = next((table for table in run.tables if table.headings[0] == source and len(table.headings) > 1), None)
    return {row[0]: row[1] for row in table.rows} if table is not None else {}


def _pictures(newest: Sequence[Newest]) -> str:
    """A strip for each direction: the sources, each run's translations, and the truth where it is known.

    A run whose items are others is left out of a strip, and named below it.
    """
    parts = []
    for first in newest[0].cells:
        columns, others = [(first.headings[0], first.domains[0], first.columns[0])], []
        for each in newest:
            cells = next((cells for cells in each.cells if cells.headings[0] == first.headings[0]), None)
            if cells is None or len(cells.columns) < 2 or not _same_items(first.columns[0], cells.columns[0]):
                others.append(each.label)
            else:
                columns.append((each.label, cells.domains[1], cells.columns[1]))
        columns += [
            column
            for column in zip(first.headings[2:], first.domains[2:], first.columns[2:])
            if column[0].startswith("true ")
        ]
        if len(columns) > 2:
            headings, domains, pictures = (list(part) for part in zip(*columns))
            parts.append(strip_html(joined(Cells(headings, domains, pictures), 2.0), "by each run"))
        parts += [empty(f"{first.headings[0]}: {label} shows other items") for label in others]
    return f'<div class="sheets"><figure><div class="strips">{"".join(parts)}</div></figure></div>' if parts else ""


def _same_items(ones: Sequence[Image.Image], others: Sequence[Image.Image]) -> bool:
    """Whether two columns show the same things, as far as both go; their pictures may differ in size."""
    for one, other in zip(ones, others):
        size = min(one.width, other.width), min(one.height, other.height)
        levels = [
            numpy.asarray(each.convert("RGB").resize(size, Image.Resampling.BOX), dtype=float) for each in (one, other)
        ]
        if numpy.abs(levels[0] - levels[1]).mean() > ALIKE:
            return False
    return True
