"""Pictures cut out of a sample sheet by its layout: for each direction one strip of them, without headings or gaps.

A sheet's layout is the JSON file beside it (see `cyclekit.image.sheet`); a sheet without one is shown whole.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from cyclekit.report.sheets import data_uri, jpeg

PIXELS, BYTES = 2_400_000, 600_000
"""Bounds for one sheet's strips together. The newest sheet may have `DETAIL` times as much."""

DETAIL = 2.5


class Strip(NamedTuple):
    """The pictures of one direction, ready for the page: columns side by side, a row for each held-out item."""

    headings: list[str]
    domains: list[str]
    """ "a" or "b" for each column."""
    rows: int
    cell: tuple[int, int]
    """Width and height of each picture in the strip's pixels."""
    uri: str


class Cells(NamedTuple):
    """The pictures of one direction as they were before the sheet enlarged them."""

    headings: list[str]
    domains: list[str]
    columns: list[list[Image.Image]]


@functools.lru_cache(maxsize=128)
def strips(path: Path, modified: int, sources: tuple[str, ...], detail: float = 1.0) -> list[Strip]:
    """A sheet's strips, each of bounded size; none where the sheet has no layout.

    Args:
        modified: the sheet's time of change, part of the cache's key: a rewrite encodes new sheets only.
        sources: display names of the domains; a column with such a heading begins a direction.
        detail: the bounds times this.

    Raises:
        OSError, ValueError: the sheet or its layout cannot be read, or they do not belong together.
    """
    directions = cut(path, sources)
    areas = [sum(p.width * p.height for column in cells.columns for p in column) for cells in directions]
    return [joined(cells, detail * area / sum(areas)) for cells, area in zip(directions, areas)]


def cut(path: Path, sources: Collection[str]) -> list[Cells]:
    """The pictures of a sheet by direction and column, at their own size; none where the sheet has no layout.

    Raises:
        OSError, ValueError: the sheet or its layout cannot be read, or they do not belong together.
    """
    beside = path.with_suffix(".json")
    if not beside.is_file():
        return []
    with Image.open(path) as file:
        sheet = file.convert("RGB")
    try:
        layout = json.loads(beside.read_text(encoding="utf-8"))
        if tuple(layout["size"]) != sheet.size:
            raise ValueError(f"its layout is of a sheet of {layout['size']}, and it is {list(sheet.size)}")
        columns = [_pictures(sheet, column) for column in layout["columns"]]
        headings = [str(column["heading"]) for column in layout["columns"]]
        domains = [str(column["domain"]) for column in layout["columns"]]
    except (KeyError, TypeError) as error:
        raise ValueError(f"{beside.name} is no layout: {error!r}") from error
    starts = [place for place, heading in enumerate(headings) if place == 0 or heading in sources]
    parts = [slice(start, stop) for start, stop in zip(starts, [*starts[1:], len(headings)])]
    # A column without pictures has nothing to show.
    return [Cells(headings[part], domains[part], columns[part]) for part in parts if all(columns[part])]


def _pictures(sheet: Image.Image, column: dict[str, Any]) -> list[Image.Image]:
    """A column's pictures, made small again: every pixel of theirs stands there as a square."""
    factor = int(column["enlarged"])
    pictures = []
    for left, top, width, height in column["boxes"]:
        if not (0 <= left < left + width <= sheet.width and 0 <= top < top + height <= sheet.height and factor > 0):
            raise ValueError("its layout names places outside it")
        picture = sheet.crop((left, top, left + width, top + height))
        pictures.append(picture.resize((width // factor, height // factor), Image.Resampling.NEAREST))
    return pictures


def joined(cells: Cells, share: float) -> Strip:
    """One direction's pictures as one JPEG: at the size that a share of the bounds allows, or smaller if need be."""
    rows = max(map(len, cells.columns))
    width = max(picture.width for column in cells.columns for picture in column)
    height = max(picture.height for column in cells.columns for picture in column)
    scale = min(1.0, math.sqrt(share * PIXELS / (len(cells.columns) * rows * width * height)))
    while True:
        cell = max(1, round(width * scale)), max(1, round(height * scale))
        picture = _side_by_side(cells.columns, rows, cell)
        encoded = next((made for quality in (90, 80) if len(made := jpeg(picture, quality)) <= share * BYTES), None)
        if encoded is not None or max(cell) <= 8:
            return Strip(cells.headings, cells.domains, rows, cell, data_uri(encoded or jpeg(picture, 80)))
        scale *= 0.85


def _side_by_side(columns: Sequence[Sequence[Image.Image]], rows: int, cell: tuple[int, int]) -> Image.Image:
    """Pictures edge to edge, each fitted into a cell."""
    strip = Image.new("RGB", (cell[0] * len(columns), cell[1] * rows), "white")
    for across, column in enumerate(columns):
        for down, picture in enumerate(column):
            scale = min(cell[0] / picture.width, cell[1] / picture.height)
            size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
            shown = picture if size == picture.size else picture.resize(size, Image.Resampling.BICUBIC)
            strip.paste(
                shown,
                (across * cell[0] + (cell[0] - size[0]) // 2, down * cell[1] + (cell[1] - size[1]) // 2),
            )
    return strip
