"""Sample sheets of sentences: as HTML tables with changes marked, and as markdown."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from html import escape
from itertools import zip_longest
from typing import NamedTuple

from cyclekit.sheets.cells import Column, Sheet

ROWS, LETTERS = 100, 1000
"""At most so many rows of a sheet are shown, and so much of a cell; the file in the run folder has all."""

TABLE = '<div class="sentences"'
"""How each table begins."""

GAP = '<i title="words of the source are missing here"></i>'


class DirectionTable(NamedTuple):
    """The columns of one direction: headings, and rows of as many cells."""

    headings: list[str]
    rows: list[list[str]]


def tables_of(sheet: Sheet) -> list[DirectionTable]:
    """The words of a sheet, a table for each direction."""
    return [table_of_words(columns) for columns in sheet.directions()]


def table_of_words(columns: Sequence[Column]) -> DirectionTable:
    """The words of one direction."""
    words = [[cell.words or "" for cell in column.cells] for column in columns]
    return DirectionTable(
        [column.heading for column in columns], [list(row) for row in zip_longest(*words, fillvalue="")]
    )


def as_html(directions: Iterable[DirectionTable]) -> str:
    """A table for each direction, a row for each item: what differs from the source is marked."""
    return "".join(map(_card, directions))


def as_markdown(directions: Iterable[DirectionTable]) -> str:
    """The same as markdown tables, every letter of a sentence shown as it is."""
    parts = []
    for direction in directions:
        headings, *rows = [[_plain(cell) for cell in row] for row in [direction.headings, *direction.rows[:ROWS]]]
        lines = [headings, ["---"] * len(headings), *rows]
        parts.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
    return "\n\n".join(parts)


def _card(direction: DirectionTable) -> str:
    title = escape(" · ".join(direction.headings[:2]))
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in direction.headings)
    body = "".join(f"<tr>{''.join(_cells(direction.headings, row))}</tr>" for row in direction.rows[:ROWS])
    more = len(direction.rows) - ROWS
    rest = f'<p class="hint">{more:,} rows more are in the file.</p>' if more > 0 else ""
    return (
        f'{TABLE} role="group" aria-label="{title}"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>{rest}</div>"
    )


def _cells(headings: Sequence[str], row: Sequence[str]) -> Iterator[str]:
    """The source, with what its translation lost; then the others, with what they brought in or left out."""
    source, *others = ((cell if len(cell) <= LETTERS else cell[:LETTERS] + " …").split() for cell in row)
    lost = _compared(source, others[0]).lost if others else set()
    yield _cell(headings[0], _marked(source, lost, "s"))
    for heading, words in zip(headings[1:], others):
        note = "<small>empty</small>" if not words else "<small>unchanged</small>" if words == source else ""
        compared = _compared(source, words)
        yield _cell(heading, _marked(words, compared.brought, "mark", compared.gaps) + note)


def _cell(heading: str, content: str) -> str:
    # A narrow page stacks the cells and shows each one's heading; the inner element keeps its words together there.
    return f'<td data-heading="{escape(heading)}"><div>{content}</div></td>'


class TextDifference(NamedTuple):
    """How one text differs from another."""

    lost: set[int]
    """Places of the other's words that are not here."""
    brought: set[int]
    """Places of words that are not from there."""
    gaps: set[int]
    """Words before which some from there are missing; the number of words for a gap at the end."""


def _compared(before: Sequence[str], after: Sequence[str]) -> TextDifference:
    found = TextDifference(set(), set(), set())
    for change, *there, start, stop in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if change == "equal":
            continue
        found.lost.update(range(*there))
        found.brought.update(range(start, stop))
        if change == "delete":
            found.gaps.add(start)
    return found


def _marked(words: Sequence[str], places: Collection[int], tag: str, gaps: Collection[int] = ()) -> str:
    """Words with a tag around each run of those that are marked, and a sign where some are missing."""
    parts: list[str] = []
    for place, word in enumerate(words):
        if place in gaps:
            parts.append(GAP)
        opens = place in places and place - 1 not in places
        closes = place in places and place + 1 not in places
        parts.append(f"{f'<{tag}>' if opens else ''}{escape(word)}{f'</{tag}>' if closes else ''}")
    if words and len(words) in gaps:
        parts.append(GAP)
    return " ".join(parts)


def _plain(cell: str) -> str:
    """A cell in markdown: whatever could mean something there, or in HTML, as a character reference."""
    return re.sub(r"[^\w\s.,'?;:/-]|_", lambda found: f"&#{ord(found[0])};", " ".join(cell.split()))
