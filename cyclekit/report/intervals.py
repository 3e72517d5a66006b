"""Measured numbers with their intervals, and when a difference between two of them is more than noise."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from cyclekit.report.charts import number_in_words
from cyclekit.report.words import finite

WAYS = {"lower": "lower is better", "higher": "higher is better", "near 1": "best near 1"}

NORMAL = 1.96
"""Standard deviations to either side that hold 95 % of a normal distribution."""

RULE = (
    "A difference is clear when the two 95 % intervals do not overlap, and within noise otherwise: a careful rule, "
    "since overlapping intervals may still hide a real difference. "
    "Intervals are over the held-out items, not over seeds: training again with another seed may move a number further."
)


class Measure(NamedTuple):
    """A number, and the 95 % interval that another held-out set of its size would put it in."""

    value: float
    low: float | None = None
    high: float | None = None
    estimated: bool = False
    """Whether the interval is the value ± 1.96 spreads, since the file gives no interval itself."""

    @property
    def interval(self) -> str:
        """The interval in words, to two digits of its width; empty where there is none or it has no width."""
        if self.low is None or self.high is None or math.isclose(self.low, self.high, rel_tol=1e-6):
            return ""
        width = self.high - self.low
        places = 1 - math.floor(math.log10(width)) if math.isfinite(width) else -1
        if not 0 <= places <= 6:
            return f"{number_in_words(self.low)} to {number_in_words(self.high)}"
        return f"{self.low:,.{places}f} to {self.high:,.{places}f}"


class Verdict(NamedTuple):
    """How one measure stands against another."""

    ahead: float
    """Above 0 where the one is better, below where the other is."""
    clear: bool | None
    """Whether the intervals are apart; None where one of them is not known."""


def as_measured(content: Any) -> Measure | None:
    """What metrics.json or the log says of one metric: a number, or a mapping of value, interval and spread."""
    if not isinstance(content, dict):
        plain = finite(content)
        return None if plain is None else Measure(plain)
    value = finite(content.get("value"))
    if value is None:
        return None
    bounds = content.get("interval")
    if isinstance(bounds, list) and len(bounds) == 2 and all(finite(bound) is not None for bound in bounds):
        return Measure(value, *sorted(bounds))
    spread = finite(content.get("spread"))
    if spread is None:
        return Measure(value)
    low, high = value - NORMAL * spread, value + NORMAL * spread
    return Measure(value, low, high, estimated=True) if math.isfinite(high - low) else Measure(value)


def verdict(one: Measure, other: Measure, better: str) -> Verdict:
    """Whether one measure is better than another, by the rule `RULE`.

    Raises:
        KeyError: `better` is none of `WAYS`.
    """
    ahead = _goodness(one.value, better) - _goodness(other.value, better)
    first, second = _bounds(one, better), _bounds(other, better)
    if first is None or second is None:
        return Verdict(ahead, None)
    return Verdict(ahead, first[0] > second[1] or second[0] > first[1])


def _goodness(value: float, better: str) -> float:
    """The value as a number that is better the higher it is."""
    return {"lower": -value, "higher": value, "near 1": -abs(value - 1)}[better]


def _bounds(one: Measure, better: str) -> tuple[float, float] | None:
    """The interval as bounds of goodness."""
    if one.low is None or one.high is None:
        return None
    ends = [_goodness(one.low, better), _goodness(one.high, better)]
    best = 0.0 if better == "near 1" and one.low <= 1 <= one.high else max(ends)
    return min(ends), best
