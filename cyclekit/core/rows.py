"""Many rows through a network: those of like length share a batch, and what is made of them comes back in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import torch

from cyclekit.core.batch import Batch, concat, stackable

T = TypeVar("T")

Prepared = tuple[Batch, Any]
"""A Batch of size 1, and what its codec remembers of the item."""

PIXELS = 2**21
"""Pixels that share a batch at most, where several pictures do: eight of 512 px a side, or one of 1920x1080."""


def may_share(together: Sequence[Batch], row: Batch, size: int) -> bool:
    """Whether one more row may share a batch with those that do: it stacks, and neither rows nor pixels are too many.

    Args:
        together: Batches of size 1, at least one.
        size: the most rows.
    """
    if len(together) >= size or not stackable(together[0], row):
        return False
    return (
        row.mask is not None
        or row.data.dim() != 4
        or (len(together) + 1) * row.data.shape[2] * row.data.shape[3] <= PIXELS
    )


@torch.no_grad()
def in_batches(
    rows: Sequence[Batch],
    make: Callable[[Batch, Sequence[int]], Iterable[T]],
    size: int,
    told: Callable[[int], None] = lambda done: None,
) -> list[T]:
    """What `make` gives for each row, in order.

    Only rows that stack share a batch. Masked rows do so with those of like length, the shortest first, so that little
    of a batch is padding; rows without a mask, which are pictures, with their neighbours, of large ones fewer.

    Args:
        rows: Batches of size 1.
        make: a Batch and the places of its rows in `rows`, to one result for each of them, in the Batch's order.
        size: the most rows of a batch.
        told: told after each batch how many rows are done.
    """
    masked = any(row.mask is not None for row in rows)
    order = sorted(range(len(rows)), key=lambda place: rows[place].data.shape[1] if masked else 0)
    made: dict[int, T] = {}
    while len(made) < len(rows):
        together: list[Batch] = []
        for place in order[len(made) :]:
            if together and not may_share(together, rows[place], size):
                break
            together.append(rows[place])
        places = order[len(made) : len(made) + len(together)]
        made.update(zip(places, make(concat(together), places), strict=True))
        told(len(made))
    return [made[place] for place in range(len(rows))]


def through(
    network: Callable[[Batch], Batch],
    rows: Sequence[Batch],
    device: torch.device,
    size: int,
    told: Callable[[int], None] = lambda done: None,
) -> list[Batch]:
    """Rows through a network that is on `device`, as `in_batches` takes them.

    Returns:
        For each row what the network makes of it, on the CPU, cut to its own length; without the logits of words, which
        are a whole vocabulary for every token.
    """
    return in_batches(rows, lambda batch, _: network(batch.to(device)).detach().to("cpu").rows(), size, told)


def in_chunks(prepared: Iterable[Prepared | None], size: int, ahead: int = 1) -> Iterator[list[Prepared | None]]:
    """What is held and translated at once.

    Args:
        prepared: None for what could not be prepared, which is a chunk of its own.
        size: the most rows of a batch.
        ahead: how many batches; of one, its rows stack and are no more pixels than one may have.
    """
    chunk: list[Prepared | None] = []
    for found in prepared:
        if chunk and ahead == 1:
            rows = [row for row, _ in filter(None, chunk)]
            if found is None or not rows or not may_share(rows, found[0], size):
                yield chunk
                chunk = []
        chunk.append(found)
        if len(chunk) == ahead * size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
