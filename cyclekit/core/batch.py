"""What flows through every network: a Batch of pictures or of sentences, and Pairs of one thing per domain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import torch
from torch import Tensor

T = TypeVar("T")
U = TypeVar("U")


class Product(NamedTuple):
    """Logits (N, V) that are not multiplied out, state (N, E) times weight (V, E) transposed.

    A whole vocabulary for every token is most of what a step on sentences holds; who needs it takes it a few rows at a
    time.
    """

    state: Tensor
    weight: Tensor
    columns: Tensor | None = None
    """(V',) sorted: the only columns of all V that may be asked for, whose weight (V', E) is; None: all of them."""

    def multiplied(self) -> Tensor:
        """All of them, float32."""
        return torch.nn.functional.linear(self.state, self.weight).float()


class Batch(NamedTuple):
    """Rows of one domain. A NamedTuple, because torch and its libraries walk NamedTuples leaf by leaf.

    Beware: `len(batch)` counts fields; the number of rows is `batch.size`.
    """

    data: Tensor
    """Pictures (B, C, H, W) in [-1, 1], sentences (B, T) int64 ids, soft sentences (B, T, V) distributions."""
    mask: Tensor | None = None
    """(B, T) bool, True where the row is real, its end token included. None: nothing is padded."""
    logits: Tensor | Product | None = None
    """(N, V) a row for each of the N real tokens, row by row: what generated ids were drawn from, their only way back
    for a gradient; or how likely a generator that was shown the ids finds them. None for everything else."""

    @property
    def size(self) -> int:
        """B, the number of rows."""
        return self.data.shape[0]

    def map(self, function: Callable[[Tensor], Tensor]) -> Batch:
        """Apply a function to every tensor that is there."""
        logits = self.logits
        if isinstance(logits, Product):
            logits = logits._replace(state=function(logits.state))
        elif logits is not None:
            logits = function(logits)
        return Batch(function(self.data), None if self.mask is None else function(self.mask), logits)

    def real(self, places: Tensor) -> Tensor:
        """Of something for all places (B, T, ...) what belongs to real tokens, row by row: (N, ...)."""
        return places.flatten(0, 1) if self.mask is None else places[self.mask]

    def real_only(self, data: Tensor) -> Tensor:
        """Of data of this batch's places, (B, T, ...), what is not padding, (N, ...); without a mask all, as it is."""
        return data if self.mask is None else data[self.mask]

    def detach(self) -> Batch:
        """The same values without a graph; without logits too, which serve the graph alone."""
        return self._replace(logits=None).map(Tensor.detach)

    def to(self, device: torch.device | str) -> Batch:
        """The same rows on `device`."""
        # To a card the copy may be under way while work goes on: the loader's memory is pinned. Elsewhere it is not.
        ahead = torch.device(device).type == "cuda"
        return self.map(lambda tensor: tensor.to(device, non_blocking=ahead))

    def rows(self) -> Iterator[Batch]:
        """One Batch of size 1 for each row, cut to that row's own length."""
        yield from split(self, [1] * self.size)


class Pair(NamedTuple, Generic[T]):
    """One thing for domain `a`, one for domain `b`."""

    a: T
    b: T

    def map(self, function: Callable[[T], U]) -> Pair[U]:
        """Apply a function to both sides."""
        return Pair(function(self.a), function(self.b))

    @property
    def swapped(self) -> Pair[T]:
        """The same two things with the domains exchanged."""
        return Pair(self.b, self.a)


def concat(batches: Sequence[Batch]) -> Batch:
    """Stack the rows of several Batches, padding dimension 1 to the longest where they carry a mask.

    Raises:
        ValueError: the Batches disagree in shape and carry no mask that would tell padding from content.
    """
    if len(batches) == 1:
        return batches[0]
    shapes = {batch.data.shape[1:] for batch in batches}
    if len(shapes) == 1 and all(batch.mask is None for batch in batches):
        return Batch(torch.cat([batch.data for batch in batches]))
    if any(batch.mask is None for batch in batches):
        raise ValueError(
            f"cannot stack rows of shapes {sorted(map(tuple, shapes))}: only masked rows may differ in length"
        )
    longest = max(batch.data.shape[1] for batch in batches)
    logits = [batch.logits for batch in batches if isinstance(batch.logits, Tensor)]
    return Batch(
        torch.cat([_padded(batch.data, longest) for batch in batches]),
        torch.cat([_padded(batch.mask, longest) for batch in batches if batch.mask is not None]),
        torch.cat(logits) if len(logits) == len(batches) else None,
    )


def split(batch: Batch, sizes: Sequence[int]) -> list[Batch]:
    """Undo `concat`: Batches of the given sizes, each trimmed to its own longest row. Without logits."""
    parts: list[Batch] = []
    start = 0
    for size in sizes:
        data, mask = batch.data[start : start + size], None
        if batch.mask is not None:
            mask = batch.mask[start : start + size]
            longest = int(mask.sum(1).max()) if size else 0
            data, mask = data[:, :longest], mask[:, :longest]
        parts.append(Batch(data, mask))
        start += size
    return parts


def scaled_gradient(batch: Batch, share: float) -> Batch:
    """The same values, through which only a share of the gradient passes: 1 all of it, 0 none."""
    if share == 1:
        return batch
    if share == 0:
        return batch.detach()
    return batch.map(lambda t: t.detach() + share * (t - t.detach()) if t.is_floating_point() else t)


def stackable(first: Batch, second: Batch) -> bool:
    """Whether `concat` can stack two Batches: equal shapes, or both masked."""
    # Real pictures are float32 and fakes may be bfloat16: stacking promotes. Ids and one-hots never stack.
    same_kind = first.data.is_floating_point() == second.data.is_floating_point()
    same_kind = same_kind and first.data.dim() == second.data.dim()
    if first.mask is not None and second.mask is not None:
        return same_kind
    return same_kind and first.mask is second.mask and first.data.shape[1:] == second.data.shape[1:]


def collate(pairs: Sequence[Pair[Batch]], lengths: Sequence[int] = ()) -> Pair[Batch]:
    """The one collate function: a list of Pairs of single rows to one Pair of Batches.

    Args:
        lengths: masked Batches get the shortest of these that holds their longest row; longer ones stay as they are.
    """
    made = Pair(concat([pair.a for pair in pairs]), concat([pair.b for pair in pairs]))
    return made.map(lambda batch: _lengthened(batch, lengths)) if lengths else made


def _lengthened(batch: Batch, lengths: Sequence[int]) -> Batch:
    if batch.mask is None:
        return batch
    own = batch.data.shape[1]
    length = min((length for length in lengths if length >= own), default=own)
    return Batch(_padded(batch.data, length), _padded(batch.mask, length))


def _padded(tensor: Tensor, longest: int) -> Tensor:
    missing = longest - tensor.shape[1]
    if missing == 0:
        return tensor
    padding: list[Any] = [0, 0] * (tensor.dim() - 2) + [0, missing]
    return torch.nn.functional.pad(tensor, padding)
