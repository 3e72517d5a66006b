"""The same held-out items of several runs in columns, out of their newest sheets: pictures or sentences."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy
from PIL import Image

from cyclekit.report.run_folder import RunFiles
from cyclekit.report.sample_files import domains_of, has_pictures, has_words, read_sheet, samples_of
from cyclekit.report.samples import MARKS, strip_html
from cyclekit.report.sentences import DirectionTable, as_html
from cyclekit.report.strips import joined_pictures
from cyclekit.report.words import empty
from cyclekit.sheets.cells import Column, Sheet, pictures_of

ALIKE = 12.0
"""Mean difference in levels of 255 below which pictures of different size show the same thing."""


class Newest(NamedTuple):
    """The newest sheet of a run."""

    label: str
    step: int
    sheet: Sheet

    def direction(self, first: Sequence[Column]) -> list[Column]:
        """The columns of the direction that translates what another's do; none where this run has no such one."""
        mine = (columns for columns in self.sheet.directions() if columns[0].heading == first[0].heading)
        return next(mine, [])


def items(runs: Sequence[RunFiles], labels: Sequence[str]) -> str:
    """For each direction the items of the first run, and what each run made of them."""
    newest, complaints = [], []
    for run, label in zip(runs, labels):
        try:
            newest.append(_newest(run, label))
        except ValueError as error:
            complaints.append(f"{label}: {error}")
    said = "".join(map(empty, complaints))
    if not newest:
        return said
    steps = " · ".join(f"{each.label} after step {each.step:,}" for each in newest)
    first, shown = newest[0], ""
    texts = [columns for columns in first.sheet.directions() if has_words(columns)]
    hint = f'<p class="hint">The newest sheets: {escape(steps)}.{MARKS if texts else ""}</p>'
    if texts:
        content = "".join(_sentences(columns, newest) for columns in texts)
        shown += f'<div class="sheets texts"><figure>{content}</figure></div>' if content else ""
    if strips := "".join(_pictures(columns, newest) for columns in first.sheet.directions() if has_pictures(columns)):
        shown += f'<div class="sheets"><figure><div class="strips">{strips}</div></figure></div>'
    return f"{hint}{shown or empty('The runs share no direction of which there are samples.')}{said}"


def _newest(run: RunFiles, label: str) -> Newest:
    """A run's newest sheet.

    Raises:
        ValueError: there is none, or none that can be taken apart.
    """
    sample = next(reversed(samples_of(run)), None)
    if sample is None:
        raise ValueError("has no samples")
    sheet = read_sheet(sample.place(run.folder), domains_of(run)) if sample.readable else None
    if sheet is None:
        raise ValueError(f"{sample.file} cannot be taken apart: it was written by an older cyclekit")
    return Newest(label, sample.step, sheet)


def _sentences(first: Sequence[Column], newest: Sequence[Newest]) -> str:
    """A direction's sources, then each run's translation of them; nothing where no other run has one of them."""
    made = [_translations(each.direction(first)) for each in newest]
    sources = [cell.words or "" for cell in first[0].cells]
    rows = [
        [source, *(found.get(source, "(not among its items)") for found in made)]
        for source in sources
        if any(source in found for found in made[1:])
    ]
    return as_html([DirectionTable([first[0].heading, *(each.label for each in newest)], rows)]) if rows else ""


def _translations(columns: Sequence[Column]) -> dict[str, str]:
    """Sentence to translation, of one direction."""
    made = next((column for column in columns if column.kind == "translation"), None)
    return {} if made is None else {cell.words or "": to.words or "" for cell, to in zip(columns[0].cells, made.cells)}


def _pictures(first: Sequence[Column], newest: Sequence[Newest]) -> str:
    """A strip of a direction: the sources, each run's translations, and the truth where it is known.

    A run whose items are others is left out of a strip, and named below it.
    """
    source, shown, others = first[0], [first[0]], []
    for each in newest:
        mine = each.direction(first)
        made = next((column for column in mine if column.kind == "translation"), None)
        if made is None or not _same_items(newest[0], first, each, mine):
            others.append(each.label)
        else:
            shown.append(made._replace(heading=each.label))
    shown += [column for column in first if column.kind == "truth"]
    strip = strip_html(joined_pictures(shown, 2.0), "by each run") if len(shown) > 2 else ""
    return strip + "".join(empty(f"{source.heading}: {label} shows other items") for label in others)


def _same_items(one: Newest, first: Sequence[Column], other: Newest, mine: Sequence[Column]) -> bool:
    """Whether two runs' directions show the same items, as far as both go.

    The names tell, where both sheets have them, and a coarse look, for two folders may give one name to other pictures.
    """
    names = one.sheet.names.get(first[0].source, []), other.sheet.names.get(mine[0].source, [])
    if any(name != another for name, another in zip(*names)):
        return False
    return _alike(pictures_of(first[0].cells), pictures_of(mine[0].cells))


def _alike(ones: Sequence[Image.Image], others: Sequence[Image.Image]) -> bool:
    """Whether two columns show the same things, as far as both go; their pictures may differ in size."""
    for one, other in zip(ones, others):
        size = min(one.width, other.width), min(one.height, other.height)
        levels = [
            numpy.asarray(each.convert("RGB").resize(size, Image.Resampling.BOX), dtype=float) for each in (one, other)
        ]
        if numpy.abs(levels[0] - levels[1]).mean() > ALIKE:
            return False
    return True
