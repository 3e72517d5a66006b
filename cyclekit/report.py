"""The page of a run: everything in its folder, told in one self-contained `report.html`.

`write_report` reads the run folder's files (never the run itself, so it works on a finished run, a crashed one, and one
that trains right now) and fills `report_template.html`, section by section. Each section is a function from what was
read to HTML; a section that has nothing to show says so. Text that comes from files is escaped where it enters HTML.
"""

from __future__ import annotations

import base64
import functools
import io
import json
import math
import os
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template
from typing import Any, NamedTuple
from urllib.parse import quote

import yaml
from PIL import Image

from cyclekit.charts import Chart, Mark, Series, colour_numbers, draw, number
from cyclekit.registry import RecipeError

SHEETS = 12
"""At most so many sample sheets are shown."""

SHEET_PIXELS, SHEET_BYTES = 2_400_000, 600_000
"""Bounds for one sheet as it is shown; the file in the run folder keeps its full size."""

REFRESH_SECONDS = 30
"""How often an open page of a running run asks its file again."""

SILENT_SECONDS = 1800
"""A running run whose log has not grown for so long has probably been killed."""

PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"}

LIFE = {"start", "resume", "interrupted", "failed", "end"}
"""Kinds of log records that tell a run's state; the rest is what it made on the way."""

KINDS = {
    "adversarial": "what the generators minimise against the discriminators",
    "cycle": "distance of the reconstruction from its original",
    "identity": "change of a picture or text that is already in the target domain",
    "discriminator": "what the discriminators minimise",
}
"""Terms known by kind, in the order shown. Any other kind gets a chart of its own after these."""

STATES = {
    "waiting": "Not started",
    "running": "Running",
    "silent": "Silent",
    "finished": "Finished",
    "interrupted": "Interrupted",
    "failed": "Failed",
}

Record = dict[str, Any]


class RunFiles(NamedTuple):
    """What a run folder holds, as far as it can be read."""

    folder: Path
    recipe: Record
    environment: Record
    log: list[Record]
    metrics: Any
    log_age: float
    """Seconds since the log last grew."""
    complaints: list[str]
    """One line for each thing that is there and cannot be read."""

    def records(self, *kinds: str) -> list[Record]:
        """The log's records of some kinds, in their order."""
        return [record for record in self.log if record["kind"] in kinds]


class State(NamedTuple):
    """Where a run stands."""

    name: str
    step: int
    steps: int | None
    message: str = ""


def write_report(run_folder: Path) -> Path:
    """Write `report.html` into a run folder, whole or not at all, and return its path.

    Raises:
        RecipeError: the folder is no run, or the page cannot be written into it.
    """
    run_folder = Path(run_folder)
    page = render(read_run(run_folder))
    path, beside = run_folder / "report.html", run_folder / f".report.html.{os.getpid()}"
    try:
        beside.write_text(page, encoding="utf-8", errors="replace")
        os.replace(beside, path)
    except OSError as error:
        raise RecipeError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)
    return path


def render(files: RunFiles) -> str:
    """The whole page."""
    state = _state(files)
    title = _title(files)
    refresh = f'<meta http-equiv="refresh" content="{REFRESH_SECONDS}">' if state.name in ("running", "waiting") else ""
    return _template().substitute(
        refresh=refresh,
        page_title=escape(f"{title}: {_state_words(state)}"),
        complaints="".join(f'<p class="complaint">{escape(line)}</p>' for line in files.complaints),
        headline=_headline(files, state, title),
        samples=_samples(files),
        curves=_curves(files),
        metrics=_metrics(files),
        settings=_settings(files.recipe),
        events=_events(files),
        environment=_table(files.environment) or _empty("environment.json is not there."),
        footer=escape(_footer(files, state)),
    )


# Reading ----------------------------------------------------------------------------------------------------------


def read_run(folder: Path) -> RunFiles:
    """Read a run folder. What is missing is empty, what is broken is a complaint.

    Raises:
        RecipeError: it is no run folder.
    """
    if not folder.is_dir():
        raise RecipeError(f"{folder}: no such folder; a run's folder looks like runs/<recipe>/<time>")
    log_path, recipe_path = folder / "log.jsonl", folder / "recipe.yaml"
    if not log_path.is_file() and not recipe_path.is_file():
        inside = sorted(path.parent.name for path in folder.glob("*/log.jsonl"))
        hint = f"did you mean {folder / inside[-1]}?" if inside else "a run's folder looks like runs/<recipe>/<time>"
        raise RecipeError(f"{folder}: is no run folder: it has neither recipe.yaml nor log.jsonl; {hint}")
    complaints: list[str] = []
    recipe = _mapping(recipe_path, yaml.safe_load, complaints)
    environment = _mapping(folder / "environment.json", json.loads, complaints)
    metrics = _loaded(folder / "metrics.json", json.loads, complaints)
    log = _read_log(log_path, complaints)
    age = time.time() - log_path.stat().st_mtime if log_path.is_file() else 0.0
    return RunFiles(folder, recipe, environment, log, metrics, age, complaints)


def _loaded(path: Path, load: Any, complaints: list[str]) -> Any:
    """A file's content, or None where it is missing or, with a complaint, broken."""
    if not path.is_file():
        return None
    try:
        return load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        complaints.append(f"{path.name} cannot be read: {' '.join(str(error).split())}")
        return None


def _mapping(path: Path, load: Any, complaints: list[str]) -> Record:
    content = _loaded(path, load, complaints)
    if content is None or isinstance(content, dict):
        return content or {}
    complaints.append(f"{path.name} holds no mapping")
    return {}


def _read_log(path: Path, complaints: list[str]) -> list[Record]:
    """The log's records. What a resume took back (steps after its own) is left out.

    A crash may cut the last line off: that one is passed over; any other bad line is counted in a complaint.
    """
    if not path.is_file():
        return []
    lines = path.read_bytes().split(b"\n")
    records: list[Record] = []
    bad = 0
    for index, line in enumerate(lines):
        record = _record(line)
        if record is None:
            bad += bool(line.strip()) and index < len(lines) - 1
            continue
        if record["kind"] in ("start", "resume"):
            records = [r for r in records if r["kind"] in LIFE or r["step"] <= record["step"]]
        records.append(record)
    if bad:
        complaints.append(f"{path.name}: {bad:,} line{'s' if bad > 1 else ''} cannot be read and left out here")
    return records


def _record(line: bytes) -> Record | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    if not isinstance(record, dict) or not isinstance(record.get("kind"), str):
        return None
    record["step"] = int(_finite(record.get("step")) or 0)
    return record


# Where the run stands ---------------------------------------------------------------------------------------------


def _state(files: RunFiles) -> State:
    life = files.records(*LIFE)
    step = max((r["step"] for r in files.log if r["kind"] != "start"), default=0)
    started = [_finite(r.get("steps")) for r in life] + [_finite(_section(files.recipe, "train").get("steps"))]
    steps = next((int(value) for value in started if value), None)
    if not life:
        return State("waiting", step, steps)
    last = life[-1]
    if last["kind"] == "end":
        return State("finished", step, steps, str(last.get("message", "")))
    if last["kind"] in ("interrupted", "failed"):
        return State(last["kind"], step, steps, str(last.get("message", "")))
    if files.log_age > SILENT_SECONDS:
        return State("silent", step, steps, f"No news for {_duration(files.log_age)}: it may have been killed.")
    return State("running", step, steps)


def _state_words(state: State) -> str:
    of = f" of {state.steps:,}" if state.steps else ""
    return f"{STATES[state.name].lower()}, step {state.step:,}{of}"


def _elapsed(files: RunFiles) -> float:
    """Seconds of training over all sittings, whether or not the log's clock starts anew at a resume."""
    total, before = 0.0, 0.0
    for record in files.records("terms", "end", "resume"):
        seconds = _finite(record.get("seconds"))
        if seconds is not None:
            total += seconds - before if seconds >= before else seconds
            before = seconds
    return total


def _time_left(files: RunFiles, state: State) -> float | None:
    """Seconds to go at the pace of the last twenty records."""
    recent = [r for r in files.records("terms")[-20:] if _finite(r.get("seconds")) is not None]
    if state.name != "running" or state.steps is None or len(recent) < 2:
        return None
    steps, seconds = recent[-1]["step"] - recent[0]["step"], recent[-1]["seconds"] - recent[0]["seconds"]
    return (state.steps - state.step) * seconds / steps if steps > 0 and seconds > 0 else None


# Sections ---------------------------------------------------------------------------------------------------------


def _title(files: RunFiles) -> str:
    named = files.recipe.get("title") or files.recipe.get("name")
    return str(named or files.folder.resolve().parent.name)


def _headline(files: RunFiles, state: State, title: str) -> str:
    """What it is, where it stands, and which data it learnt from."""
    domains = _section(files.recipe, "domains")
    between = f"{domains['a']} ⇄ {domains['b']}" if {"a", "b"} <= domains.keys() else ""
    name = files.recipe.get("name")
    under = " · ".join(str(word) for word in (between, name if name != title else None, files.folder.name) if word)
    progress = f'<progress value="{state.step}" max="{state.steps}">{state.step}</progress>' if state.steps else ""
    of = f" of {state.steps:,}" if state.steps else ""
    message = f'<p class="message">{escape(state.message)}</p>' if state.message else ""
    return (
        f'<p class="badge {state.name}">{STATES[state.name]}</p><h1>{escape(title)}</h1>'
        f'<p class="under">{escape(under)}</p>{_data_line(files)}'
        f'<div class="progress"><p><b>step {state.step:,}</b>{of}</p>{progress}</div>{message}'
        f'<dl class="facts">{"".join(_facts(files, state))}</dl>'
    )


def _data_line(files: RunFiles) -> str:
    """Which data was used, in so many words. Built-in data is marked: nobody may take it for a real set."""
    used = list(dict.fromkeys(str(r["data"]) for r in files.records("start", "resume") if r.get("data")))
    passed = next((r["passed_over"] for r in reversed(files.log) if isinstance(r.get("passed_over"), list)), [])
    reasons = "".join(f"<li><code>{escape(source)}</code> {escape(reason)}</li>" for source, reason in _pairs(passed))
    over = f"<details open><summary>Passed over</summary><ul>{reasons}</ul></details>" if reasons else ""
    if not used:
        return f'<div class="data unknown"><b>Data unknown</b><p>The log does not say which data was used.</p>{over}</div>'
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
    left = _time_left(files, state)
    seed = files.environment.get("seed", _section(files.recipe, "train").get("seed", files.recipe.get("seed")))
    facts = {
        "device": said.get("device", files.environment.get("device")),
        "precision": said.get("precision", files.environment.get("precision")),
        "profile": said.get("profile"),
        "seed": seed,
        "epoch": number(float(terms[-1]["epoch"])) if terms and _finite(terms[-1].get("epoch")) is not None else None,
        "trained": _duration(_elapsed(files)) if terms else None,
        "time left": f"about {_duration(left)}" if left is not None else None,
        "started": _clock(started[0].get("time")) if started else None,
    }
    for name, value in facts.items():
        if value is not None:
            yield f"<div><dt>{name}</dt><dd>{escape(str(value))}</dd></div>"


def _samples(files: RunFiles) -> str:
    """Sheets over time: all in the page, one shown; the script brings the scrubber."""
    by_step = {record["step"]: str(record["file"]) for record in files.records("sample") if record.get("file")}
    pictures = [(step, file) for step, file in by_step.items() if Path(file).suffix.lower() in PICTURES]
    others = [(step, file) for step, file in by_step.items() if Path(file).suffix.lower() not in PICTURES]
    if not by_step:
        return _empty("No samples yet.")
    figures = "".join(_figure(files.folder, step, file) for step, file in spread(pictures))
    links = "".join(_link(files.folder, step, file) for step, file in spread(others))
    count = f'<p class="hint">{min(len(spread(pictures)), len(pictures))} of {len(pictures):,} sheets, from the first to the last; all are in <code>samples/</code>.</p>'
    return (
        (f'<div class="sheets">{figures}</div>{count}' if figures else "")
        + (f'<ul class="links">{links}</ul>' if links else "")
    )


def spread(items: list[Any], most: int = SHEETS) -> list[Any]:
    """At most `most` items evenly over a list, with its first and its last.

    Every 2^k-th item, so that a list that grows keeps most of its choice: a rewrite meets at most one new sheet.
    """
    stride = 1
    while len(items[::stride]) > most - 1 and len(items) > most:
        stride *= 2
    chosen = items[::stride]
    return chosen if not items or (len(items) - 1) % stride == 0 else [*chosen, items[-1]]


def _figure(folder: Path, step: int, file: str) -> str:
    path = _inside(folder, file)
    caption = f"<figcaption>step {step:,}</figcaption>"
    try:
        if path is None:
            raise ValueError("it lies outside the run folder")
        sheet = _sheet(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        return f'<figure data-step="{step}"><p class="empty">{escape(f"{file} cannot be shown: {error}")}</p>{caption}</figure>'
    return (
        f'<figure data-step="{step}"><img src="{sheet.uri}" width="{sheet.width}" height="{sheet.height}" '
        f'alt="Sample sheet of held-out items after step {step:,}">{caption}</figure>'
    )


def _link(folder: Path, step: int, file: str) -> str:
    if _inside(folder, file) is None:
        return f"<li>step {step:,}: {escape(file)} lies outside the run folder</li>"
    return f'<li><a href="./{escape(quote(file))}">step {step:,}: {escape(file)}</a></li>'


def _inside(folder: Path, file: str) -> Path | None:
    """The file's path, if it lies in the run folder: a page that is passed on must not carry other files."""
    path = (folder / file).resolve()
    return path if path.is_relative_to(folder.resolve()) else None


class Sheet(NamedTuple):
    """A picture ready for the page."""

    uri: str
    width: int
    height: int


@functools.lru_cache(maxsize=4 * SHEETS)
def _sheet(path: Path, modified: int) -> Sheet:
    """A sheet as a data URI of bounded size. The time of change is part of the cache's key."""
    with Image.open(path) as file:
        picture = file.convert("RGB")
    scale = min(1.0, math.sqrt(SHEET_PIXELS / (picture.width * picture.height)))
    quality = 88
    while True:
        shown = picture if scale == 1 else picture.resize((_scaled(picture.width, scale), _scaled(picture.height, scale)))
        buffer = io.BytesIO()
        shown.save(buffer, "JPEG", quality=quality, subsampling=0)
        if buffer.tell() <= SHEET_BYTES or scale < 0.1:
            break
        quality, scale = (quality - 8, scale) if quality > 72 else (quality, scale * 0.8)
    return Sheet("data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode(), *shown.size)


def _scaled(length: int, scale: float) -> int:
    return max(1, round(length * scale))


def _curves(files: RunFiles) -> str:
    """Terms by kind, metrics, learning rate and throughput, with a mark wherever the run was resumed."""
    terms = files.records("terms")
    charts = [*_term_charts(terms), *_metric_charts(files.records("metrics")), *_pace_charts(terms)]
    if not charts:
        return _empty("No terms logged yet.")
    marks = [Mark(r["step"], f"{r['kind']} at step {r['step']:,}") for r in files.records("resume", "stage", "health")]
    colours = colour_numbers(charts)
    return f'<div class="charts">{"".join(draw(chart, colours, marks) for chart in charts)}</div>'


def _term_charts(terms: list[Record]) -> list[Chart]:
    """One chart for each kind of term: the part of its name before the first dot."""
    by_kind: dict[str, list[Series]] = {kind: [] for kind in KINDS}
    for name, series in _series((r["step"], _section(r, "terms")) for r in terms).items():
        kind, _, rest = name.partition(".")
        by_kind.setdefault(kind, []).append(series._replace(label=rest or kind))
    return [Chart(kind, series, KINDS.get(kind, "")) for kind, series in by_kind.items() if series]


def _metric_charts(records: list[Record]) -> list[Chart]:
    """One chart for each metric that was measured on the way, however deep its record nests it."""
    by_metric: dict[str, list[Series]] = {}
    for name, series in _series((r["step"], dict(_leaves(r))) for r in records).items():
        *where, metric = name.split("\0")
        by_metric.setdefault(metric, []).append(series._replace(label=" · ".join(where) or metric))
    return [Chart(metric, series, "on held-out data", smooth=False) for metric, series in by_metric.items()]


def _leaves(record: Record, path: tuple[str, ...] = ()) -> Iterator[tuple[str, float]]:
    """Numbers of a nested metrics record by path; `{"value": x, ...}` counts as x."""
    for key, value in record.items():
        if not path and key in ("kind", "step", "time", "seconds", "epoch"):
            continue
        if isinstance(value, dict):
            if _finite(value.get("value")) is not None:
                yield "\0".join((*path, key)), value["value"]
            else:
                yield from _leaves(value, (*path, key))
        elif _finite(value) is not None:
            yield "\0".join((*path, key)), value


def _pace_charts(terms: list[Record]) -> list[Chart]:
    rates = list(_series((r["step"], _section(r, "learning_rate")) for r in terms).values())
    pace = list(_series((r["step"], {"items": r["per_second"]}) for r in terms if "per_second" in r).values())
    charts = [Chart("learning rate", rates, smooth=False)] if rates else []
    return charts + ([Chart("throughput", pace, "items per second")] if pace else [])


def _series(rows: Any) -> dict[str, Series]:
    """Rows of (step, name -> value) to one series a name. A value that is no number becomes a gap, not a zero."""
    series: dict[str, Series] = {}
    for step, values in rows:
        for name, value in values.items():
            line = series.setdefault(str(name), Series(str(name), [], []))
            line.steps.append(step)
            line.values.append(_float(value))
    return series


def _metrics(files: RunFiles) -> str:
    """Each direction's table: a metric a line, and whether the translation beats *copy the input*."""
    metrics = files.metrics
    if metrics is None:
        return _empty("Not evaluated yet. `cyclekit evaluate` with this folder measures it on held-out data.")
    directions = _section(metrics, "directions") if isinstance(metrics, dict) else {}
    if not directions:
        return _as_found("metrics.json is not laid out as expected; here it is as found.", metrics)
    data = str(metrics.get("data") or "The file does not say on which data.")
    trained = {str(r["data"]) for r in files.records("start", "resume") if r.get("data")}
    differs = "" if not trained or data in trained else '<p class="complaint">Not the data this run learnt from.</p>'
    parts = [_direction(str(name), content) for name, content in directions.items()]
    return f'<p class="hint">Measured on: {escape(data)}</p>{differs}<div class="tables">{"".join(parts)}</div>'


def _direction(name: str, content: Any) -> str:
    rows = {key: row for key, row in _section(content, "rows").items() if isinstance(row, dict)}
    if not rows:
        return f"<div class='card'><h3>{escape(name)}</h3>{_as_found('No table here; as found:', content)}</div>"
    better = _section(content, "better")
    copy = rows.get("copy the input")
    metrics = dict.fromkeys(metric for row in rows.values() for metric in row)
    head = "".join(f'<th scope="col">{escape(str(row))}</th>' for row in rows)
    lines = []
    for metric in metrics:
        cells = "".join(
            _cell(row.get(metric), None if row is copy or copy is None else copy.get(metric), better.get(metric))
            for row in rows.values()
        )
        wanted = {"lower": "lower is better", "higher": "higher is better"}.get(better.get(metric), "")
        unstated = "which way is better is not stated"
        lines.append(f'<tr><th scope="row">{escape(str(metric))}<small>{wanted or unstated}</small></th>{cells}</tr>')
    missing = "" if copy is not None else _empty("There is no row 'copy the input' to compare with.")
    protocol = _section(content, "protocol")
    how = f"<details><summary>Protocol</summary>{_table(protocol)}</details>" if protocol else ""
    return (
        f'<div class="card"><h3>{escape(name)}</h3><div class="wide"><table class="metrics"><thead><tr><td></td>{head}'
        f"</tr></thead><tbody>{''.join(lines)}</tbody></table></div>{missing}{how}</div>"
    )


def _cell(measured: Any, copied: Any, better: Any) -> str:
    """One value, its spread or interval, and a mark when it can be compared with copying."""
    if measured is None:
        return "<td>–</td>"
    value = _value(measured)
    if value is None:
        return f"<td>{escape(str(measured))}</td>"
    about = ""
    if isinstance(measured, dict):
        if _finite(measured.get("spread")) is not None:
            about = f"± {number(measured['spread'])}"
        if isinstance(measured.get("interval"), list):
            about = f"{' to '.join(number(bound) for bound in measured['interval'])}"
    extra = f"<small>{escape(about)}</small>" if about else ""
    baseline = _value(copied)
    mark = ""
    if baseline is not None and better in ("lower", "higher"):
        wins = value < baseline if better == "lower" else value > baseline
        mark = '<em class="win">✓ beats copying</em>' if wins else '<em class="lose">✗ no better than copying</em>'
    return f"<td><b>{escape(number(value))}</b>{extra}{mark}</td>"


def _value(measured: Any) -> float | None:
    return _finite(measured.get("value") if isinstance(measured, dict) else measured)


def _settings(recipe: Record) -> str:
    """The whole resolved recipe, a card for each section."""
    if not recipe:
        return _empty("recipe.yaml is not there or holds nothing.")
    alone = {key: value for key, value in recipe.items() if not isinstance(value, dict)}
    sections = {key: value for key, value in recipe.items() if isinstance(value, dict)}
    cards = [("recipe", alone)] if alone else []
    cards += [(str(key), value) for key, value in sections.items()]
    return "".join(f'<div class="card"><h3>{escape(name)}</h3>{_table(values)}</div>' for name, values in cards)


def _events(files: RunFiles) -> str:
    """What happened, in order, besides the terms and samples shown above."""
    told = [r for r in files.log if r["kind"] not in ("terms", "sample", "metrics", "checkpoint")]
    saved = files.records("checkpoint")
    lines = []
    for record in told[-100:]:
        words = " · ".join(str(w) for w in (record.get("message"), _clock(record.get("time"))) if w)
        lines.append(f"<li><b>{escape(record['kind'])}</b> step {record['step']:,} <span>{escape(words)}</span></li>")
    if saved:
        last = f"{len(saved):,}, the last at step {saved[-1]['step']:,}: {saved[-1].get('folder', '')}"
        lines.append(f"<li><b>checkpoints</b> {escape(last)}</li>")
    return f'<ul class="events">{"".join(lines)}</ul>' if lines else _empty("Nothing has been logged yet.")


def _footer(files: RunFiles, state: State) -> str:
    version = files.environment.get("cyclekit")
    again = f" This page looks again every {REFRESH_SECONDS} seconds." if state.name in ("running", "waiting") else ""
    return f"Written {_clock(datetime.now(UTC).isoformat())} by cyclekit{f' {version}' if version else ''}.{again}"


# Small pieces -----------------------------------------------------------------------------------------------------


@functools.cache
def _template() -> Template:
    return Template(Path(__file__).with_name("report_template.html").read_text(encoding="utf-8"))


def _table(values: Mapping[str, Any]) -> str:
    """A (nested) mapping as a two-column table with dotted names."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(_plain(value))}</td></tr>' for name, value in _flat(values)
    )
    return f'<table class="pairs"><tbody>{rows}</tbody></table>' if rows else ""


def _flat(values: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _plain(value: Any) -> str:
    """A setting as the recipe would spell it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list) and all(not isinstance(item, list | dict) for item in value):
        return ", ".join(map(_plain, value)) or "none"
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else str(value)


def _as_found(words: str, content: Any) -> str:
    """Content of an unexpected shape: shown as it is rather than guessed at."""
    found = json.dumps(content, indent=1, ensure_ascii=False)
    cut = found if len(found) <= 20_000 else found[:20_000] + "\n… (the rest is in the file)"
    return f'<p class="complaint">{escape(words)}</p><pre>{escape(cut)}</pre>'


def _empty(words: str) -> str:
    return f'<p class="empty">{escape(words)}</p>'


def _section(values: Any, key: str) -> dict[str, Any]:
    """The mapping under a key; an empty one where there is none."""
    found = values.get(key) if isinstance(values, dict) else None
    return found if isinstance(found, dict) else {}


def _float(value: Any) -> float:
    """A logged value as a float; also "nan" and "inf", as a writer of strict JSON spells them."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _finite(value: Any) -> float | None:
    """The value, if it is a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def _duration(seconds: float) -> str:
    """Seconds in the two units that matter."""
    minutes, hours = seconds / 60, seconds / 3600
    if seconds < 60:
        return f"{seconds:.0f} s"
    if hours < 1:
        return f"{int(minutes)} min {int(seconds % 60)} s" if minutes < 10 else f"{minutes:.0f} min"
    return f"{int(hours)} h {int(minutes % 60)} min" if hours < 48 else f"{hours / 24:.1f} days"


def _clock(moment: Any) -> str | None:
    """An ISO time as people write it; the text itself where it is no such time."""
    if moment is None:
        return None
    try:
        read = datetime.fromisoformat(str(moment))
    except ValueError:
        return str(moment)
    return f"{read.day} {read:%B %Y, %H:%M %Z}".strip()
