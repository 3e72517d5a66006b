"""How the learning rate moves: pure functions of the share of training done, so that there is nothing to resume."""

from __future__ import annotations

import math
from collections.abc import Callable

from cyclekit.registry import register

Schedule = Callable[[int, int], float]
"""epochs (or steps) done, epochs (or steps) in all -> factor on the learning rate"""


@register("schedule", "constant")
def constant() -> Schedule:
    """The same rate throughout."""
    return lambda done, total: 1.0


@register("schedule", "linear")
def linear(*, decay_from: float = 0.5, warmup: float = 0.0) -> Schedule:
    """Constant, then a straight line down (CycleGAN section 7.1: 100 epochs, then 100 epochs of decay).

    The line would meet 0 one unit after the end: the last one still learns. (The published code of 2024 and before
    stepped the schedule at an epoch's start and trained its last epoch at rate 0.)

    Args:
        decay_from: share of training after which the rate falls; 0.5 as published.
        warmup: share of training in which it first rises in a straight line, as Transformers need it (Vaswani et al.
            2017, section 5.3).

    Raises:
        ValueError: a share outside [0, 1], or a fall before the rise has ended.
    """
    if not 0 <= warmup <= decay_from <= 1:
        raise ValueError(
            f"warmup is {warmup} and decay_from is {decay_from}; they are shares of training, "
            "0 <= warmup <= decay_from <= 1"
        )

    def factor(done: int, total: int) -> float:
        rise, constant_part = round(total * warmup), round(total * decay_from)
        if done < rise:
            return (done + 1) / (rise + 1)
        return 1.0 - max(0, done - constant_part) / (total - constant_part + 1)

    return factor


@register("schedule", "cosine")
def cosine(*, floor: float = 0.0) -> Schedule:
    """Half a cosine from 1 down to `floor`, which would be met one unit after the end.

    Raises:
        ValueError: a floor outside [0, 1].
    """
    if not 0 <= floor <= 1:
        raise ValueError(f"floor is {floor}; it is a share of the learning rate, from 0 to 1")
    return lambda done, total: floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * done / (total + 1)))
