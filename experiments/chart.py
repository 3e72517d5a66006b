"""Line charts as PNG, by matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

Points = Sequence[tuple[float, float]]


class Panel(NamedTuple):
    """One pair of axes and the lines in it, by name. Names have the same colour in all panels of a chart."""

    title: str
    across: str
    lines: Mapping[str, Points]
    log_x: bool = False
    log_y: bool = False


def draw(path: Path, panels: Sequence[Panel]) -> Path:
    """Draw panels side by side, with one legend below, and write the PNG.

    Raises:
        ValueError: no points; on a logarithmic axis, a value that is not positive.
    """
    names = list(dict.fromkeys(name for panel in panels for name in panel.lines))
    figure = Figure(figsize=(5.6 * len(panels), 4.0), dpi=100, layout="constrained")  # inches: 560 x 400 px a panel
    drawn = {}
    for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels):
        _check(panel)
        for name, line in panel.lines.items():
            (drawn[name],) = axes.plot(*zip(*line), color=f"C{names.index(name)}", label=name)
        _dress(axes, panel)
    figure.legend(drawn.values(), drawn.keys(), loc="outside lower center", ncols=2 * len(panels), frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    return path


def _check(panel: Panel) -> None:
    points = [point for line in panel.lines.values() for point in line]
    if not points:
        raise ValueError(f"{panel.title}: no points to draw")
    for log, values in ((panel.log_x, [x for x, _ in points]), (panel.log_y, [y for _, y in points])):
        if log and min(values) <= 0:
            raise ValueError(f"{panel.title}: a logarithmic axis shows positive values, got {min(values)}")


def _dress(axes: Axes, panel: Panel) -> None:
    """Title, scales, grid."""
    axes.set_title(panel.title, loc="left")
    axes.set_xlabel(panel.across)
    axes.set_xscale("log" if panel.log_x else "linear")
    axes.set_yscale("log" if panel.log_y else "linear")
    if not panel.log_x:
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.grid(alpha=0.4)
    axes.spines[["top", "right"]].set_visible(False)
