"""A sheet of pictures to look at: a title, a heading over every column, one row for each picture."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

SHORT_SIDE = 176
"""Smaller pictures are enlarged to at least this many pixels, by a whole factor."""
GAP = 8
TITLE_SIZE, HEADING_SIZE = 20, 16
PAPER, INK, FAINT = "white", "#202020", "#606060"


def laid_out(columns: Sequence[Sequence[Image.Image]], headings: Sequence[str], title: str) -> Image.Image:
    """Pictures, column by column, on one RGB sheet. Columns may differ in length and in the size of their pictures."""
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
    for heading, column, column_width in zip(headings, columns, widths):
        draw.text((left, heading_top), heading, FAINT, heading_font)
        top = first_top
        for picture, height in zip(column, heights):
            sheet.paste(picture.convert("RGB"), (left, top))
            top += height + GAP
        left += column_width + GAP
    return sheet


def enlarged(picture: Image.Image) -> Image.Image:
    """A small picture by a whole factor without smoothing: one sees the pixels that are there."""
    factor = max(1, -(-SHORT_SIDE // min(picture.size)))
    return picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.NEAREST)


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
