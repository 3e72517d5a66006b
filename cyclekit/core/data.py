"""Feeding a run, whatever flows: which source is taken, in which order its rows come, and the loader that reads ahead.

The order is a pure function of (seed, step): batch k of a run is the same whether the run came there in one go or was
resumed at k, with any number of worker processes, and a group of processes shares it out without talking.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

import torch
from torch.utils.data import DataLoader, Dataset

from cyclekit.core.batch import Batch, Pair, collate
from cyclekit.core.capabilities import PadsTo
from cyclekit.core.parts import Data
from cyclekit.core.workers import quiet_worker
from cyclekit.registry import RecipeError, argument

T = TypeVar("T")

Source = str | Mapping[str, Any]
"""Where data may come from, as a recipe writes it: `data/monet2photo`, `hub:OWNER/NAME`, `{a: PATH, b: PATH}`."""


class SourceMissing(Exception):
    """A source is not there, for the reason in its text: the next one may be. (A broken one is a `RecipeError`.)"""


class Chosen(NamedTuple, Generic[T]):
    """The source a run takes: what opening it gave, its name, and the ones before it with why they were passed over."""

    opened: T
    name: str
    passed_over: list[tuple[str, str]]


def choose_source(sources: Sequence[Source], open_one: Callable[[Source], T]) -> Chosen[T]:
    """The first source that is there.

    Args:
        open_one: opens a source; raises `SourceMissing` where it is not there, `RecipeError` where it is but broken.

    Raises:
        RecipeError: none is there (the message names every one with its reason), or the first that is, is broken.
    """
    passed_over: list[tuple[str, str]] = []
    for source in sources:
        try:
            return Chosen(open_one(source), source_name(source), passed_over)
        except SourceMissing as missing:
            passed_over.append((source_name(source), str(missing)))
    if not passed_over:
        raise RecipeError("data.sources: is empty; list at least one folder, hub:OWNER/NAME or builtin:NAME")
    listed = "; ".join(f"{name} ({reason})" for name, reason in passed_over)
    raise RecipeError(
        f"data.sources: none is there: {listed}; name one that is, as in {argument('data', 'PATH')} or "
        + argument("data", "builtin:NAME")
    )


def source_name(source: Source) -> str:
    """A source in one line, as messages and results name it."""
    return source if isinstance(source, str) else ", ".join(f"{key}: {value}" for key, value in source.items())


class Key(NamedTuple):
    """One training sample before it is read: a row of each domain, and the seed of its augmentation."""

    index_a: int
    index_b: int
    seed: int


def samples_per_epoch(sizes: Pair[int]) -> int:
    """An epoch passes the larger domain once."""
    return max(sizes)


def steps_per_epoch(sizes: Pair[int], batch_size: int) -> int:
    """Steps of an epoch. Every batch is full: the last one begins the epoch's order again where rows run out."""
    return -(-samples_per_epoch(sizes) // batch_size)


def batches(
    sizes: Pair[int],
    batch_size: int,
    seed: int,
    start: int = 0,
    aligned: bool = False,
    rank: int = 0,
    world: int = 1,
    lengths: Pair[Sequence[int]] | None = None,
) -> Iterator[list[Key]]:
    """The endless stream of batches from step `start` on; batch k depends on (seed, k) alone.

    In each epoch the rows of A come in a shuffled order (again and again if B is larger), those of B at random, as
    published (CycleGAN's unaligned dataset); aligned rows come together.

    Args:
        batch_size: rows of the batch over all processes.
        rank: the process that asks, of `world`; it gets the rank-th slice of each batch.
        lengths: of the rows, where they differ: a batch then holds rows of like length, see `_bucketed`.

    Raises:
        ValueError: an empty domain, aligned domains of different sizes, or a batch that `world` does not divide.
    """
    if min(sizes) < 1:
        raise ValueError(f"both domains need rows, got {sizes.a} and {sizes.b}")
    if aligned and sizes.a != sizes.b:
        raise ValueError(f"aligned domains have as many rows each, got {sizes.a} and {sizes.b}")
    if batch_size < 1 or batch_size % world:
        raise ValueError(f"a batch of {batch_size} cannot be shared by {world} processes: choose a multiple of {world}")
    share = batch_size // world
    steps = steps_per_epoch(sizes, batch_size)
    epoch, first = divmod(start, steps)
    while True:
        columns = _epoch(sizes, steps * batch_size, seed, epoch, aligned)
        if lengths is not None:
            columns = _bucketed(columns, batch_size, lengths, aligned, seed + epoch)
        for step in range(first, steps):
            begin = step * batch_size + rank * share
            yield [Key(*row) for row in zip(*(column[begin : begin + share].tolist() for column in columns))]
        epoch, first = epoch + 1, 0


def _epoch(sizes: Pair[int], count: int, seed: int, epoch: int, aligned: bool) -> tuple[torch.Tensor, ...]:
    """Three columns (count,) of an epoch's keys. Drawn as a whole: resuming costs one epoch's draw, however far in."""
    digest = hashlib.blake2b(f"{seed} {epoch}".encode(), digest_size=7).digest()  # 56 bits: any generator takes them
    generator = torch.Generator().manual_seed(int.from_bytes(digest))
    order = torch.randperm(samples_per_epoch(sizes), generator=generator)
    order = order[torch.arange(count) % len(order)]
    index_b = torch.randint(sizes.b, (count,), generator=generator)
    seeds = torch.randint(2**62, (count,), generator=generator)
    return order % sizes.a, order % sizes.b if aligned else index_b, seeds


WINDOW = 64
"""Batches among which rows are sorted by length: enough for little padding, few enough to stay a random order."""


def _bucketed(
    columns: tuple[torch.Tensor, ...], batch_size: int, lengths: Pair[Sequence[int]], aligned: bool, seed: int
) -> tuple[torch.Tensor, ...]:
    """The same keys in an order whose batches hold rows of like length, short and long batches mixed at random.

    Each domain is sorted by itself, within windows of the epoch's order: the shortest rows of a meet the shortest of b,
    so that a discriminator cannot tell the domains of one batch by their lengths. Aligned rows go by those of a.
    """
    index_a, index_b, seeds = columns
    window = WINDOW * batch_size
    in_window = torch.arange(len(seeds)) // window * (1 + max(max(lengths.a), max(lengths.b)))
    by_a = torch.argsort(in_window + torch.as_tensor(lengths.a)[index_a], stable=True)
    by_b = by_a if aligned else torch.argsort(in_window + torch.as_tensor(lengths.b)[index_b], stable=True)
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(seeds) // batch_size, generator=generator)
    return tuple(
        column[by].view(-1, batch_size)[order].flatten()
        for column, by in ((index_a, by_a), (index_b, by_b), (seeds, by_a))
    )


class PairDataset(Dataset[Pair[Batch]]):
    """Keys to Pairs of single rows, as torch's loader wants them."""

    def __init__(self, data: Data) -> None:
        self.data = data

    def __getitem__(self, key: Key) -> Pair[Batch]:
        """The training rows that `key` names, augmented by its seed."""
        return self.data.training_pair(*key)


class KeyStream:
    """`batches` as an iterable that can be started again: torch's loader calls it a batch sampler."""

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments

    def __iter__(self) -> Iterator[list[Key]]:
        return batches(*self.arguments)


def collating(data: Data) -> Callable[[Sequence[Pair[Batch]]], Pair[Batch]]:
    """How rows of a data part become batches."""
    return partial(collate, lengths=tuple(data.pad_to) if isinstance(data, PadsTo) else ())


def loader(
    data: Data,
    batch_size: int,
    seed: int,
    start: int = 0,
    workers: int = 0,
    device: torch.device | str = "cpu",
    rank: int = 0,
    world: int = 1,
) -> DataLoader[Pair[Batch]]:
    """An endless loader of Pairs of Batches, the first being that of step `start`.

    Args:
        batch_size: rows of the batch over all processes; this one gets batch_size / world of them.
        workers: processes that read ahead; the stream is the same for any number. torch gives each one thread.
        device: where the batches will go; for a GPU they are put into pinned memory.

    Raises:
        RecipeError: a batch that cannot be shared out, an empty or lopsided domain (see `batches`).
    """
    keys = KeyStream(data.sizes, batch_size, seed, start, data.aligned, rank, world, data.lengths)
    try:
        next(iter(keys))
    except ValueError as error:
        raise RecipeError(f"data: {error}") from error
    return DataLoader(
        PairDataset(data),
        batch_sampler=keys,
        collate_fn=collating(data),
        num_workers=workers,
        pin_memory=torch.device(device).type == "cuda",
        persistent_workers=workers > 0,
        worker_init_fn=quiet_worker,
        # The loader draws a seed for its workers when iterated. Nobody uses it, but taken from the global generator it
        # would move that one, and a resumed run would differ from one that went through.
        generator=torch.Generator().manual_seed(0),
    )
