"""The report's metrics: each direction's table, with *copy the input* and other baselines to compare with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from cyclekit.report.charts import number_in_words
from cyclekit.report.intervals import RULE, WAYS, Measure, as_measured, verdict
from cyclekit.report.run_folder import RunFiles
from cyclekit.report.words import as_found, empty, flat, plain, section, table

TRANSLATED, COPY = "translated", "copy the input"

REACH = 120
"""Width of the small picture beside a metric, in its own units."""


def metric_tables(files: RunFiles) -> str:
    """Each direction's table: a metric a line, and whether the translation beats *copy the input*."""
    metrics = files.metrics
    if metrics is None:
        return "<p class='empty'>Not evaluated yet: <code>cyclekit evaluate</code> measures it on held-out data.</p>"
    directions = section(metrics, "directions") if isinstance(metrics, dict) else {}
    if not directions:
        return as_found("metrics.json is not laid out as expected; here it is as found.", metrics)
    data = str(metrics.get("data") or "the file does not say which data")
    trained = {str(r["data"]) for r in files.records("start", "resume") if r.get("data")}
    differs = "" if not trained or data in trained else '<p class="complaint">Not the data this run learnt from.</p>'
    about = {key: value for key, value in metrics.items() if key not in ("data", "directions") and value is not None}
    measured = " · ".join([f"Measured on {data}", *(f"{name}: {plain(value)}" for name, value in flat(about))])
    parts = [_direction(str(name), content) for name, content in directions.items()]
    return (
        f'<p class="hint">{escape(measured)}</p>{differs}<div class="tables">{"".join(parts)}</div>'
        f'<p class="hint">{_about_intervals(directions)}</p>{protocols(directions)}'
    )


def measures_of_table(content: Any) -> dict[str, dict[str, Measure]]:
    """One direction's table: row -> metric -> what was measured; without what is no number."""
    rows = section(content, "rows")
    found = {row: {str(name): as_measured(cell) for name, cell in section(rows, row).items()} for row in rows}
    return {str(row): {name: cell for name, cell in cells.items() if cell is not None} for row, cells in found.items()}


def protocols(directions: Mapping[str, Any]) -> str:
    """How each metric is measured, once where all directions agree."""
    told: dict[tuple[str, str], list[str]] = {}
    for name, content in directions.items():
        for metric, protocol in section(content, "protocol").items():
            about = {key: value for key, value in protocol.items() if key != "notes"} if _is(protocol) else protocol
            told.setdefault((str(metric), json.dumps(about, sort_keys=True, default=str)), []).append(str(name))
    if not told:
        return ""
    split = {metric for metric, _ in told if sum(metric == other for other, _ in told) > 1}
    cards = []
    for (metric, about), names in told.items():
        content = json.loads(about)
        body = table(content) if isinstance(content, dict) else f"<p>{escape(plain(content))}</p>"
        whose = f" <small>{escape(', '.join(names))}</small>" if metric in split else ""
        cards.append(f'<div class="card"><h4>{escape(metric)}{whose}</h4>{body}</div>')
    return (
        f'<details class="protocol"><summary>Protocol: how each number is measured</summary>'
        f'<div class="settings">{"".join(cards)}</div></details>'
    )


def _direction(name: str, content: Any) -> str:
    rows = {key: row for key, row in section(content, "rows").items() if isinstance(row, dict)}
    if not rows:
        return f"<div class='card'><h3>{escape(name)}</h3>{as_found('No table here; as found:', content)}</div>"
    better, known = section(content, "better"), measures_of_table(content)
    head = "".join(f'<th scope="col">{escape(str(row))}</th>' for row in rows)
    told = section(content, "protocol")
    lines = []
    for metric in dict.fromkeys(metric for row in rows.values() for metric in row):
        # Of a metric that copying satisfies by construction, falling short of copying says nothing.
        baseline = None if "copying" in section(told, metric) else known.get(COPY, {}).get(metric)
        cells = "".join(
            _cell(str(label), row.get(metric), baseline if label == TRANSLATED else None, str(better.get(metric)))
            for label, row in rows.items()
        )
        way = WAYS.get(str(better.get(metric)), "which way is better is not stated")
        glance = metric_chart([known[str(row)].get(str(metric)) for row in rows])
        lines.append(f'<tr><th scope="row">{escape(str(metric))}<small>{way}</small></th>{cells}{glance}</tr>')
    missing = "" if COPY in rows else empty(f"There is no row '{COPY}' to compare with.")
    unmeasured = "".join(empty(f"{name}: {plain(why)}") for name, why in section(content, "not measured").items())
    notes = dict.fromkeys(note for protocol in told.values() for note in _notes(protocol))
    beside = "".join(f'<p class="hint">{escape(note)}</p>' for note in notes)
    counts = [
        f"{number_in_words(content[key])} {words}" for key, words in COUNTS.items() if content.get(key) is not None
    ]
    if content.get("size"):
        counts.append(f"size: {plain(content['size'])}")
    return (
        f'<div class="card"><h3>{escape(name.replace("->", "→"))} <small>{escape(" · ".join(counts))}</small></h3>'
        f'<table class="metrics"><thead><tr><td></td>{head}<td></td></tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table>{beside}{missing}{unmeasured}</div>"
    )


COUNTS = {"items": "held-out items", "references": "of the target domain to compare with"}


def _cell(row: str, content: Any, copied: Measure | None, better: str) -> str:
    """One value, its interval, and a mark when it can be compared with copying."""
    begin = f'<td data-heading="{escape(row)}">'
    if content is None:
        return f"{begin}–</td>"
    found = as_measured(content)
    if found is None:
        return f"{begin}{escape(str(content))}</td>"
    extra = f"<small>{escape(found.interval)}</small>" if found.interval else ""
    mark = _against_copying(found, copied, better) if copied is not None and better in WAYS else ""
    return f"{begin}<b>{escape(number_in_words(found.value))}</b>{extra}{mark}</td>"


def _against_copying(found: Measure, copied: Measure, better: str) -> str:
    """In words, with a mark where the difference is clear."""
    against = verdict(found, copied, better)
    if against.ahead == 0:
        return "<em>same as copying</em>"
    if against.clear is False:
        return "<em>within noise of copying</em>"
    word, sign, style = ("better", "✓ ", "win") if against.ahead > 0 else ("worse", "✗ ", "lose")
    sure = against.clear is True
    return f'<em class="{style}">{sign if sure else ""}{word} than copying</em>'


def metric_chart(cells: Sequence[Measure | None]) -> str:
    """The rows of one metric as dots with whiskers, the first row on top: what the numbers say, at a glance."""
    known = [cell for cell in cells if cell is not None]
    ends = [end for cell in known for end in (cell.value, cell.low, cell.high) if end is not None]
    if len(known) < 2 or min(ends) == max(ends):
        return '<td class="glance"></td>'
    low, high = min(ends), max(ends)

    def x(value: float) -> str:
        return f"{4 + (REACH - 8) * ((value / 2 - low / 2) / (high / 2 - low / 2)):.1f}"  # halves: no sum is too large

    drawn = []
    for place, cell in enumerate(cells):
        y = 5 + 9 * place
        drawn.append(f'<path class="track" d="M0 {y}H{REACH}"/>')
        if cell is None:
            continue
        if cell.low is not None and cell.high is not None:
            drawn.append(f'<path d="M{x(cell.low)} {y}H{x(cell.high)}"/>')
        drawn.append(f'<circle cx="{x(cell.value)}" cy="{y}" r="{3.5 if place == 0 else 2.8}"/>')
        if place == 0:
            drawn = [drawn[0], f'<g class="first">{"".join(drawn[1:])}</g>']
    height = 9 * len(cells) + 1
    return (
        f'<td class="glance" aria-hidden="true"><svg viewBox="0 0 {REACH} {height}" width="{REACH}" height="{height}">'
        f"{''.join(drawn)}</svg></td>"
    )


def _about_intervals(directions: Mapping[str, Any]) -> str:
    found = [
        cell for content in directions.values() for row in measures_of_table(content).values() for cell in row.values()
    ]
    if not any(cell.interval for cell in found):
        return ""
    estimated = " Where the file gives a spread only, the interval is the value ± 1.96 spreads."
    some = estimated if any(cell.estimated for cell in found) else ""
    return f"Beside a number: its 95 % interval. {escape(RULE)}{some}"


def _is(protocol: Any) -> bool:
    return isinstance(protocol, dict)


def _notes(protocol: Any) -> list[str]:
    """What a metric's protocol wants read with its values."""
    notes = protocol.get("notes") if isinstance(protocol, dict) else None
    return [str(note) for note in notes] if isinstance(notes, list) else []
