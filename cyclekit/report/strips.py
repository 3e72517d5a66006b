"""The pictures of a sample sheet for the page: for each direction one strip of them, without headings or gaps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image

from cyclekit.report.sheets import data_uri, jpeg
from cyclekit.sheets.cells import Column, pictures_of

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


def strips(directions: Sequence[Sequence[Column]], detail: float = 1.0) -> list[Strip]:
    """Strips of directions of pictures, each of bounded size.

    Args:
        detail: the bounds times this.
    """
    pictures = [[pictures_of(column.cells) for column in columns] for columns in directions]
    areas = [sum(p.width * p.height for column in columns for p in column) for columns in pictures]
    return [joined_pictures(columns, detail * area / sum(areas)) for columns, area in zip(directions, areas)]


def joined_pictures(columns: Sequence[Column], share: float) -> Strip:
    """One direction's pictures as one JPEG: at the size that a share of the bounds allows, or smaller if need be."""
    pictures = [pictures_of(column.cells) for column in columns]
    headings, domains = [column.heading for column in columns], [column.domain for column in columns]
    rows = max(map(len, pictures))
    width = max(picture.width for column in pictures for picture in column)
    height = max(picture.height for column in pictures for picture in column)
    scale = min(1.0, math.sqrt(share * PIXELS / (len(columns) * rows * width * height)))
    while True:
        cell = max(1, round(width * scale)), max(1, round(height * scale))
        picture = _side_by_side(pictures, rows, cell)
        encoded = next((made for quality in (90, 80) if len(made := jpeg(picture, quality)) <= share * BYTES), None)
        if encoded is not None or max(cell) <= 8:
            return Strip(headings, domains, rows, cell, data_uri(encoded or jpeg(picture, 80)))
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
