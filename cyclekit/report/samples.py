"""The report's samples: sheets of the same held-out items over the time of a run, as pictures or as tables.

All sheets stand in the page, so that it shows them without a script; the page's script makes one sheet with a scrubber
of them and, of sheets of pictures, a slider between a held-out item and its translation.
"""

from __future__ import annotations

import functools
from html import escape
from pathlib import Path
from urllib.parse import quote

from cyclekit.report.older_sheets import Domains
from cyclekit.report.run_folder import RunFiles
from cyclekit.report.sample_files import LoggedSheet, domains_of, has_pictures, has_words, read_sheet, samples_of
from cyclekit.report.sentences import TABLE, as_html, table_of_words
from cyclekit.report.sheets import encoded, inside, spread, within
from cyclekit.report.strips import DETAIL, Strip, strips
from cyclekit.report.words import empty
from cyclekit.sheets.cells import Sheet

LINKS = 12
"""At most so many samples of other kinds are linked."""

SMALL = 160
"""Pictures with a shorter side below this are enlarged without smoothing: one sees the pixels that are there."""

MARKS = (
    " Marked: words that a translation <s>loses</s>, words that are <mark>not the source's</mark>, "
    "and by a stroke where some are missing."
)


def samples(files: RunFiles) -> str:
    """Sheets over time: as many as a page has room for, the first and the last always."""
    every = samples_of(files)
    sheets, others = [one for one in every if one.readable], [one for one in every if not one.readable]
    if not every:
        return empty("No samples yet.")
    parts = []
    if sheets:
        made: dict[int, str] = {}

        def figure(sample: LoggedSheet) -> str:
            if sample.step not in made:
                made[sample.step] = _figure(files, sample, newest=sample is sheets[-1])
            return made[sample.step]

        shown = within(sheets, lambda sample: len(figure(sample)))
        which = f"{len(shown)} of {len(sheets):,} sheets" if len(shown) < len(sheets) else "All sheets"
        figures = "".join(map(figure, shown))
        tables = TABLE in figures
        parts.append(f'<div class="sheets{" texts" if tables else ""}">{figures}</div>')
        parts.append(
            f'<p class="hint">{which}, first to last, of the same held-out items.{MARKS if tables else ""}</p>'
        )
    if others:
        links = "".join(_link(files.folder, sample) for sample in spread(others, LINKS))
        parts.append(f'<ul class="links">{links}</ul>')
    return "".join(parts)


def _figure(files: RunFiles, sample: LoggedSheet, newest: bool) -> str:
    """One sheet; or why it cannot be shown."""
    step, caption = sample.step, f"<figcaption>step {sample.step:,}</figcaption>"
    try:
        place = sample.place(files.folder)
        modified = place.stat().st_mtime_ns
        content = _content(place, modified, domains_of(files), DETAIL if newest else 1.0, sample)
        if content is None:
            return _whole(place, modified, step, caption)
        return f'<figure data-step="{step}">{content}{caption}</figure>'
    except (OSError, ValueError) as error:
        words = escape(f"{sample.cells or sample.file} cannot be shown: {error}")
        return f'<figure data-step="{step}"><p class="empty">{words}</p>{caption}</figure>'


@functools.lru_cache(maxsize=128)
def _content(place: Path, modified: int, domains: Domains, detail: float, sample: LoggedSheet) -> str | None:
    """What a sheet shows: strips of pictures, and tables of words; None where it cannot be taken apart.

    Kept in memory, so that a rewrite encodes new sheets only.

    Args:
        modified: the sheet's time of change, part of the memory's key.
    """
    sheet = read_sheet(place, domains)
    if sheet is None:
        return None
    directions = sheet.directions()
    shown = strips([columns for columns in directions if has_pictures(columns)], detail)
    content = "".join(strip_html(strip, f"after step {sample.step:,}") for strip in shown)
    tables = as_html(table_of_words(columns) for columns in directions if has_words(columns))
    return (f'<div class="strips">{content}</div>' if content else "") + tables + _files(str(sample.cells), sheet)


def _files(there: str, sheet: Sheet) -> str:
    """Links to the files of cells that have one: a page would be too heavy with all sounds in it."""
    lines = []
    for c, column in enumerate(sheet.columns):
        names = {
            r + 1: f"{there}/{c}-{r}{cell.file[0]}" for r, cell in enumerate(column.cells) if cell.file is not None
        }
        links = " ".join(f'<a href="./{escape(quote(name))}">{r}</a>' for r, name in names.items())
        lines += [f"<li>{escape(column.heading)}: {links}</li>"] if links else []
    return f'<ul class="links">{"".join(lines)}</ul>' if lines else ""


def strip_html(strip: Strip, when: str) -> str:
    """One direction: headings as text, so that they follow the page's size and colours, over its pictures."""
    columns, (width, height) = len(strip.headings), strip.cell
    heads = "".join(f"<span>{escape(heading)}</span>" for heading in strip.headings)
    direction = " · ".join(strip.headings[:2])
    style = " small" if min(strip.cell) < SMALL else ""
    return (
        f'<div class="strip{style}" style="--columns:{columns};--rows:{strip.rows}" data-columns="{columns}" '
        f'data-rows="{strip.rows}" data-domains="{escape(" ".join(strip.domains))}"><div class="heads">{heads}</div>'
        f'<div class="cells"><img src="{strip.uri}" width="{columns * width}" height="{strip.rows * height}" '
        f'alt="{escape(f"{direction}: {strip.rows} held-out items {when}")}"></div></div>'
    )


def _whole(path: Path, modified: int, step: int, caption: str) -> str:
    """An older sheet that cannot be taken apart, as it is."""
    sheet = encoded(path, modified)
    return (
        f'<figure data-step="{step}" style="--ratio:{sheet.width / sheet.height:.4f};--wide:{3 * sheet.width}px">'
        f'<img src="{sheet.uri}" width="{sheet.width}" height="{sheet.height}" '
        f'alt="Sample sheet of held-out items after step {step:,}">{caption}</figure>'
    )


def _link(folder: Path, sample: LoggedSheet) -> str:
    step, file = sample.step, sample.file
    if inside(folder, file) is None:
        return f"<li>step {step:,}: {escape(file)} lies outside the run folder</li>"
    return f'<li><a href="./{escape(quote(file))}">step {step:,}: {escape(file)}</a></li>'
