"""The report's other sections: headline, samples, settings, events. Each is a function from what was read to HTML."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PIL import Image

from cyclekit.report.charts import number
from cyclekit.report.reading import STATES, Record, RunFiles, State, elapsed, time_left
from cyclekit.report.sentences import as_html, read_table
from cyclekit.report.sheets import encoded, inside, spread
from cyclekit.report.words import clock, duration, empty, finite, section, table

PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"}
TABLES = {".tsv"}

REFRESH_SECONDS = 30
"""How often an open page of a running run asks its file again."""


def title_of(files: RunFiles) -> str:
    named = files.recipe.get("title") or files.recipe.get("name")
    return str(named or files.folder.resolve().parent.name)


def headline(files: RunFiles, state: State, title: str) -> str:
    """What it is, where it stands, and which data it learnt from."""
    domains = section(files.recipe, "domains")
    between = f"{domains['a']} ⇄ {domains['b']}" if {"a", "b"} <= domains.keys() else ""
    name = files.recipe.get("name")
    under = " · ".join(str(word) for word in (between, name if name != title else None, files.folder.name) if word)
    progress = f'<progress value="{state.step}" max="{state.steps}">{state.step}</progress>' if state.steps else ""
    of = f" of {state.steps:,}" if state.steps else ""
    message = f'<p class="message">{escape(state.message)}</p>' if state.message else ""
    return (
        f'<p class="badge {state.name}">{STATES[state.name]}</p><h1>{escape(title)}</h1>'
        f'<p class="under">{escape(under)}</p>{_data_line(files)}'
        f'<div class="progress"><p><b>step {state.step:,}</b>{of}</p>{progress}</div>{message}{_health(files)}'
        f'<dl class="facts">{"".join(_facts(files, state))}</dl>'
    )


def _health(files: RunFiles) -> str:
    """What checks found in the outputs on the way: each check's newest findings, and since when."""
    found: dict[str, list[Record]] = {}
    for record in files.records("health"):
        found.setdefault(str(record.get("check") or "check"), []).append(record)
    lines = []
    for check, records in found.items():
        newest = [record for record in records if record["step"] == records[-1]["step"]]
        times = len({record["step"] for record in records})
        since = f", {times} times since step {records[0]['step']:,}" if times > 1 else ""
        words = "".join(f"<p>{escape(str(record.get('finding', '')))}</p>" for record in newest)
        lines.append(f"<li><b>{escape(check)}</b> <small>step {newest[0]['step']:,}{since}</small>{words}</li>")
    return f'<div class="health"><b>Findings</b><ul>{"".join(lines)}</ul></div>' if lines else ""


def _data_line(files: RunFiles) -> str:
    """Which data was used, in so many words. Built-in data is marked: nobody may take it for a real set."""
    used = list(dict.fromkeys(str(r["data"]) for r in files.records("start", "resume") if r.get("data")))
    passed: list[Any] = next(
        (r["passed_over"] for r in reversed(files.log) if isinstance(r.get("passed_over"), list)), []
    )
    reasons = "".join(f"<li><code>{escape(source)}</code>: {escape(reason)}</li>" for source, reason in _pairs(passed))
    over = f"<details open><summary>Passed over</summary><ul>{reasons}</ul></details>" if reasons else ""
    if not used:
        return f'<div class="data unknown"><b>Data unknown</b><p>The log does not name it.</p>{over}</div>'
    builtin = any(source.startswith("builtin:") for source in used)
    label = "Built-in data, not a real data set" if builtin else "Data"
    lines = "".join(f"<p>{escape(source)}</p>" for source in used)
    also = "<p><b>The data changed at a resume.</b></p>" if len(used) > 1 else ""
    return f'<div class="data{" builtin" if builtin else ""}"><b>{label}</b>{lines}{also}{over}</div>'


def _pairs(items: list[Any]) -> Iterator[tuple[str, str]]:
    for item in items:
        if isinstance(item, list | tuple) and len(item) == 2:
            yield str(item[0]), str(item[1])
        else:
            yield str(item), ""


def _facts(files: RunFiles, state: State) -> Iterator[str]:
    """The few facts one asks first; a fact that nobody wrote down is left out."""
    started = files.records("start", "resume")
    said: Record = {key: value for record in started for key, value in record.items()}
    terms = files.records("terms")
    left = time_left(files, state)
    seed = files.environment.get("seed", section(files.recipe, "train").get("seed", files.recipe.get("seed")))
    facts = {
        "device": said.get("device", files.environment.get("device")),
        "precision": said.get("precision", files.environment.get("precision")),
        "profile": said.get("profile"),
        "seed": seed,
        "epoch": number(float(terms[-1]["epoch"])) if terms and finite(terms[-1].get("epoch")) is not None else None,
        "stage": _stage(files),
        "trained": duration(elapsed(files)) if terms else None,
        "time left": f"about {duration(left)}" if left is not None else None,
        "started": clock(started[0].get("time")) if started else None,
    }
    for name, value in facts.items():
        if value is not None:
            yield f"<div><dt>{name}</dt><dd>{escape(str(value))}</dd></div>"


def _stage(files: RunFiles) -> str | None:
    """The stage that training is in; None for training that has none."""
    stages = files.stages()
    return f"{stages[-1]['name']}, since step {stages[-1]['step']:,}" if stages else None


def samples(files: RunFiles) -> str:
    """Sheets over time: all in the page, one shown; the script brings the scrubber."""
    by_step = {record["step"]: str(record["file"]) for record in files.records("sample") if record.get("file")}
    sheets = [(step, file) for step, file in by_step.items() if Path(file).suffix.lower() in PICTURES | TABLES]
    others = [sheet for sheet in by_step.items() if sheet not in sheets]
    if not by_step:
        return empty("No samples yet.")
    shown = spread(sheets)
    parts = []
    if shown:
        which = f"{len(shown)} of {len(sheets):,} sheets" if len(shown) < len(sheets) else "All sheets"
        tables = any(Path(file).suffix.lower() in TABLES for _, file in shown)
        marks = (
            " Marked: words that a translation <s>loses</s>, words that are <mark>not the source's</mark>, "
            "and by a stroke where some are missing."
        )
        figures = "".join(_figure(files, *sheet) for sheet in shown)
        parts.append(f'<div class="sheets{" texts" if tables else ""}">{figures}</div>')
        parts.append(
            f'<p class="hint">{which}, first to last, of the same held-out items.{marks if tables else ""}</p>'
        )
    if others:
        links = "".join(_link(files.folder, *sheet) for sheet in spread(others))
        parts.append(f'<ul class="links">{links}</ul>')
    return "".join(parts)


def _figure(files: RunFiles, step: int, file: str) -> str:
    """One sheet; or why it cannot be shown."""
    caption = f"<figcaption>step {step:,}</figcaption>"
    try:
        path = inside(files.folder, file)
        if path is None:
            raise ValueError("it lies outside the run folder")
        shown = _table if path.suffix.lower() in TABLES else _picture
        return shown(files, step, path, caption)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        words = escape(f"{file} cannot be shown: {error}")
        return f'<figure data-step="{step}"><p class="empty">{words}</p>{caption}</figure>'


def _picture(files: RunFiles, step: int, path: Path, caption: str) -> str:
    sheet = encoded(path, path.stat().st_mtime_ns)
    return (
        f'<figure data-step="{step}" style="--ratio:{sheet.width / sheet.height:.4f};--wide:{3 * sheet.width}px">'
        f'<img src="{sheet.uri}" width="{sheet.width}" height="{sheet.height}" '
        f'alt="Sample sheet of held-out items after step {step:,}">{caption}</figure>'
    )


def _table(files: RunFiles, step: int, path: Path, caption: str) -> str:
    domains = {str(name) for name in section(files.recipe, "domains").values()}
    sentences = as_html(read_table(path, path.stat().st_mtime_ns), domains)
    return f'<figure data-step="{step}">{sentences}{caption}</figure>'


def _link(folder: Path, step: int, file: str) -> str:
    if inside(folder, file) is None:
        return f"<li>step {step:,}: {escape(file)} lies outside the run folder</li>"
    return f'<li><a href="./{escape(quote(file))}">step {step:,}: {escape(file)}</a></li>'


def settings(recipe: Record) -> str:
    """The whole resolved recipe, a card for each section."""
    if not recipe:
        return empty("recipe.yaml is not there or holds nothing.")
    alone = {key: value for key, value in recipe.items() if not isinstance(value, dict)}
    sections = {key: value for key, value in recipe.items() if isinstance(value, dict)}
    cards = [("recipe", alone)] if alone else []
    cards += [(str(key), value) for key, value in sections.items()]
    return "".join(f'<div class="card"><h3>{escape(name)}</h3>{table(values)}</div>' for name, values in cards)


def events(files: RunFiles) -> str:
    """What happened, in order, besides the terms and samples shown above."""
    told = [r for r in files.log if r["kind"] not in ("terms", "sample", "metrics", "checkpoint")]
    saved = files.records("checkpoint")
    lines = []
    for record in told[-100:]:
        said = (record.get(key) for key in ("name", "check", "finding", "message"))
        words = " · ".join(str(w) for w in (*said, clock(record.get("time"))) if w)
        lines.append(f"<li><b>{escape(record['kind'])}</b> step {record['step']:,} <span>{escape(words)}</span></li>")
    if saved:
        last = f"{len(saved):,}, the last at step {saved[-1]['step']:,}: {saved[-1].get('folder', '')}"
        lines.append(f"<li><b>checkpoints</b> {escape(last)}</li>")
    return f'<ul class="events">{"".join(lines)}</ul>' if lines else empty("Nothing has been logged yet.")


def footer(files: RunFiles, state: State) -> str:
    version = files.environment.get("cyclekit")
    again = f" This page looks again every {REFRESH_SECONDS} seconds." if state.name in ("running", "waiting") else ""
    return f"Written {clock(datetime.now(UTC).isoformat())} by cyclekit{f' {version}' if version else ''}.{again}"
