"""Many rows through a network: those of like length share a batch, and what is made of them comes back in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import takewhile
from typing import TypeVar

import torch
from torch import nn

from cyclekit.core.batch import Batch, concat, stackable

T = TypeVar("T")

PICTURES, SENTENCES = 8, 64
"""Rows that share a batch where no number is given. A sentence is thousands of times smaller than a picture."""


@torch.no_grad()
def in_batches(
    rows: Sequence[Batch],
    make: Callable[[Batch, Sequence[int]], Iterable[T]],
    size: int | None = None,
    told: Callable[[int], None] = lambda done: None,
) -> list[T]:
    """What `make` gives for each row, in order.

    Only rows that stack share a batch. Masked rows do so with those of like length, the shortest first, so that little
    of a batch is padding; rows without a mask, which are pictures, with their neighbours.

    Args:
        rows: Batches of size 1.
        make: a Batch and the places of its rows in `rows`, to one result for each of them, in the Batch's order.
        size: the most rows of a batch; when not given, 8 pictures or 64 sentences.
        told: told after each batch how many rows are done.
    """
    masked = any(row.mask is not None for row in rows)
    size = size or (SENTENCES if masked else PICTURES)
    order = sorted(range(len(rows)), key=lambda place: rows[place].data.shape[1] if masked else 0)
    made: dict[int, T] = {}
    while waiting := order[len(made) : len(made) + size]:
        together = list(takewhile(partial(stackable, rows[waiting[0]]), (rows[place] for place in waiting)))
        places = waiting[: len(together)]
        made.update(zip(places, make(concat(together), places), strict=True))
        told(len(made))
    return [made[place] for place in range(len(rows))]


def through(
    network: nn.Module,
    rows: Sequence[Batch],
    device: torch.device,
    size: int | None = None,
    told: Callable[[int], None] = lambda done: None,
) -> list[Batch]:
    """Rows through a network that is on `device`, as `in_batches` takes them.

    Returns:
        For each row what the network makes of it, on the CPU, cut to its own length; without the logits of words, which
        are a whole vocabulary for every token.
    """
    return in_batches(rows, lambda batch, _: network(batch.to(device)).detach().to("cpu").rows(), size, told)
