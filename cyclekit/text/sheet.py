"""Sheets of sentences to look at: a table with a heading over every column, one row for each item."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

from cyclekit.core.batch import Pair
from cyclekit.core.parts import Codec, Column
from cyclekit.files.whole_file import write_whole

ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
"""Sentences hold none of these but the backslash; a codec of somebody else's might let one through."""


def write_sheet(columns: Sequence[Column], codecs: Pair[Codec], title: str, stem: Path) -> Path:
    """Write `columns` as tab-separated text and return its path, `stem` with `.tsv` added.

    The first line is the title after `# `, the second the headings; then a line for each item. Tabs, line ends and
    backslashes inside a sentence are written as `\\t`, `\\n`, `\\r` and `\\\\`.

    Raises:
        ValueError: no columns.
        OSError: the folder cannot be written; what stood there before is untouched.
    """
    if not columns:
        raise ValueError("a sheet has at least one column")
    sentences = [(codecs.a if column.domain == "a" else codecs.b).decode(column.batch) for column in columns]
    rows = [[column.heading for column in columns], *zip_longest(*sentences, fillvalue="")]
    lines = [f"# {title.translate(ESCAPES)}", *("\t".join(cell.translate(ESCAPES) for cell in row) for row in rows)]
    path = stem.with_name(stem.name + ".tsv")
    write_whole(path, "".join(line + "\n" for line in lines).encode("utf-8", "replace"))
    return path
