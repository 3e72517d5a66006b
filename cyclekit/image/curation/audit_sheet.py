"""A sheet of a set that was looked over: pictures nobody chose, and the suspects."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from cyclekit.files.whole_file import whole_file
from cyclekit.image.curation.audit import Suspects
from cyclekit.image.curation.looking import Looks, in_colour
from cyclekit.image.picture_set import drawn_by_name
from cyclekit.registry import RecipeError, argument
from cyclekit.sheets.layout import FAINT, PAPER, laid_out

SIDE = 128
ROWS = 6
CAPTION = 10


def write_audit_sheet(looks: Looks, findings: Sequence[Suspects], title: str, path: Path) -> None:
    """Write a sheet: for each group pictures drawn by their names alone, then for each finding its first suspects.

    Raises:
        RecipeError: `path` does not end in .png.
        OSError: it cannot be written.
    """
    if path.suffix.lower() != ".png":
        raise RecipeError(f"{argument('sheet', path)}: write a name that ends in .png")
    columns, headings = [], []
    for number, group in enumerate(looks.groups):
        own = [i for i, one in enumerate(looks.seen) if one.group == number]
        drawn = drawn_by_name([group.pictures.names[looks.seen[i].row] for i in own], ROWS)  # of pairs both sides
        if drawn:
            columns.append([_cell(looks, (own[k],)) for k in drawn])
            headings.append(group.name)
    for finding in findings:
        if finding.rows:
            columns.append([_cell(looks, rows) for rows in finding.rows[:ROWS]])
            headings.append(f"{finding.what}: {finding.pictures}")
    if not columns:
        raise RecipeError(f"{argument('sheet', path)}: no picture can be read, so there is nothing to show")
    sheet = laid_out(columns, headings, title)
    with whole_file(path) as beside:
        sheet.save(beside)


def _cell(looks: Looks, rows: tuple[int, ...]) -> Image.Image:
    """One picture, or two side by side, with their names below."""
    cell = Image.new("RGB", ((SIDE + 4) * len(rows) - 4, SIDE + CAPTION + 5), PAPER)
    draw, font = ImageDraw.Draw(cell), ImageFont.load_default(CAPTION)
    for place, i in enumerate(rows):
        one = looks.seen[i]
        picture = in_colour(looks.groups[one.group].pictures, one.row)
        scale = SIDE / max(picture.size)
        size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
        left = (SIDE + 4) * place
        cell.paste(picture.resize(size, Image.Resampling.BICUBIC), (left, 0))
        draw.text((left, SIDE + 2), _shortened(one.name, font), FAINT, font)
    return cell


def _shortened(name: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """The end of a name, as much as fits under a picture."""
    if font.getlength(name) <= SIDE:
        return name
    while font.getlength("..." + name) > SIDE:
        name = name[1:]
    return "..." + name
