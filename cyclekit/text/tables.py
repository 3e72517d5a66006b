"""Tables of sentences in files: CSV, TSV, JSON lines and Parquet, plain or gzipped, read whole and checked by row."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cyclekit.registry import RecipeError
from cyclekit.text.encodings import UnreadableText, check_head, decode, lines_in, not_gzip

KINDS = (".csv", ".tsv", ".jsonl", ".json", ".parquet")
TEXT_NAMES = ("text", "sentence", "content", "review", "sentences")
"""What a column of sentences is called."""
LABEL_NAMES = ("label", "labels", "style", "class", "sentiment", "domain", "category", "target")
"""What a column is called that says whose a sentence is."""


class Table(NamedTuple):
    """Columns of cells, read when they are asked for."""

    words: str
    """What it is, for messages."""
    cells: Mapping[str, Callable[[], Sequence[Any]]]
    """By name; languages of a translation feature are columns of their own."""
    text: Sequence[str]
    """Names of the columns that hold text."""
    classes: Mapping[str, Sequence[str]] = {}
    """Columns of class numbers, and the names of the classes."""


def is_table(path: Path) -> bool:
    """Whether a file's name ends as tables do."""
    return path.name.lower().removesuffix(".gz").endswith(KINDS)


def read_table(path: Path, header: bool = True) -> Table:
    """Read a table.

    Args:
        header: whether the first row of a CSV or TSV file names its columns; they are called 1, 2, ... otherwise.

    Raises:
        RecipeError: it cannot be read, is damaged (file and line are named), or has no rows.
    """
    kind = Path(path.name.lower().removesuffix(".gz")).suffix
    if kind == ".parquet":
        return _parquet(path)
    lines = read_lines(path)
    if kind in (".csv", ".tsv"):
        columns = _separated(path, lines, kind == ".tsv", header)
    else:
        columns = _objects(path, lines, kind == ".json")
    if not any(map(len, columns.values())):
        raise RecipeError(f"data.sources: {path} is empty; it should hold a row for each sentence")
    return _table(str(path), columns)


def read_lines(path: Path) -> list[str]:
    """The lines of a text file, plain or gzipped, as they stand.

    Raises:
        RecipeError: it cannot be read, or is no UTF-8.
    """
    try:
        if not path.is_file():
            raise RecipeError(f"data.sources: {path} is no regular file; save it as one")
        held = path.read_bytes()
        if path.suffix == ".gz":
            held = gzip.decompress(held)
        check_head(held[: 1 << 16], path, path.suffix == ".gz")
        return [decode(line, number, path, number == 1) for number, line in enumerate(lines_in(held), 1)]
    except UnreadableText as error:
        raise RecipeError(f"data.sources: {path}{', ' if str(error).startswith('line ') else ' '}{error}") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise RecipeError(f"data.sources: {path} {not_gzip(path)}") from error
    except OSError as error:
        raise RecipeError(f"data.sources: {path} cannot be read: {error.strerror or error}") from error


def _table(words: str, columns: Mapping[str, Sequence[Any]]) -> Table:
    flat: dict[str, Sequence[Any]] = {}
    for name, cells in columns.items():
        keys = next((list(cell) for cell in cells if isinstance(cell, dict)), None)
        if keys is None:
            flat[name] = cells
        else:  # a translation feature: {"en": ..., "de": ...}
            flat |= {key: [cell.get(key) if isinstance(cell, dict) else None for cell in cells] for key in keys}
    text = [name for name, cells in flat.items() if all(isinstance(cell, str | None) for cell in cells)]
    return Table(words, {name: lambda cells=cells: cells for name, cells in flat.items()}, text)  # type: ignore[misc]


def _separated(path: Path, lines: list[str], tabs: bool, header: bool) -> dict[str, list[Any]]:
    """CSV as RFC 4180 has it, with commas or semicolons; TSV without quotes, as its fields hold no tabs."""
    first = lines[0] if lines else ""
    if tabs:
        options: dict[str, Any] = {"delimiter": "\t", "quoting": csv.QUOTE_NONE}
    else:
        options = {"delimiter": max(",;\t", key=first.count), "strict": True}
    limit = csv.field_size_limit(sys.maxsize)
    reader = csv.reader(io.StringIO("".join(f"{line}\n" for line in lines), newline=""), **options)
    rows: list[list[str]] = []
    names: list[str] | None = None
    try:
        for row in reader:
            if not row or row == [""]:
                continue  # a blank line
            if names is None:
                names = [cell.strip() for cell in row] if header else [str(place + 1) for place in range(len(row))]
                _check_names(path, names)
                if header:
                    continue
            if len(row) != len(names):
                raise RecipeError(
                    f"data.sources: {path}, line {reader.line_num}: has {_many(len(row), 'cell')}, and the first row "
                    f"{len(names)}; " + ("tabs part cells" if tabs else 'write a cell with commas in it as "..."')
                )
            rows.append(row)
    except csv.Error as error:
        raise RecipeError(
            f"data.sources: {path}, line {reader.line_num}: {error}; a cell with quotation marks is written "
            'as "he said ""yes"""'
        ) from error
    finally:
        csv.field_size_limit(limit)
    return dict(zip(names or [], map(list, zip(*rows)))) if rows else {name: [] for name in names or []}


def _check_names(path: Path, names: Sequence[str]) -> None:
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise RecipeError(
            f"data.sources: {path}: two columns are called '{twice[0]}'; if its first row is a sentence and no header, "
            "name columns by number: data.columns={text: 1, label: 2}"
        )


def _objects(path: Path, lines: list[str], whole: bool) -> dict[str, list[Any]]:
    """JSON: an object on each line, or a list of them in one document."""
    if whole:
        try:
            rows = json.loads("\n".join(lines))
        except json.JSONDecodeError as error:
            if len(lines) > 1 and error.msg == "Extra data":
                return _objects(path, lines, False)  # lines of JSON under the other name
            raise RecipeError(f"data.sources: {path}, line {error.lineno}: is not JSON: {error.msg}") from error
        except RecursionError as error:
            raise RecipeError(f"data.sources: {path} is nested too deeply for a table") from error
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise RecipeError(f"data.sources: {path} should be a list of objects, such as [{{{EXAMPLE}}}, ...]")
    else:
        rows = []
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (json.JSONDecodeError, RecursionError) as error:
                why = getattr(error, "msg", "nested too deeply")
                raise RecipeError(f"data.sources: {path}, line {number}: is not JSON: {why}") from error
            if not isinstance(row, dict):
                raise RecipeError(f"data.sources: {path}, line {number}: should be an object, such as {{{EXAMPLE}}}")
            rows.append(row)
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


EXAMPLE = '"text": "I do not know.", "label": "formal"'


def _parquet(path: Path) -> Table:
    import pyarrow
    import pyarrow.parquet

    try:
        columns = pyarrow.parquet.read_table(path).to_pydict()
    except (OSError, pyarrow.ArrowException) as error:
        raise RecipeError(f"data.sources: {path} cannot be read as Parquet: {str(error).splitlines()[0]}") from error
    return _table(str(path), columns)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
