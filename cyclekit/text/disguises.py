"""Tables that are given where lines are expected: their headers and labels must never be learned as words."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

from cyclekit.registry import RecipeError
from cyclekit.text.tables import LABEL_NAMES, TEXT_NAMES, is_table

LOOKED_AT = 1000
"""Rows by which it is told."""

FEWEST = 10
"""Rows below which few different cells say nothing."""

MOST_LABELS = 5
"""Different cells above which a column is no label."""

COLUMNS = "set data.columns='{text: COLUMN, label: COLUMN}', by numbers from 1 if the first row is no header"


def refuse_tables(path: Path, lines: Sequence[str]) -> None:
    """Look at the lines of a file that is to be learned line by line.

    Raises:
        RecipeError: they are objects of JSON, or rows with a label or a header.
    """
    some = [line for line in lines[:LOOKED_AT] if line.strip()]
    if is_table(path):  # a .tsv without `data.columns`: a sentence and its translations
        if why := _labels([line.split("\t") for line in some]):
            raise RecipeError(f"data.sources: {path}: {why}; say which columns hold what: {COLUMNS}")
        return
    if all(map(_is_object, some)):
        raise RecipeError(f"data.sources: {path}: its lines are objects of JSON; name it .jsonl")
    tabs = [line.split("\t") for line in some]
    # Tabs between all sentences' words are not the fashion anywhere.
    if len(some) >= 3 and len({len(row) for row in tabs}) == 1 and len(tabs[0]) > 1 and all(map(all, tabs)):
        raise RecipeError(
            f"data.sources: {path}: every line has {len(tabs[0])} columns with tabs between; name it .tsv, and say "
            f"which hold what: {COLUMNS}"
        )
    for delimiter in ",;":
        try:
            rows = list(csv.reader(some, delimiter=delimiter, strict=True))
        except csv.Error:
            continue
        if why := _labels(rows):
            raise RecipeError(f"data.sources: {path}: {why}; if it is a table, name it .csv; if not, remove the ends")


def _labels(rows: Sequence[Sequence[str]]) -> str:
    """Why these rows have a header or a column of labels; empty if they have none."""
    width = len(rows[0]) if rows else 0
    if width < 2 or any(len(row) != width for row in rows):
        return ""
    header = [cell.strip().lower() for cell in rows[0]]
    if any(cell in (*TEXT_NAMES, *LABEL_NAMES) for cell in header) and all(cell and " " not in cell for cell in header):
        return f"its first row is a header ({', '.join(rows[0])})"
    if len(rows) < FEWEST:
        return ""
    for place in (width - 1, 0):
        column = [row[place].strip() for row in rows[1:]]
        different = sorted(set(column))
        if len(different) <= MOST_LABELS and all(one and len(one) <= 20 and " " not in one for one in different):
            return f"column {place + 1} of every row is a label ({', '.join(different)})"
    return ""


def _is_object(line: str) -> bool:
    if not line.lstrip().startswith("{"):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (json.JSONDecodeError, RecursionError):
        return False
