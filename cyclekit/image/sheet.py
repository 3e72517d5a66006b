"""Sheets of pictures to look at: a title, a heading over every column, one row for each picture.

Beside a sheet stands its layout, a JSON file of the same name: where each picture is, so that a reader can cut it out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from cyclekit.core.batch import Pair
from cyclekit.core.parts import Column
from cyclekit.files.whole_file import whole_file, write_whole
from cyclekit.image.codec import ImageCodec

SHORT_SIDE = 176
"""Smaller pictures are enlarged to at least this many pixels, by a whole factor."""
GAP = 8
TITLE_SIZE, HEADING_SIZE = 20, 16
PAPER, INK, FAINT = "white", "#202020", "#606060"


class Box(NamedTuple):
    """Where a picture stands on a sheet, in pixels."""

    left: int
    top: int
    width: int
    height: int


def write_sheet(columns: Sequence[Column], codecs: Pair[ImageCodec], title: str, stem: Path) -> Path:
    """Write `columns` as a PNG and return its path, `stem` with `.png` added; beside it, with `.json`, its layout.

    Small pictures are enlarged by a whole factor without smoothing, so that one sees the pixels that are there. The
    layout is `{"size": [width, height], "columns": [{"heading", "domain", "enlarged", "boxes"}, ...]}`: `domain` "a" or
    "b", `enlarged` the factor, and for each row from the top a box `[left, top, width, height]` in the sheet's pixels.

    Raises:
        ValueError: no columns.
        OSError: the folder cannot be written; what stood there before is untouched.
    """
    if not columns:
        raise ValueError("a sheet has at least one column")
    pictures = [(codecs.a if column.domain == "a" else codecs.b).show(column.batch) for column in columns]
    sheet, boxes = _placed([_enlarged(column) for column in pictures], [column.heading for column in columns], title)
    layout = {
        "size": list(sheet.size),
        "columns": [
            {
                "heading": column.heading,
                "domain": column.domain,
                "enlarged": max(map(_factor, shown), default=1),
                "boxes": placed,
            }
            for column, shown, placed in zip(columns, pictures, boxes)
        ],
    }
    path = stem.with_name(stem.name + ".png")
    with whole_file(path) as beside:
        sheet.save(beside)
    write_whole(stem.with_name(stem.name + ".json"), json.dumps(layout))
    return path


def laid_out(columns: Sequence[Sequence[Image.Image]], headings: Sequence[str], title: str) -> Image.Image:
    """Pictures, column by column, on one RGB sheet. Columns may differ in length and in the size of their pictures."""
    return _placed(columns, headings, title)[0]


def _placed(
    columns: Sequence[Sequence[Image.Image]], headings: Sequence[str], title: str
) -> tuple[Image.Image, list[list[Box]]]:
    """The sheet, and for each column where its pictures stand."""
    title_font, heading_font = ImageFont.load_default(TITLE_SIZE), ImageFont.load_default(HEADING_SIZE)
    widths = [
        max([round(heading_font.getlength(heading)), *(picture.width for picture in column)])
        for heading, column in zip(headings, columns)
    ]
    rows = max(map(len, columns))
    heights = [max(column[row].height for column in columns if row < len(column)) for row in range(rows)]
    width = max(sum(widths) + GAP * (len(widths) + 1), 320)
    lines = _wrapped(title, title_font, width - 2 * GAP)
    heading_top = GAP + len(lines) * (TITLE_SIZE + 6) + GAP
    first_top = heading_top + HEADING_SIZE + GAP
    sheet = Image.new("RGB", (width, first_top + sum(heights) + GAP * max(rows, 1)), PAPER)
    draw = ImageDraw.Draw(sheet)
    for number, line in enumerate(lines):
        draw.text((GAP, GAP + number * (TITLE_SIZE + 6)), line, INK, title_font)
    left = GAP
    boxes: list[list[Box]] = []
    for heading, column, column_width in zip(headings, columns, widths):
        draw.text((left, heading_top), heading, FAINT, heading_font)
        top = first_top
        boxes.append([])
        for picture, height in zip(column, heights):
            sheet.paste(picture.convert("RGB"), (left, top))
            boxes[-1].append(Box(left, top, *picture.size))
            top += height + GAP
        left += column_width + GAP
    return sheet, boxes


def _factor(picture: Image.Image) -> int:
    """By how much a picture is enlarged."""
    return max(1, -(-SHORT_SIDE // min(picture.size)))


def _enlarged(pictures: Sequence[Image.Image]) -> list[Image.Image]:
    return [
        picture.resize((picture.width * _factor(picture), picture.height * _factor(picture)), Image.Resampling.NEAREST)
        for picture in pictures
    ]


def _wrapped(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> list[str]:
    """A text in lines no wider than `width`; a longer word stands alone."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
