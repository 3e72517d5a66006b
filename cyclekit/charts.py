"""Line charts as HTML that needs no script: an SVG that stretches with the page, and labels that do not.

Series go in, a `<figure>` comes out. The SVG holds lines only and is stretched without keeping its aspect; numbers are
HTML beside it, so they stay readable on a phone. Long series are thinned before they are drawn, never before they are
read: the legend's number is the last one logged.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple

POINTS = 300
"""At most so many points are drawn of one series."""

WIDTH, HEIGHT = 1000, 400
"""The SVG's own units; the page stretches them."""

COLOURS = 8
"""How many colours the style sheet defines (`.c0` ... `.c7`); further series use them again."""

SMOOTH_FROM = 24
"""Shorter series are drawn as they are: there is no trend to show."""


class Series(NamedTuple):
    """One line: values at steps. A value that is not finite leaves a gap."""

    label: str
    steps: list[float]
    values: list[float]


class Mark(NamedTuple):
    """Something that happened at a step: a thin upright line in every chart."""

    step: float
    label: str


class Chart(NamedTuple):
    """What one figure shows."""

    title: str
    series: list[Series]
    note: str = ""
    smooth: bool = True


class Axes(NamedTuple):
    """The ranges a chart shows, and where its data lands in the SVG."""

    first: float
    last: float
    low: float
    high: float

    def x(self, step: float) -> float:
        """A step's place from the left, in the SVG's units."""
        return WIDTH * (step - self.first) / (self.last - self.first)

    def y(self, value: float) -> float:
        """A value's place from the top, in the SVG's units."""
        return HEIGHT * (1 - (value - self.low) / (self.high - self.low))


def number(value: object) -> str:
    """A number as people read it: four significant digits, thousands apart. Anything else as text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else f"{'−' if value < 0 else ''}infinite"
    if isinstance(value, int) or 1000 <= abs(value) < 1e9:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def draw(chart: Chart, colours: Mapping[str, int], marks: Sequence[Mark] = ()) -> str:
    """One chart as a `<figure>`.

    Args:
        colours: label to colour number, so that a domain keeps its colour in every chart of a page.
    """
    axes = _axes(chart)
    legend = "".join(_legend_entry(series, colours.get(series.label, 0)) for series in chart.series)
    spoken = "; ".join(f"{series.label} {number(series.values[-1])}" for series in chart.series if series.values)
    head = f"<figcaption><h3>{escape(chart.title)}</h3>{f'<small>{escape(chart.note)}</small>' if chart.note else ''}"
    head += f'</figcaption><ul class="legend">{legend}</ul>'
    if axes is None:
        return f'<figure class="chart card">{head}<p class="empty">No finite value was logged.</p></figure>'
    lines = "".join(_lines(series, colours.get(series.label, 0), axes, chart.smooth) for series in chart.series)
    return (
        f'<figure class="chart card">{head}<div class="plot">'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" '
        f'data-first="{axes.first:g}" data-last="{axes.last:g}" '
        f'aria-label="{escape(f"{chart.title} over the steps; last: {spoken}")}">'
        f"{_grid(axes)}{_marks(marks, axes)}{lines}</svg>{_labels(axes)}</div>{_beyond(chart.series, axes)}</figure>"
    )


def colour_numbers(charts: Sequence[Chart]) -> dict[str, int]:
    """Label to colour number, in order of first appearance."""
    labels = dict.fromkeys(series.label for chart in charts for series in chart.series)
    return {label: index % COLOURS for index, label in enumerate(labels)}


def thin(series: Series, points: int = POINTS) -> Series:
    """At most `points` points: the mean of each stretch of the series, at the stretch's last step."""
    if len(series.values) <= points:
        return series
    steps, values = [], []
    for begin, end in _stretches(len(series.values), points):
        steps.append(series.steps[end - 1])
        values.append(_mean(series.values[begin:end]))
    return Series(series.label, steps, values)


def envelope(series: Series, points: int = POINTS) -> Series:
    """At most `points` points that keep every spike: the lowest and the highest of each stretch, in their order."""
    if len(series.values) <= points:
        return series
    steps, values = [], []
    for begin, end in _stretches(len(series.values), points // 2):
        finite = [i for i in range(begin, end) if math.isfinite(series.values[i])] or [begin]
        extremes = {min(finite, key=series.values.__getitem__), max(finite, key=series.values.__getitem__)}
        for index in sorted(extremes):
            steps.append(series.steps[index])
            values.append(series.values[index])
    return Series(series.label, steps, values)


def smoothed(series: Series) -> Series:
    """The running mean over about a twentieth of the series. Centred, so it does not lag; narrower at the ends."""
    count = len(series.values)
    reach = max(1, count // 40)
    values = []
    for index in range(count):
        side = min(reach, index, count - 1 - index)
        values.append(_mean(series.values[index - side : index + side + 1]))
    return Series(series.label, series.steps, values)


def ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten apart) within a range."""
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    apart = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    return [index * apart for index in range(math.ceil(low / apart - 1e-9), math.floor(high / apart + 1e-9) + 1)]


def _stretches(count: int, pieces: int) -> Iterator[tuple[int, int]]:
    """Begin and end of `pieces` stretches of nearly equal length that cover `count` items."""
    return ((count * piece // pieces, count * (piece + 1) // pieces) for piece in range(pieces))


def _mean(values: Sequence[float]) -> float:
    """The mean of the finite values; not a number where there is none."""
    finite = [value for value in values if math.isfinite(value)]
    return math.fsum(finite) / len(finite) if finite else math.nan


def _axes(chart: Chart) -> Axes | None:
    """Ranges that show the trend: a rare spike may leave the picture (see `_beyond`), the rest may not."""
    steps = [step for series in chart.series for step in series.steps]
    values = sorted(value for series in chart.series for value in envelope(series).values if math.isfinite(value))
    if not values:
        return None
    spare = len(values) // 100 if chart.smooth else 0
    low, high = values[spare], values[-1 - spare]
    if low > 0.6 * high > 0 or high <= 0:  # far from zero: showing zero would flatten the trend
        margin = 0.12 * (high - low) or 0.1 * abs(high) or 1.0
        low, high = low - margin, high + margin
    else:
        low, high = min(0.0, low), high * 1.06 or 1.0
    return Axes(0.0, max(*steps, 1.0), low, high)


def _legend_entry(series: Series, colour: int) -> str:
    last = escape(number(series.values[-1])) if series.values else "none"
    return f'<li class="c{colour}"><i></i>{escape(series.label)} <output>{last}</output></li>'


def _lines(series: Series, colour: int, axes: Axes, smooth: bool) -> str:
    """The series: faint as logged under its running mean, or alone where there is nothing to smooth."""
    shown = thin(series)
    raw = _path(envelope(series), axes)
    read_out = (
        f'data-label="{escape(series.label)}" data-x="{",".join(f"{step:g}" for step in shown.steps)}" '
        f'data-y="{",".join(f"{value:.4g}" for value in shown.values)}"'
    )
    if not smooth or len(series.values) < SMOOTH_FROM:
        return f'<path class="line c{colour}" {read_out} d="{raw}"/>'
    trend = _path(smoothed(shown), axes)
    return f'<path class="raw c{colour}" d="{raw}"/><path class="line c{colour}" {read_out} d="{trend}"/>'


def _path(series: Series, axes: Axes) -> str:
    """SVG path data; values that are not finite break the line."""
    parts, pen_down = [], False
    for step, value in zip(series.steps, series.values):
        if math.isfinite(value):
            place = f"{axes.x(step):.1f} {axes.y(value):.1f}"
            parts.append(f"L{place}" if pen_down else f"M{place}h0")  # h0: a point alone is a dot, by the round cap
        pen_down = math.isfinite(value)
    return "".join(parts)


def _grid(axes: Axes) -> str:
    return "".join(f'<path class="grid" d="M0 {axes.y(tick):.1f}H{WIDTH}"/>' for tick in ticks(axes.low, axes.high))


def _marks(marks: Sequence[Mark], axes: Axes) -> str:
    return "".join(
        f'<path class="mark" d="M{axes.x(mark.step):.1f} 0V{HEIGHT}"><title>{escape(mark.label)}</title></path>'
        for mark in marks
        if axes.first <= mark.step <= axes.last
    )


def _labels(axes: Axes) -> str:
    """The axes' numbers, placed in per cent so that they follow the stretched SVG."""
    upright = "".join(
        f'<span style="top:{axes.y(tick) * 100 / HEIGHT:.2f}%">{_tick(tick)}</span>'
        for tick in ticks(axes.low, axes.high)
    )
    along = "".join(
        f'<span style="left:{axes.x(tick) * 100 / WIDTH:.2f}%">{_tick(tick)}</span>'
        for tick in ticks(axes.first, axes.last)
    )
    return f'<div class="ys" aria-hidden="true">{upright}</div><div class="xs" aria-hidden="true">{along}</div>'


def _tick(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{round(value, 12):g}"


def _beyond(series: Sequence[Series], axes: Axes) -> str:
    """One line for values that the axis leaves out, so that a cut spike is never a hidden one."""
    out = [
        (value, step, each.label)
        for each in series
        for step, value in zip(each.steps, each.values)
        if math.isfinite(value) and not axes.low <= value <= axes.high
    ]
    odd = sum(not math.isfinite(value) for each in series for value in each.values)
    words = []
    if out:
        value, step, label = max(out, key=lambda item: abs(item[0]))
        words.append(f"{len(out):,} beyond the axis, furthest {number(value)} ({label}, step {number(int(step))})")
    if odd:
        words.append(f"{odd:,} not finite")
    return f'<p class="beyond">{escape("; ".join(words))}</p>' if words else ""
