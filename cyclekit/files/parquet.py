"""Parquet tables of which one column is translated: read and written a few rows at a time, into a column more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cyclekit.files.inputs import translated_file

Answers = Callable[[Sequence[Any]], Sequence[Any]]
"""Values of a column, None where a row has none, to their translations in order."""


class UnfitTable(Exception):
    """A table that cannot be translated; its text says why."""


def is_parquet(path: Path) -> bool:
    """Whether a file's name ends like such a table's."""
    return path.suffix.lower() == ".parquet"


def rows_in(path: Path) -> int:
    """How many rows a table has.

    Raises:
        UnfitTable: it cannot be read.
    """
    return _opened(path).metadata.num_rows


def translated_table(
    path: Path,
    place: Path,
    column: str | None,
    adds: str,
    answers: Answers,
    *,
    fits: Callable[[Any], bool],
    what: str,
    at_once: int,
) -> int:
    """Write a table as it is, with a column more; whole or not at all.

    Args:
        column: the one to translate; None: the only one whose type `fits`.
        adds: the name of the new column, which has the type of the translated one.
        fits: whether a column of this type of pyarrow's can be translated.
        what: what is translated, for errors: "text".
        at_once: rows that are in memory.

    Returns:
        How many rows.

    Raises:
        UnfitTable: it cannot be read, or its columns do not fit.
        RecipeError: `place` cannot be written.
    """
    import pyarrow
    from pyarrow import parquet

    table = _opened(path)
    schema = table.schema_arrow
    name = _chosen(schema, column, fits, what)
    if adds in schema.names:
        raise UnfitTable(f"has a column '{adds}' already, which is where translations go")
    wider = schema.append(pyarrow.field(adds, schema.field(name).type))
    done = 0
    with translated_file(place) as beside, parquet.ParquetWriter(beside, wider) as written:
        try:
            for rows in table.iter_batches(batch_size=at_once):
                made = answers(rows.column(name).to_pylist())
                column_of = pyarrow.array(made, wider.field(adds).type)
                written.write_batch(pyarrow.RecordBatch.from_arrays([*rows.columns, column_of], schema=wider))
                done += rows.num_rows
        except (pyarrow.ArrowException, OSError) as error:
            raise UnfitTable(f"breaks off after {done:,} rows: {_line(error)}") from error
    return done


def _opened(path: Path) -> Any:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise UnfitTable("needs pyarrow to be read; install it: pip install pyarrow") from error
    try:
        return parquet.ParquetFile(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise UnfitTable(f"is no Parquet file that can be read: {_line(error)}") from error


def _chosen(schema: Any, column: str | None, fits: Callable[[Any], bool], what: str) -> str:
    fitting = [field.name for field in schema if fits(field.type)]
    there = ", ".join(fitting) or "none"
    if column is not None:
        if column not in schema.names:
            raise UnfitTable(f"has no column '{column}'; columns of {what}: {there}")
        if column not in fitting:
            raise UnfitTable(f"has no {what} in its column '{column}'; columns of {what}: {there}")
        return column
    if len(fitting) != 1:
        raise UnfitTable(
            f"has {len(fitting) or 'no'} columns of {what} ({there}); name it: cyclekit translate --column NAME"
        )
    return fitting[0]


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
