"""Line charts as PNG, drawn with Pillow alone: the experiments ask for no plotting library."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from cyclekit.report.charts import ticks

WIDTH, HEIGHT = 560, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 16, 40, 44
COLOURS = ("#1f6fb4", "#d9541e", "#2a8f4f", "#8a4fb5", "#b08a00", "#444444")
GRID, INK = "#dddddd", "#202020"

Points = Sequence[tuple[float, float]]


class Panel(NamedTuple):
    """One pair of axes and the lines in it, by name. Names have the same colour in all panels of a chart."""

    title: str
    across: str
    lines: Mapping[str, Points]
    log_x: bool = False
    log_y: bool = False


class Axis(NamedTuple):
    """From values to pixels."""

    low: float
    high: float
    start: float
    end: float
    log: bool

    def place(self, value: float) -> float:
        """The pixel of a value."""
        value, low, high = (_scaled(number, self.log) for number in (value, self.low, self.high))
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Where to draw lines: powers of ten on a logarithmic axis, round numbers on another."""
        if not self.log:
            return ticks(self.low, self.high)
        first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
        return [10.0**power for power in range(first, last + 1, max(1, (last - first) // 6))]


def draw(path: Path, panels: Sequence[Panel]) -> Path:
    """Draw panels side by side, with one legend below, and write the PNG.

    Raises:
        ValueError: no points; on a logarithmic axis, a value that is not positive.
    """
    names = list(dict.fromkeys(name for panel in panels for name in panel.lines))
    colours = {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(names)}
    picture = Image.new("RGB", (WIDTH * len(panels), HEIGHT + 30), "white")
    pen, small = ImageDraw.Draw(picture), ImageFont.load_default(14)
    for number, panel in enumerate(panels):
        _panel(pen, panel, number * WIDTH, colours)
    left = float(LEFT)
    for name, colour in colours.items():
        pen.line([(left, HEIGHT + 12), (left + 22, HEIGHT + 12)], fill=colour, width=4)
        pen.text((left + 28, HEIGHT + 3), name, INK, small)
        left += 50 + small.getlength(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)
    return path


def _panel(pen: ImageDraw.ImageDraw, panel: Panel, left: int, colours: Mapping[str, str]) -> None:
    title, small = ImageFont.load_default(16), ImageFont.load_default(12)
    points = [point for line in panel.lines.values() for point in line]
    if not points:
        raise ValueError(f"{panel.title}: no points to draw")
    across = _axis([x for x, _ in points], left + LEFT, left + WIDTH - RIGHT, panel.log_x)
    up = _axis([y for _, y in points], HEIGHT - BOTTOM, TOP, panel.log_y)
    pen.text((left + LEFT, 10), panel.title, INK, title)
    pen.text((left + WIDTH - RIGHT, HEIGHT - 22), panel.across, INK, small, anchor="ra")
    for value in up.ticks():
        pen.line([(left + LEFT, up.place(value)), (left + WIDTH - RIGHT, up.place(value))], fill=GRID)
        pen.text((left + LEFT - 6, up.place(value)), f"{value:.3g}", INK, small, anchor="rm")
    for value in across.ticks():
        pen.line([(across.place(value), TOP), (across.place(value), HEIGHT - BOTTOM)], fill=GRID)
        pen.text((across.place(value), HEIGHT - BOTTOM + 6), f"{value:.3g}", INK, small, anchor="ma")
    for name, line in panel.lines.items():
        pen.line([(across.place(x), up.place(y)) for x, y in line], fill=colours[name], width=3, joint="curve")


def _axis(values: Sequence[float], start: float, end: float, log: bool) -> Axis:
    low, high = min(values), max(values)
    if log and low <= 0:
        raise ValueError(f"a logarithmic axis shows positive values, got {low}")
    if low == high:
        low, high = (low / 2, high * 2) if log else (low - 0.5, high + 0.5)
    return Axis(low, high, start, end, log)


def _scaled(value: float, log: bool) -> float:
    return math.log10(value) if log else value
