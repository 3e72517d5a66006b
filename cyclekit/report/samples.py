"""The report's samples: sheets of the same held-out items over the time of a run, as pictures or as tables.

All sheets stand in the page, so that it shows them without a script; the page's script makes one sheet with a scrubber
of them and, of sheets whose layout is known, a slider between a held-out item and its translation.
"""

from __future__ import annotations

import functools
from html import escape
from pathlib import Path
from urllib.parse import quote

from PIL import Image

from cyclekit.report.run_folder import RunFiles
from cyclekit.report.sentences import as_html, read_table
from cyclekit.report.sheets import encoded, inside, spread, within
from cyclekit.report.strips import DETAIL, Strip, strips
from cyclekit.report.words import empty, section

PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"}
TABLES = {".tsv"}

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
    by_step = {record["step"]: str(record["file"]) for record in files.records("sample") if record.get("file")}
    sheets = [(step, file) for step, file in by_step.items() if Path(file).suffix.lower() in PICTURES | TABLES]
    others = [sheet for sheet in by_step.items() if sheet not in sheets]
    if not by_step:
        return empty("No samples yet.")
    parts = []
    if sheets:
        made: dict[int, str] = {}

        def figure(sheet: tuple[int, str]) -> str:
            step, file = sheet
            if step not in made:
                made[step] = _figure(files, step, file, newest=sheet is sheets[-1])
            return made[step]

        shown = within(sheets, lambda sheet: len(figure(sheet)))
        which = f"{len(shown)} of {len(sheets):,} sheets" if len(shown) < len(sheets) else "All sheets"
        tables = any(Path(file).suffix.lower() in TABLES for _, file in shown)
        parts.append(f'<div class="sheets{" texts" if tables else ""}">{"".join(map(figure, shown))}</div>')
        parts.append(
            f'<p class="hint">{which}, first to last, of the same held-out items.{MARKS if tables else ""}</p>'
        )
    if others:
        links = "".join(_link(files.folder, *sheet) for sheet in spread(others, LINKS))
        parts.append(f'<ul class="links">{links}</ul>')
    return "".join(parts)


def _figure(files: RunFiles, step: int, file: str, newest: bool) -> str:
    """One sheet; or why it cannot be shown."""
    caption = f"<figcaption>step {step:,}</figcaption>"
    domains = tuple(sorted({str(name) for name in section(files.recipe, "domains").values()}))
    try:
        path = inside(files.folder, file)
        if path is None:
            raise ValueError("it lies outside the run folder")
        modified = path.stat().st_mtime_ns
        if path.suffix.lower() in TABLES:
            return f'<figure data-step="{step}">{_table(path, modified, domains)}{caption}</figure>'
        cut = strips(path, modified, domains, DETAIL if newest else 1.0)
        if cut:
            content = "".join(strip_html(strip, f"after step {step:,}") for strip in cut)
            return f'<figure data-step="{step}"><div class="strips">{content}</div>{caption}</figure>'
        return _whole(path, modified, step, caption)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        words = escape(f"{file} cannot be shown: {error}")
        return f'<figure data-step="{step}"><p class="empty">{words}</p>{caption}</figure>'


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
    """A sheet without a layout, as it is."""
    sheet = encoded(path, modified)
    return (
        f'<figure data-step="{step}" style="--ratio:{sheet.width / sheet.height:.4f};--wide:{3 * sheet.width}px">'
        f'<img src="{sheet.uri}" width="{sheet.width}" height="{sheet.height}" '
        f'alt="Sample sheet of held-out items after step {step:,}">{caption}</figure>'
    )


@functools.lru_cache(maxsize=128)
def _table(path: Path, modified: int, domains: tuple[str, ...]) -> str:
    """A sheet of sentences. Kept, for marking what changed takes longer than everything else on the page."""
    return as_html(read_table(path, modified), domains)


def _link(folder: Path, step: int, file: str) -> str:
    if inside(folder, file) is None:
        return f"<li>step {step:,}: {escape(file)} lies outside the run folder</li>"
    return f'<li><a href="./{escape(quote(file))}">step {step:,}: {escape(file)}</a></li>'
