"""The report's charts: the log's terms, metrics, learning rates and throughput as series."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cyclekit.report.charts import Chart, Mark, Series, colour_numbers, draw
from cyclekit.report.reading import Record, RunFiles
from cyclekit.report.words import as_float, empty, finite, section

KINDS = {
    "adversarial": "what the generators minimise against the discriminators",
    "cycle": "distance of the reconstruction from its original",
    "identity": "change of a picture or text that is already in the target domain",
    "discriminator": "what the discriminators minimise",
}
"""Terms known by kind, in the order shown. Any other kind gets a chart of its own after these."""


def curve_charts(files: RunFiles) -> str:
    """Terms by kind, metrics, learning rate and throughput, with marks: resumed, another stage, a finding."""
    terms = files.records("terms")
    charts = [*_term_charts(terms), *_metric_charts(files.records("metrics")), *_pace_charts(terms)]
    if not charts:
        return empty("No terms logged yet.")
    # A check may find the same thing at every look: where it began is enough.
    began = {str(r.get("check")): r for r in reversed(files.records("health"))}
    marks = [Mark(r["step"], _happened(r)) for r in (*files.records("resume"), *files.stages(), *began.values())]
    colours = colour_numbers(charts)
    return f'<div class="charts">{"".join(draw(chart, colours, marks) for chart in charts)}</div>'


def _happened(record: Record) -> str:
    named = record.get("name") or record.get("check")
    return f"{record['kind']}{f' {named}' if named else ''} at step {record['step']:,}"


def _term_charts(terms: list[Record]) -> list[Chart]:
    """One chart for each kind of term: the part of its name before the first dot."""
    by_kind: dict[str, list[Series]] = {kind: [] for kind in KINDS}
    for name, series in _series((r["step"], section(r, "terms")) for r in terms).items():
        kind, _, rest = name.partition(".")
        by_kind.setdefault(kind, []).append(series._replace(label=rest or kind))
    return [Chart(kind, series, KINDS.get(kind, "")) for kind, series in by_kind.items() if series]


def _metric_charts(records: list[Record]) -> list[Chart]:
    """One chart for each metric that was measured on the way, however deep its record nests it."""
    by_metric: dict[str, list[Series]] = {}
    for name, series in _series((r["step"], dict(_leaves(r))) for r in records).items():
        *where, metric = name.removeprefix("values\0").split("\0")
        by_metric.setdefault(metric, []).append(series._replace(label=" · ".join(where) or metric))
    return [Chart(metric, series, "measured on the way", smooth=False) for metric, series in by_metric.items()]


def _leaves(record: Record, path: tuple[str, ...] = ()) -> Iterator[tuple[str, float]]:
    """Numbers of a nested metrics record by path; `{"value": x, ...}` counts as x."""
    for key, value in record.items():
        if not path and key in ("kind", "step", "time", "seconds", "epoch"):
            continue
        if isinstance(value, dict):
            if finite(value.get("value")) is not None:
                yield "\0".join((*path, key)), value["value"]
            else:
                yield from _leaves(value, (*path, key))
        elif finite(value) is not None:
            yield "\0".join((*path, key)), value


def _pace_charts(terms: list[Record]) -> list[Chart]:
    rates = list(_series((r["step"], section(r, "learning_rate")) for r in terms).values())
    pace = list(_series((r["step"], {"items": r["per_second"]}) for r in terms if "per_second" in r).values())
    charts = [Chart("learning rate", rates, smooth=False)] if rates else []
    return charts + ([Chart("throughput", pace, "items per second")] if pace else [])


def _series(rows: Iterable[tuple[float, Mapping[str, Any]]]) -> dict[str, Series]:
    """Rows of (step, name -> value) to one series a name. A value that is no number becomes a gap, not a zero."""
    series: dict[str, Series] = {}
    for step, values in rows:
        for name, value in values.items():
            line = series.get(name)
            if line is None:
                line = series[name] = Series(str(name), [], [])
            line.steps.append(step)
            line.values.append(as_float(value))
    return series
