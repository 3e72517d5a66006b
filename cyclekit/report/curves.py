"""The report's charts: the log's terms, metrics, learning rates and throughput as series."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cyclekit.report.charts import Chart, colour_numbers, draw_chart
from cyclekit.report.intervals import Measure, as_measured
from cyclekit.report.run_folder import Record, RunFiles
from cyclekit.report.series import Series
from cyclekit.report.timeline import happenings, timeline
from cyclekit.report.words import as_float, empty, section

KINDS = {
    "adversarial": "what the generators minimise against the discriminators",
    "cycle": "distance of the reconstruction from its original",
    "identity": "change of a picture or text that is already in the target domain",
    "discriminator": "what the discriminators minimise",
}
"""Terms known by kind, in the order shown. Any other kind gets a chart of its own after these."""

NO_METRICS = {"kind", "step", "time", "seconds", "epoch"}
"""Numbers of a metrics record that say when, not how good."""

MEASURED, WITH_INTERVALS = "measured on the way", "; the band is the 95 % interval"


def curve_charts(files: RunFiles, steps: int) -> str:
    """A line of what happened when; terms by kind, metrics, learning rate and throughput, with the same marks.

    Args:
        steps: the length of the run, done or to be done.
    """
    terms = files.records("terms")
    charts = [*_term_charts(terms), *_metric_charts(files.records("metrics")), *_pace_charts(terms)]
    if not charts:
        return empty("No terms logged yet.")
    marks, colours = happenings(files), colour_numbers(charts)
    drawn = "".join(draw_chart(chart, colours, marks) for chart in charts)
    return f'{timeline(files, steps)}<div class="charts">{drawn}</div>'


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
    for name, series in _measured_series(records).items():
        *where, metric = name.removeprefix("values\0").split("\0")
        by_metric.setdefault(metric, []).append(series._replace(label=" · ".join(where) or metric))
    return [
        Chart(metric, series, MEASURED + (WITH_INTERVALS if any(each.low for each in series) else ""), smooth=False)
        for metric, series in by_metric.items()
    ]


def _measured_series(records: list[Record]) -> dict[str, Series]:
    """A series for each number of the metrics records, with intervals where any of its values has one."""
    rows = [(record["step"], dict(_leaves(record))) for record in records]
    series: dict[str, Series] = {}
    for name in dict.fromkeys(name for _, leaves in rows for name in leaves):
        known = [(step, leaves[name]) for step, leaves in rows if name in leaves]
        line = Series(name, [step for step, _ in known], [found.value for _, found in known])
        if any(found.interval for _, found in known):
            low = [math.nan if found.low is None else found.low for _, found in known]
            high = [math.nan if found.high is None else found.high for _, found in known]
            line = line._replace(low=low, high=high)
        series[name] = line
    return series


def _leaves(record: Record, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Measure]]:
    """Numbers of a nested metrics record by path; `{"value": x, ...}` is one of them."""
    for key, value in record.items():
        if not path and key in NO_METRICS:
            continue
        found = as_measured(value)
        if found is not None:
            yield "\0".join((*path, key)), found
        elif isinstance(value, dict):
            yield from _leaves(value, (*path, key))


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
