"""Line charts as HTML that needs no script: an SVG that stretches with the page, and labels that do not.

Series go in, a `<figure>` comes out. The SVG holds lines only and is stretched without keeping its aspect; numbers are
HTML beside it, so they stay readable on a phone. Long series are thinned before they are drawn, never before they are
read: the legend's number is the last one logged.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from cyclekit.report.series import Series, envelope, smoothed, thin

WIDTH, HEIGHT = 1000, 400
"""The SVG's own units; the page stretches them."""

COLOURS = 8
"""How many colours the style sheet defines (`.c0` ... `.c7`); further series use them again."""

LEAST, MOST = 1e-290, 1e290
"""Of an axis: a shorter one, or one that reaches farther, has no numbers that a float can hold."""

SMOOTH_FROM = 24
"""Shorter series are drawn as they are: there is no trend to show."""


class Mark(NamedTuple):
    """Something that happened at a step: a thin upright line in every chart."""

    step: float
    label: str
    kind: str = ""
    """Of the style sheet: `stage`, `health`, `best` or `resume`."""


class Chart(NamedTuple):
    """What one figure shows."""

    title: str
    series: list[Series]
    note: str = ""
    smooth: bool = True


class Line(NamedTuple):
    """A series thinned for drawing."""

    label: str
    colour: int
    raw: Series
    """Its extremes: what was logged, spikes included."""
    trend: Series | None
    """What is drawn boldly over `raw`; None where `raw` itself is."""
    read_out: Series
    """What the page's read-out shows under the pointer."""


class Axes(NamedTuple):
    """The ranges a chart shows, and where its data lands in the SVG."""

    first: float
    last: float
    low: float
    high: float

    def x(self, step: float) -> float:
        """A step's place from the left, in the SVG's units."""
        return WIDTH * ((step - self.first) / (self.last - self.first))

    def y(self, value: float) -> float:
        """A value's place from the top, in the SVG's units."""
        return HEIGHT * (1 - (value - self.low) / (self.high - self.low))


def number_in_words(value: object) -> str:
    """A number as people read it: four significant digits, thousands apart. Anything else as text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else f"{'−' if value < 0 else ''}infinite"
    if 1000 <= abs(value) < 1e9:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def draw_chart(chart: Chart, colours: Mapping[str, int], marks: Sequence[Mark] = ()) -> str:
    """One chart as a `<figure>`.

    Args:
        colours: label to colour number, so that a domain keeps its colour in every chart of a page.
    """
    series = sorted(chart.series, key=lambda each: colours.get(each.label, 0))
    lines = [_line(each, colours.get(each.label, 0), chart.smooth) for each in series]
    legend = "".join(_legend_entry(each, line.colour) for each, line in zip(series, lines))
    note = f"<small>{escape(chart.note)}</small>" if chart.note else ""
    head = f'<figcaption><h3>{escape(chart.title)}</h3>{note}</figcaption><ul class="legend">{legend}</ul>'
    axes = _axes(lines)
    if axes is None:
        return f'<figure class="chart card">{head}<p class="empty">No value was logged that can be drawn.</p></figure>'
    spoken = "; ".join(f"{each.label} {number_in_words(each.values[-1])}" for each in series)
    return (
        f'<figure class="chart card">{head}<div class="plot">'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" '
        f'data-first="{axes.first:g}" data-last="{axes.last:g}" '
        f'aria-label="{escape(f"{chart.title} over the steps; last: {spoken}")}">'
        f"{_grid(axes)}{_marks(marks, axes)}{''.join(_drawn(line, axes) for line in lines)}</svg>{_labels(axes)}</div>"
        f"{_left_out(lines, axes)}</figure>"
    )


def colour_numbers(charts: Sequence[Chart]) -> dict[str, int]:
    """Label to colour number, in order of first appearance."""
    labels = dict.fromkeys(series.label for chart in charts for series in chart.series)
    return {label: index % COLOURS for index, label in enumerate(labels)}


def ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round numbers (1, 2, 2.5 or 5 times a power of ten apart) within a range."""
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    apart = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    return [index * apart for index in range(math.ceil(low / apart - 1e-9), math.floor(high / apart + 1e-9) + 1)]


def _line(series: Series, colour: int, smooth: bool) -> Line:
    shown = thin(series)
    trend = smoothed(shown) if smooth and len(series.values) >= SMOOTH_FROM else None
    return Line(series.label, colour, envelope(series), trend, shown)


def _axes(lines: Sequence[Line]) -> Axes | None:
    """Ranges that show the trend: where rare spikes would flatten it, they leave the picture (see `_left_out`)."""
    shown = (value for line in lines for part in (line.raw.values, line.raw.low, line.raw.high) for value in part)
    values = sorted(value for value in shown if abs(value) < MOST)
    if not values:
        return None
    low, high = values[0], values[-1]
    spare = len(values) // 100 if any(line.trend for line in lines) else 0
    usual_low, usual_high = values[spare], values[-1 - spare]
    if high - low > 2 * (usual_high - usual_low):
        low, high = usual_low, usual_high
    if high > low > 0.6 * high or high <= 0:  # far from zero: showing zero would flatten the trend
        margin = 0.12 * (high - low) or 0.1 * abs(high) or 1.0
        low, high = low - margin, high + margin
    else:
        low, high = min(0.0, low), high * 1.06
    last = max(1.0, *(step for line in lines for step in line.raw.steps))
    return Axes(0.0, last, low, max(high, low + LEAST))


def _legend_entry(series: Series, colour: int) -> str:
    last = escape(number_in_words(series.values[-1])) if series.values else "none"
    return f'<li class="c{colour}"><i></i>{escape(series.label)} <output>{last}</output></li>'


def _drawn(line: Line, axes: Axes) -> str:
    """One line: faint as logged under its trend, or alone where it has none."""
    read_out = (
        f'data-x="{",".join(f"{step:g}" for step in line.read_out.steps)}" '
        f'data-y="{",".join(f"{value:.4g}" for value in line.read_out.values)}"'
    )
    raw = _path(line.raw, axes)
    if line.trend is None:
        return f'{_band(line, axes)}<path class="line alone c{line.colour}" {read_out} d="{raw}"/>'
    trend = _path(line.trend, axes)
    return f'<path class="raw c{line.colour}" d="{raw}"/><path class="line c{line.colour}" {read_out} d="{trend}"/>'


def _path(series: Series, axes: Axes) -> str:
    """SVG path data; values that are not finite break the line."""
    parts, pen_down = [], False
    for step, value in zip(series.steps, series.values):
        if math.isfinite(value):
            place = f"{axes.x(step):.1f} {axes.y(value):.1f}"
            parts.append(f"L{place}" if pen_down else f"M{place}h0")  # h0: a point alone is a dot, by the round cap
        pen_down = math.isfinite(value)
    return "".join(parts)


def _band(line: Line, axes: Axes) -> str:
    """The area of a line's intervals, where it has them; a step without one ends a piece of it."""
    pieces: list[list[tuple[str, str]]] = [[]]
    for step, low, high in zip(line.raw.steps, line.raw.low, line.raw.high):
        if math.isfinite(low) and math.isfinite(high):
            pieces[-1].append((f"{axes.x(step):.1f} {axes.y(low):.1f}", f"{axes.x(step):.1f} {axes.y(high):.1f}"))
        else:
            pieces.append([])
    areas = (
        f"M{'L'.join(low for low, _ in piece)}L{'L'.join(high for _, high in reversed(piece))}Z"
        for piece in pieces
        if piece
    )
    path = "".join(areas)
    return f'<path class="band c{line.colour}" d="{path}"/>' if path else ""


def _grid(axes: Axes) -> str:
    return "".join(f'<path class="grid" d="M0 {axes.y(tick):.1f}H{WIDTH}"/>' for tick in ticks(axes.low, axes.high))


def _marks(marks: Sequence[Mark], axes: Axes) -> str:
    return "".join(
        f'<path class="mark {mark.kind}" d="M{axes.x(mark.step):.1f} 0V{HEIGHT}">'
        f"<title>{escape(mark.label)}</title></path>"
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


def _left_out(lines: Sequence[Line], axes: Axes) -> str:
    """One line about values that are not in the picture, so that a cut spike is never a hidden one."""
    words = []
    beyond = [
        (value, step, line.label)
        for line in lines
        for step, value in zip(line.raw.steps, line.raw.values)
        if math.isfinite(value) and not axes.low <= value <= axes.high
    ]
    if beyond:
        value, step, label = max(beyond, key=lambda item: abs(item[0]))
        words.append(f"beyond the axis, furthest: {number_in_words(value)} ({label}, step {step:,.0f})")
    odd = [line.label for line in lines if not all(map(math.isfinite, line.raw.values))]
    if odd:
        words.append(f"with values that are not finite: {', '.join(odd)}")
    return f'<p class="beyond">{escape("; ".join(words))}</p>' if words else ""
