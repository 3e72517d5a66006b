"""How a run that ends by the clock settles its length: the steps that the rest of its time holds, again and again.

Schedules, stages and averages have to be functions of the step, or a resume would not repeat them. So the clock is read
at a few steps only. Each reading gives a `Point`: the steps that the run counts on from there. Between two points the
position moves by the same amount in every step; it meets the next point where that one begins, and the budget at the
end. The points are kept in checkpoints, and say of every step where it stood.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

GUESS = 1000
"""Steps that a run counts on until it has measured its own."""

SETTLING = 3
"""Steps at the start of a process that tell nothing of those to come: compilation, caches, memory."""

MEASURED = 20
"""Steps that the first point is measured by; fewer where they are slow, see `HASTE`."""

HASTE = 0.05
"""The share of the budget after which the first point does not wait for `MEASURED` steps."""

AGAIN = 0.1
"""Of what is left, in time or in steps, that goes by before the next point: they get denser towards the end."""


class Point(NamedTuple):
    """What was settled at one reading of the clock."""

    step: int
    """Steps done."""
    seconds: float
    """What the clock showed."""
    position: float
    """Seconds of the budget that schedules are to take as gone; not those of the clock, but where they stood."""
    steps: int
    """Steps that the run counts on in all."""
    total: float
    """Seconds that it may take in all."""


class Budget:
    """The time that a run may take, and where it stands in it, step by step."""

    def __init__(self, total: float) -> None:
        """Count on `GUESS` steps.

        Args:
            total: seconds, above 0.
        """
        self.total = total
        self.points = [Point(0, 0.0, 0.0, GUESS, total)]
        self._begun = 0
        self._mark: tuple[int, float] | None = None

    @property
    def steps(self) -> int:
        """Steps that the run counts on in all, as settled last."""
        return self.points[-1].steps

    def position(self, step: int) -> float:
        """Seconds of the budget that are gone before a step, counted from 0, as schedules take it."""
        point = self._before(step)
        if step >= point.steps:
            return point.total
        return point.position + (point.total - point.position) * ((step - point.step) / (point.steps - point.step))

    def milliseconds(self, step: int) -> int:
        """The position in whole milliseconds: what a schedule counts where others count steps."""
        return min(math.floor(self.position(step) * 1000), whole(self._before(step).total))

    def share(self, step: int) -> float:
        """How much of the whole budget a step, counted from 0, takes."""
        point = self._before(step)
        return (1 - point.position / point.total) / max(point.steps - point.step, 1)

    def resume(self, points: Iterable[Sequence[float]], step: int, seconds: float) -> None:
        """Go on from a step with the points that are known of it; a budget that is new is shared out from here on.

        Args:
            seconds: of training, until then.

        Raises:
            ValueError: the budget is used up already.
        """
        self.points = [Point(int(at), read, gone, int(steps), of) for at, read, gone, steps, of in points]
        self._begun, self._mark = step, None
        if self.points[-1].total == self.total:
            return
        gone = max(seconds, self.position(step))
        if self.total <= gone:
            raise ValueError(f"{gone:.0f} s of it are gone")
        left = round((self.total - seconds) * step / seconds) if step and seconds else GUESS
        self._add(step, seconds, max(left, 1))

    def due(self, step: int, seconds: float) -> bool:
        """Whether the clock is to be read after so many steps."""
        last = self.points[-1]
        if step <= last.step or step >= last.steps:
            return False  # settled already
        if seconds >= self.total:
            return True
        if self._mark is None:
            return step - self._begun >= SETTLING
        steps, passed = step - self._mark[0], seconds - self._mark[1]
        if steps < 1 or passed <= 0:
            return False
        if last.step == 0:
            return steps >= MEASURED or passed >= HASTE * self.total
        wait = min(last.seconds, AGAIN * (self.total - last.seconds))
        return step - last.step >= AGAIN * (last.steps - last.step) or seconds - last.seconds >= wait

    def settle(self, step: int, seconds: float) -> None:
        """Read the clock when it is due: count on as many steps as the time that is left holds at the speed since."""
        if seconds >= self.total:
            self._add(step, seconds, 0)
        elif self._mark is not None:
            each = (seconds - self._mark[1]) / (step - self._mark[0])
            self._add(step, seconds, round((self.total - seconds) / each))
        self._mark = (step, seconds)

    def _add(self, step: int, seconds: float, left: int) -> None:
        self.points.append(Point(step, seconds, self.position(step), step + left, self.total))

    def _before(self, step: int) -> Point:
        return self.points[max(bisect_right(self.points, step, key=lambda point: point.step) - 1, 0)]


def whole(total: float) -> int:
    """A budget in the milliseconds that schedules count."""
    return max(round(total * 1000), 1)
