"""Sheets of runs from before sheets were saved as cells: a picture with a layout beside it, or tab-separated text.

A layout is a JSON file of the picture's name: where each picture stands, and by how much it was enlarged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cyclekit.core.cell import Cell
from cyclekit.sheets.cells import Column, Kind, Sheet

ESCAPED = re.compile(r"\\([\\tnr])")
UNESCAPED = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r"}

Domains = tuple[tuple[str, str], ...]
"""("a" or "b", its display name) for each domain."""


def pasted(path: Path, domains: Domains) -> Sheet | None:
    """The pictures of a sheet, at their own size; None where it has no layout.

    Raises:
        OSError, ValueError: the sheet or its layout cannot be read, or they do not belong together.
    """
    beside = path.with_suffix(".json")
    if not beside.is_file():
        return None
    with Image.open(path) as file:
        sheet = file.convert("RGB")
    try:
        layout = json.loads(beside.read_text(encoding="utf-8"))
        if tuple(layout["size"]) != sheet.size:
            raise ValueError(f"its layout is of a sheet of {layout['size']}, and it is {list(sheet.size)}")
        headings = [str(column["heading"]) for column in layout["columns"]]
        made_of = [str(column["domain"]) for column in layout["columns"]]
        cells = [[Cell(picture) for picture in _pictures(sheet, column)] for column in layout["columns"]]
    except (KeyError, TypeError) as error:
        raise ValueError(f"{beside.name} is no layout: {error!r}") from error
    return _sheet(headings, made_of, cells, domains)


def tabular(path: Path, domains: Domains) -> Sheet:
    """The sentences of a sheet.

    Raises:
        OSError, ValueError: it cannot be read, or is no such sheet.
    """
    # Only a line feed ends a line: sentences may hold Unicode's other line ends.
    lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    if lines[0].startswith("# "):
        lines = lines[1:]
    if not any(lines):
        raise ValueError("it has no headings")
    headings, *rows = [[_unescaped(cell) for cell in line.split("\t")] for line in lines]
    if any(len(row) != len(headings) for row in rows):
        raise ValueError("its rows differ in length")
    cells = [[Cell(words=row[place]) for row in rows] for place in range(len(headings))]
    return _sheet(headings, [""] * len(headings), cells, domains)


def _sheet(headings: Sequence[str], made_of: Sequence[str], cells: Sequence[list[Cell]], domains: Domains) -> Sheet:
    """The columns by direction: each begins with a heading that is a domain's display name."""
    known = {name: domain for domain, name in domains}
    columns: list[Column] = []
    for place, (heading, domain, of_column) in enumerate(zip(headings, made_of, cells)):
        begins = place == 0 or heading in known
        source = known.get(heading, heading) if begins else columns[-1].source
        kind = "source" if begins else _kind(heading)
        columns.append(Column(heading, domain, source, kind, of_column))
    return Sheet("", columns, {})


def _kind(heading: str) -> Kind:
    if heading.startswith("true "):
        return "truth"
    return "back" if heading.startswith("and back ") else "translation" if heading.startswith("to ") else "identity"


def _pictures(sheet: Image.Image, column: dict[str, Any]) -> list[np.ndarray]:
    """A column's pictures, made small again: every pixel of theirs stands there as a square."""
    factor = int(column["enlarged"])
    pictures = []
    for left, top, width, height in column["boxes"]:
        if not (0 <= left < left + width <= sheet.width and 0 <= top < top + height <= sheet.height and factor > 0):
            raise ValueError("its layout names places outside it")
        picture = sheet.crop((left, top, left + width, top + height))
        small = picture.resize((width // factor, height // factor), Image.Resampling.NEAREST)
        pictures.append(np.asarray(small))
    return pictures


def _unescaped(cell: str) -> str:
    return ESCAPED.sub(lambda found: UNESCAPED[found[1]], cell)
