"""A sample sheet as it is kept: a folder with a file for each picture, and an index of what stands where.

samples/step-00000500/index.json     title, names of the items, columns, and what each cell holds
samples/step-00000500/1-0.png        the picture of column 1, row 0, at its own size
samples/step-00000500.png            the whole sheet, for people: see `cyclekit.sheets.whole`
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np
from PIL import Image

from cyclekit.core.cell import Cell
from cyclekit.files.whole_file import place_beside, replace_folder

if TYPE_CHECKING:  # who reads sheets needs no PyTorch
    from cyclekit.core.batch import Batch
    from cyclekit.core.parts import Codec

INDEX = "index.json"

Kind = Literal["source", "translation", "truth", "back", "identity"]

PLAIN = re.compile(r"[\w-][\w.-]*")
"""A file's name in an index: of the folder itself, and not hidden."""


class Column(NamedTuple):
    """One column of a sheet: a cell for each held-out item of a direction."""

    heading: str
    domain: str
    """ "a" or "b": what its cells are."""
    source: str
    """ "a" or "b": what the direction translates; columns of one direction stand side by side."""
    kind: Kind
    cells: list[Cell]


class Sheet(NamedTuple):
    """Held-out items and what the networks make of them."""

    title: str
    columns: list[Column]
    names: Mapping[str, list[str]]
    """Source domain -> the names of its items, a row each; nothing where they are not known."""

    def directions(self) -> list[list[Column]]:
        """The columns of each direction."""
        return [list(columns) for _, columns in itertools.groupby(self.columns, lambda column: column.source)]


def cells_of(codec: Codec, batch: Batch) -> list[Cell]:
    """A cell for each row, as its codec shows it; of one that shows nothing, the decoded items as words."""
    from cyclekit.core.parts import ShowsCells

    if isinstance(codec, ShowsCells):
        return codec.cells(batch)
    return [Cell(words=str(item)) for item in codec.decode(batch)]


def save_cells(sheet: Sheet, folder: Path) -> None:
    """Write a sheet as `folder`: whole or not at all. A sheet that stands there is replaced.

    Raises:
        ValueError: no columns.
        OSError: the place cannot be written; what stood there before is untouched.
    """
    if not sheet.columns:
        raise ValueError("a sheet has at least one column")
    beside = place_beside(folder)
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        columns = [
            {**column._asdict(), "cells": [_saved(cell, beside, f"{c}-{r}") for r, cell in enumerate(column.cells)]}
            for c, column in enumerate(sheet.columns)
        ]
        index = {"title": sheet.title, "names": dict(sheet.names), "columns": columns}
        (beside / INDEX).write_text(json.dumps(index), encoding="utf-8")
        replace_folder(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def load_cells(folder: Path) -> Sheet:
    """Undo `save_cells`.

    Raises:
        OSError, ValueError: it cannot be read, or is no sheet. Files outside the folder are never read.
    """
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        columns = [_column(folder, column) for column in index["columns"]]
        names = {str(source): [str(name) for name in of_source] for source, of_source in index["names"].items()}
        return Sheet(str(index["title"]), columns, names)
    except (KeyError, TypeError, AttributeError, RuntimeError) as error:  # which is too deep, or links in a circle
        raise ValueError(f"{folder.name}/{INDEX} is no index of a sheet: {error!r}") from error


def _saved(cell: Cell, folder: Path, stem: str) -> dict[str, str]:
    """Write a cell's files; its entry in the index."""
    entry = {}
    if cell.picture is not None:
        entry["picture"] = f"{stem}.png"
        Image.fromarray(np.ascontiguousarray(cell.picture)).save(folder / entry["picture"])
    if cell.words is not None:
        entry["words"] = cell.words.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair is no text
    if cell.file is not None:
        suffix, content = cell.file
        entry["file"] = stem + suffix
        if entry["file"] == entry.get("picture"):
            raise ValueError(f"a cell's file cannot end in {suffix} beside a picture")
        (folder / entry["file"]).write_bytes(content)
    return entry


def _column(folder: Path, column: Mapping[str, Any]) -> Column:
    if column["kind"] not in get_args(Kind):
        raise ValueError(f"{folder.name}/{INDEX}: {column['kind']!r} is no kind of column")
    cells = [_loaded(folder, entry) for entry in column["cells"]]
    return Column(str(column["heading"]), str(column["domain"]), str(column["source"]), column["kind"], cells)


def _loaded(folder: Path, entry: Mapping[str, Any]) -> Cell:
    picture, words, file = entry.get("picture"), entry.get("words"), entry.get("file")
    return Cell(
        None if picture is None else _read(folder, picture, _pixels),
        None if words is None else str(words),
        None if file is None else (Path(file).suffix, _read(folder, file, Path.read_bytes)),
    )


def _read(folder: Path, name: str, read: Callable[[Path], Any]) -> Any:
    """A file of the folder: a page that is passed on must not carry others."""
    path = (folder / name).resolve()
    if not PLAIN.fullmatch(name) or path.parent != folder.resolve():
        raise ValueError(f"{folder.name}/{INDEX} names a file outside its folder: {name!r}")
    if path.exists() and not path.is_file():
        raise ValueError(f"{folder.name}/{name} is no file")  # but a pipe, say, for which one would wait for ever
    return read(path)


def _pixels(path: Path) -> np.ndarray:
    with Image.open(path, formats=["PNG"]) as file:
        return np.asarray(file if file.mode == "L" else file.convert("RGB"))


def pictures_of(cells: Sequence[Cell]) -> list[Image.Image]:
    """The pictures of those that have one."""
    return [Image.fromarray(cell.picture) for cell in cells if cell.picture is not None]
