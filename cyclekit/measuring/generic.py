"""Metrics of any modality: how far translations are from copies of their inputs, and the way back from the source.

They compare rows as the networks see them, so that a new modality has them without a line of its own. What its numbers
mean to an eye or ear, its own metrics say better.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Literal

import torch
from torch import Tensor

from cyclekit.core.batch import Batch
from cyclekit.measuring.metric import Measured, MetricUnavailable, Translated, averaged
from cyclekit.measuring.resampling import PROTOCOL
from cyclekit.registry import register

HOW = (
    "numbers from -1 to 1: mean absolute difference in percent of that range; ids: percent of both rows that is in no "
    "run which they share; without padding; mean over rows"
)


@register("metric", "copy_distance")
class CopyDistance:
    """How far translations are from their inputs, in percent; 0 is a copy.

    It says whether anything was done, not whether it was done well.
    """

    name = "distance to the input (%)"
    better: Literal["lower", "higher"] = "higher"
    needs_truth = False
    chooses = False
    protocol: dict[str, object] = {  # noqa: RUF012
        "value": f"fake to source; {HOW}", "interval": PROTOCOL, "copying": "is 0 by definition",
    }  # fmt: skip

    def __call__(self, translated: Translated) -> Measured:
        """Compare `fake` with `source`.

        Raises:
            MetricUnavailable: they are of different kinds or shapes.
        """
        return averaged(distances(translated.fake, translated.source))


@register("metric", "cycle_distance")
class CycleDistance:
    """How far the way there and back ends from the source, in percent; 0 is a closed cycle."""

    name = "distance there and back (%)"
    better: Literal["lower", "higher"] = "lower"
    needs_truth = False
    needs_back = True
    protocol: dict[str, object] = {  # noqa: RUF012
        "value": f"back to source; {HOW}", "interval": PROTOCOL, "copying": "is 0 by definition",
    }  # fmt: skip

    def __call__(self, translated: Translated) -> Measured:
        """Compare `back` with `source`.

        Raises:
            MetricUnavailable: they are of different kinds or shapes.
        """
        assert translated.back is not None, "asked for by `needs_back`"
        return averaged(distances(translated.back, translated.source))


def distances(ones: Batch, others: Batch) -> Tensor:
    """For each row of one Batch its distance to that of another, in percent, (N,).

    Raises:
        MetricUnavailable: ids and numbers, or rows of different shapes.
    """
    return torch.tensor([_distance(one, other) for one, other in zip(ones.rows(), others.rows())])


def _distance(one: Batch, other: Batch) -> float:
    kinds = [row.data.is_floating_point() for row in (one, other)]
    if not any(kinds):
        ours, theirs = (row.real_only(row.data).flatten().tolist() for row in (one, other))
        return 100 * (1 - SequenceMatcher(None, ours, theirs, autojunk=False).ratio())
    if not all(kinds):
        raise MetricUnavailable("compares rows of one kind, and these are numbers on one side and ids on the other")
    if one.data.shape != other.data.shape:
        shapes = " and ".join("x".join(map(str, row.data.shape[1:])) for row in (one, other))
        raise MetricUnavailable(f"compares rows of one shape, and here are rows of {shapes}")
    difference = (one.data.double() - other.data.double()).abs()
    return 50 * float(other.real_only(difference).mean())
