"""The report's other sections: headline, events. Each is a function from what was read to HTML."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from typing import Any

from cyclekit.report.charts import number_in_words
from cyclekit.report.findings import newest_findings
from cyclekit.report.run_folder import STATES, Record, RunFiles, State, elapsed, of_steps, time_left
from cyclekit.report.words import duration, empty, finite, moment_in_words, section

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
    message = f'<p class="message">{escape(state.message)}</p>' if state.message else ""
    return (
        f'<p class="badge {state.name}">{STATES[state.name]}</p><h1>{escape(title)}</h1>'
        f'<p class="under">{escape(under)}</p>{_data_line(files)}'
        f'<div class="progress"><p><b>step {state.step:,}</b>{of_steps(state)}</p>{progress}</div>'
        f"{message}{newest_findings(files)}"
        f'<dl class="facts">{"".join(_facts(files, state))}</dl>'
    )


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
        "epoch": number_in_words(float(terms[-1]["epoch"]))
        if terms and finite(terms[-1].get("epoch")) is not None
        else None,
        "stage": _stage(files),
        "checkpoint to use": checkpoint_used(files),
        "trained": duration(elapsed(files)) if terms else None,
        "time left": f"about {duration(left)}" if left is not None else None,
        "started": moment_in_words(started[0].get("time")) if started else None,
    }
    for name, value in facts.items():
        if value is not None:
            yield f"<div><dt>{name}</dt><dd>{escape(str(value))}</dd></div>"


def _stage(files: RunFiles) -> str | None:
    """The stage that training is in; None for training that has none."""
    stages = files.stages()
    return f"{stages[-1]['name']}, since step {stages[-1]['step']:,}" if stages else None


def checkpoint_used(files: RunFiles) -> str | None:
    """The checkpoint that translating and evaluating use: the best by the run's criterion, else the newest."""
    best, saved = files.best(), files.records("checkpoint")
    if best is not None:
        by = finite(best.get("criterion"))
        return f"step {best['step']:,}, the best{f' ({number_in_words(by)})' if by is not None else ''}"
    return f"step {saved[-1]['step']:,}, the newest" if saved else None


def events(files: RunFiles) -> str:
    """What happened, in order, besides the terms and samples shown above."""
    told_elsewhere = ("terms", "budget", "sample", "metrics", "checkpoint", "bootstrap")
    told = [r for r in files.log if r["kind"] not in told_elsewhere]
    saved = files.records("checkpoint")
    lines = []
    for record in told[-100:]:
        said = (record.get(key) for key in ("name", "check", "finding", "message"))
        words = " · ".join(str(w) for w in (*said, moment_in_words(record.get("time"))) if w)
        lines.append(f"<li><b>{escape(record['kind'])}</b> step {record['step']:,} <span>{escape(words)}</span></li>")
    if saved:
        last = f"{len(saved):,}, the last at step {saved[-1]['step']:,}: {saved[-1].get('folder', '')}"
        lines.append(f"<li><b>checkpoints</b> {escape(last)}</li>")
    return f'<ul class="events">{"".join(lines)}</ul>' if lines else empty("Nothing has been logged yet.")


def footer(files: RunFiles, state: State) -> str:
    version = files.environment.get("cyclekit")
    again = f" This page looks again every {REFRESH_SECONDS} seconds." if state.name in ("running", "waiting") else ""
    now = moment_in_words(datetime.now(UTC).isoformat())
    return f"Written {now} by cyclekit{f' {version}' if version else ''}.{again}"
