"""Sample sheets of sentences: read from their `.tsv`, as HTML tables with changes marked, and as markdown."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Collection, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

ROWS, LETTERS = 100, 1000
"""At most so many rows of a sheet are shown, and so much of a cell; the file in the run folder has all."""

GAP = '<i title="words of the source are missing here"></i>'

ESCAPED = re.compile(r"\\([\\tnr])")
UNESCAPED = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r"}


class Table(NamedTuple):
    """Headings, and rows of as many cells: a sheet, without its title, or the columns of one direction."""

    headings: list[str]
    rows: list[list[str]]


@functools.lru_cache(maxsize=64)
def read_table(path: Path, modified: int) -> Table:
    """The sheet that a modality wrote as tab-separated text. The time of change is part of the cache's key.

    Raises:
        OSError, ValueError: it cannot be read, or is no such sheet.
    """
    # Only a line feed ends a line: sentences may hold Unicode's other line ends.
    lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    if lines[0].startswith("# "):
        lines = lines[1:]
    cells = [[_unescaped(cell) for cell in line.split("\t")] for line in lines]
    if not any(lines):
        raise ValueError("it has no headings")
    headings, *rows = cells
    if any(len(row) != len(headings) for row in rows):
        raise ValueError("its rows differ in length")
    return Table(headings, rows)


def directions_of(table: Table, sources: Collection[str]) -> list[Table]:
    """A sheet's columns by direction: each begins with a heading that is a domain's display name."""
    starts = [place for place, heading in enumerate(table.headings) if place == 0 or heading in sources]
    stops = [*starts[1:], len(table.headings)]
    return [
        Table(table.headings[start:stop], [row[start:stop] for row in table.rows]) for start, stop in zip(starts, stops)
    ]


def as_html(table: Table, sources: Collection[str]) -> str:
    """A table for each direction, a row for each item: what differs from the source is marked."""
    return "".join(_card(direction) for direction in directions_of(table, sources))


def as_markdown(table: Table, sources: Collection[str]) -> str:
    """The same as markdown tables, every letter of a sentence shown as it is."""
    parts = []
    for direction in directions_of(table, sources):
        headings, *rows = [[_plain(cell) for cell in row] for row in [direction.headings, *direction.rows[:ROWS]]]
        lines = [headings, ["---"] * len(headings), *rows]
        parts.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
    return "\n\n".join(parts)


def _card(direction: Table) -> str:
    title = escape(" · ".join(direction.headings[:2]))
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in direction.headings)
    body = "".join(f"<tr>{''.join(_cells(direction.headings, row))}</tr>" for row in direction.rows[:ROWS])
    more = len(direction.rows) - ROWS
    rest = f'<p class="hint">{more:,} rows more are in the file.</p>' if more > 0 else ""
    return (
        f'<div class="sentences" role="group" aria-label="{title}"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>{rest}</div>"
    )


def _cells(headings: Sequence[str], row: Sequence[str]) -> Iterator[str]:
    """The source, with what its translation lost; then the others, with what they brought in or left out."""
    source, *others = ((cell if len(cell) <= LETTERS else cell[:LETTERS] + " …").split() for cell in row)
    lost = _compared(others[0], source).brought if others else set()
    yield _cell(headings[0], _marked(source, lost, "s"))
    for heading, words in zip(headings[1:], others):
        note = "<small>empty</small>" if not words else "<small>unchanged</small>" if words == source else ""
        compared = _compared(source, words)
        yield _cell(heading, _marked(words, compared.brought, "mark", compared.gaps) + note)


def _cell(heading: str, content: str) -> str:
    # A narrow page stacks the cells and shows each one's heading; the inner element keeps its words together there.
    return f'<td data-heading="{escape(heading)}"><div>{content}</div></td>'


class Compared(NamedTuple):
    """How one text differs from another, as places among its words."""

    brought: set[int]
    """Words that are not from there."""
    gaps: set[int]
    """Words before which some from there are missing; the number of words for a gap at the end."""


def _compared(before: Sequence[str], after: Sequence[str]) -> Compared:
    brought: set[int] = set()
    gaps: set[int] = set()
    for change, _, _, start, stop in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if change == "delete":
            gaps.add(start)
        elif change != "equal":
            brought.update(range(start, stop))
    return Compared(brought, gaps)


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


def _unescaped(cell: str) -> str:
    return ESCAPED.sub(lambda found: UNESCAPED[found[1]], cell)


def _plain(cell: str) -> str:
    """A cell in markdown: whatever could mean something there, or in HTML, as a character reference."""
    return re.sub(r"[^\w\s.,'?;:/-]|_", lambda found: f"&#{ord(found[0])};", " ".join(cell.split()))
