"""Lines of numbers, and what is drawn of long ones: their trend, and their extremes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

POINTS = 300
"""At most so many points are drawn of one series."""


class Series(NamedTuple):
    """One line: values at steps. A value that is not finite leaves a gap."""

    label: str
    steps: list[float]
    values: list[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    """The values' intervals: as many as there are values, or none. Thinning and smoothing drop them."""


def thin(series: Series, points: int = POINTS) -> Series:
    """At most `points` points: the median of each stretch of the series, at the stretch's last step."""
    if len(series.values) <= points:
        return series
    steps, values = [], []
    for begin, end in _stretches(len(series.values), points):
        steps.append(series.steps[end - 1])
        values.append(_median(series.values[begin:end]))
    return Series(series.label, steps, values)


def envelope(series: Series, points: int = POINTS) -> Series:
    """At most `points` points that keep every spike: of each stretch the lowest, the highest and a gap."""
    if len(series.values) <= points:
        return series
    steps, values = [], []
    for begin, end in _stretches(len(series.values), points // 3):
        stretch = series.values[begin:end]
        finite = list(filter(math.isfinite, stretch))
        extremes = {stretch.index(min(finite)), stretch.index(max(finite))} if finite else {0}
        if len(finite) < len(stretch):  # a gap is an extreme too
            extremes.add(next(i for i, value in enumerate(stretch) if not math.isfinite(value)))
        for index in sorted(begin + extreme for extreme in extremes):
            steps.append(series.steps[index])
            values.append(series.values[index])
    return Series(series.label, steps, values)


def smoothed(series: Series) -> Series:
    """The running median over about a twelfth of the series, then its running mean (Tukey's way of smoothing).

    A lone spike leaves a median alone, as it would not a mean. Centred, so it does not lag; narrower at the ends.
    """
    reach = max(2, len(series.values) // 24)
    medians = _running(_median, series.values, reach)
    return Series(series.label, series.steps, _running(_mean, medians, reach))


def _stretches(count: int, pieces: int) -> Iterator[tuple[int, int]]:
    """Begin and end of `pieces` stretches of nearly equal length that cover `count` items."""
    return ((count * piece // pieces, count * (piece + 1) // pieces) for piece in range(pieces))


def _running(middle: Callable[[Sequence[float]], float], values: Sequence[float], reach: int) -> list[float]:
    """The middle of each value's neighbourhood: `reach` to either side, towards the ends half of it.

    Were it narrowed to nothing there, the line would end in the noise of its last value.
    """
    sides = (max(reach // 2, min(reach, index, len(values) - 1 - index)) for index in range(len(values)))
    return [middle(values[max(0, index - side) : index + side + 1]) for index, side in enumerate(sides)]


def _mean(values: Sequence[float]) -> float:
    """The mean of the finite values; not a number where there is none."""
    finite = list(filter(math.isfinite, values))
    return sum(finite) / len(finite) if finite else math.nan


def _median(values: Sequence[float]) -> float:
    """The median of the finite values; not a number where there is none."""
    finite = sorted(filter(math.isfinite, values))
    middle = len(finite) // 2
    if not finite:
        return math.nan
    return finite[middle] if len(finite) % 2 else (finite[middle - 1] + finite[middle]) / 2
