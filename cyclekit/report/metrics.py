"""The report's metrics: each direction's table, with *copy the input* and other baselines to compare with."""

from __future__ import annotations

from html import escape
from typing import Any

from cyclekit.report.charts import number
from cyclekit.report.reading import RunFiles
from cyclekit.report.words import as_found, empty, finite, flat, plain, section, table

WAYS = {"lower": "lower is better", "higher": "higher is better", "near 1": "best near 1"}


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
    about = {key: value for key, value in metrics.items() if key not in ("data", "directions")}
    measured = " · ".join([f"Measured on {data}", *(f"{name}: {plain(value)}" for name, value in flat(about))])
    parts = [_direction(str(name), content) for name, content in directions.items()]
    return f'<p class="hint">{escape(measured)}</p>{differs}<div class="tables">{"".join(parts)}</div>'


def _direction(name: str, content: Any) -> str:
    rows = {key: row for key, row in section(content, "rows").items() if isinstance(row, dict)}
    if not rows:
        return f"<div class='card'><h3>{escape(name)}</h3>{as_found('No table here; as found:', content)}</div>"
    better = section(content, "better")
    copy = rows.get("copy the input")
    head = "".join(f'<th scope="col">{escape(str(row))}</th>' for row in rows)
    protocols = section(content, "protocol")
    lines = []
    for metric in dict.fromkeys(metric for row in rows.values() for metric in row):
        # Of a metric that copying satisfies by construction, falling short of copying says nothing.
        baseline = None if copy is None or "copying" in section(protocols, metric) else copy.get(metric)
        cells = "".join(
            _cell(row.get(metric), None if row is copy else baseline, better.get(metric)) for row in rows.values()
        )
        way = WAYS.get(str(better.get(metric)), "which way is better is not stated")
        lines.append(f'<tr><th scope="row">{escape(str(metric))}<small>{way}</small></th>{cells}</tr>')
    missing = "" if copy is not None else empty("There is no row 'copy the input' to compare with.")
    unmeasured = "".join(empty(f"{name}: {plain(why)}") for name, why in section(content, "not measured").items())
    notes = dict.fromkeys(note for protocol in protocols.values() for note in _notes(protocol))
    beside = "".join(f'<p class="hint">{escape(note)}</p>' for note in notes)
    how = table({key: value for key, value in content.items() if key not in ("rows", "better", "not measured")})
    return (
        f'<div class="card" style="--rows:{len(rows)}"><h3>{escape(name)}</h3><table class="metrics"><thead><tr>'
        f"<td></td>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>{beside}{missing}{unmeasured}"
        f"{f'<details><summary>Protocol</summary>{how}</details>' if how else ''}</div>"
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
        if finite(measured.get("spread")) is not None:
            about = f"± {number(measured['spread'])}"
        if isinstance(measured.get("interval"), list):
            about = f"{' to '.join(number(bound) for bound in measured['interval'])}"
    extra = f"<small>{escape(about)}</small>" if about else ""
    baseline = _value(copied)
    mark = ""
    if baseline is not None and better in WAYS:
        ahead = _goodness(value, str(better)) - _goodness(baseline, str(better))
        mark = "<em>same as copying</em>" if ahead == 0 else '<em class="lose">✗ worse than copying</em>'
        mark = '<em class="win">✓ better than copying</em>' if ahead > 0 else mark
    return f"<td><b>{escape(number(value))}</b>{extra}{mark}</td>"


def _notes(protocol: Any) -> list[str]:
    """What a metric's protocol wants read with its values."""
    notes = protocol.get("notes") if isinstance(protocol, dict) else None
    return [str(note) for note in notes] if isinstance(notes, list) else []


def _goodness(value: float, better: str) -> float:
    """The value as a number that is better the higher it is."""
    return {"lower": -value, "higher": value, "near 1": -abs(value - 1)}[better]


def _value(measured: Any) -> float | None:
    return finite(measured.get("value") if isinstance(measured, dict) else measured)
