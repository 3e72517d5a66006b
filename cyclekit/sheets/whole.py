"""A sheet as people open it, laid out from its cells: pictures as one PNG, words as tab-separated text."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path

from PIL import Image

from cyclekit.files.whole_file import whole_file, write_whole
from cyclekit.sheets.cells import Sheet, pictures_of
from cyclekit.sheets.layout import enlarged, laid_out

ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def write_whole_sheet(sheet: Sheet, stem: Path) -> list[Path]:
    """Write `stem` with `.png` added where there are pictures, and with `.tsv` added where there are words.

    Returns:
        What was written, the picture first.

    Raises:
        ValueError: no columns, or cells that hold neither.
        OSError: the folder cannot be written; what stood there before is untouched.
    """
    if not sheet.columns:
        raise ValueError("a sheet has at least one column")
    cells, written = [cell for column in sheet.columns for cell in column.cells], []
    if any(cell.picture is not None for cell in cells):
        written.append(stem.with_name(stem.name + ".png"))
        with whole_file(written[-1]) as beside:
            whole_picture(sheet).save(beside)
    if any(cell.words is not None for cell in cells):
        written.append(stem.with_name(stem.name + ".tsv"))
        write_whole(written[-1], _table(sheet).encode("utf-8", "replace"))
    if not written:
        raise ValueError("a sheet's cells hold a picture or words")
    return written


def whole_picture(sheet: Sheet) -> Image.Image:
    """All pictures of a sheet on one, small ones enlarged by a whole factor without smoothing."""
    columns = [[enlarged(picture) for picture in pictures_of(column.cells)] for column in sheet.columns]
    return laid_out(columns, [column.heading for column in sheet.columns], sheet.title)


def _table(sheet: Sheet) -> str:
    """The title after `# `, the headings, then a line for each item.

    Tabs, line ends and backslashes inside a cell are written as `\\t`, `\\n`, `\\r` and `\\\\`.
    """
    words = [[column.heading, *(cell.words or "" for cell in column.cells)] for column in sheet.columns]
    rows = ("\t".join(cell.translate(ESCAPES) for cell in row) for row in zip_longest(*words, fillvalue=""))
    return "".join(line + "\n" for line in (f"# {sheet.title.translate(ESCAPES)}", *rows))
