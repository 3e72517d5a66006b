"""Pictures in the rows of a Parquet table: files' bytes, alone or beside their name, as data sets carry them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from cyclekit.files.inputs import Input
from cyclekit.files.jobs import Job
from cyclekit.files.parquet import UnfitTable, translated_table
from cyclekit.image.bands import Picture
from cyclekit.image.pictures import Reading, UnreadablePicture, read_picture

AT_ONCE = 64
"""Rows that are in memory."""

JPEG = b"\xff\xd8"


def translate_table(
    translate: Callable[[Iterable[Picture]], Iterator[Any]], item: Input, out: Path, job: Job, reading: Reading
) -> tuple[int, int]:
    """Write a table with a column of translations: JPEGs of JPEGs, and PNGs of all else.

    Returns:
        How many rows there are, and how many of them have no translation: no picture, or one that cannot be read.

    Raises:
        UnreadablePicture: the table cannot be read, or has no such column.
    """
    lost = 0

    def answers(cells: Sequence[Any]) -> list[Any]:
        nonlocal lost
        opened = [_opened(cell, reading) for cell in cells]
        made = iter(translate(picture for picture in opened if picture is not None))
        answered = [None if picture is None else _written(next(made), cell) for picture, cell in zip(opened, cells)]
        lost += answered.count(None)
        return answered

    try:
        rows = translated_table(
            item.path, out / item.place, job.column, job.adds, answers, fits=_fits, what="pictures", at_once=AT_ONCE
        )
    except UnfitTable as error:
        raise UnreadablePicture(item.path, str(error)) from error
    return rows, lost


def _fits(kind: Any) -> bool:
    """Bytes, or the structure in which the `datasets` library keeps a picture's bytes and its path."""
    return str(kind) in ("binary", "large_binary", "struct<bytes: binary, path: string>")


def _opened(cell: Any, reading: Reading) -> Picture | None:
    content = cell["bytes"] if isinstance(cell, dict) else cell
    try:
        return None if content is None else read_picture(io.BytesIO(content), reading, "a row")
    except (UnreadablePicture, MemoryError):
        return None


def _written(made: Any, cell: Any) -> Any:
    """In the form of the cell that it was made of; None where there is none."""
    if not isinstance(made, Image.Image):
        return None
    before, held = cell["bytes"] if isinstance(cell, dict) else cell, io.BytesIO()
    if before.startswith(JPEG):
        made.save(held, "JPEG", quality=95, subsampling=0)
    else:
        made.save(held, "PNG")
    return {"bytes": held.getvalue(), "path": cell["path"]} if isinstance(cell, dict) else held.getvalue()
