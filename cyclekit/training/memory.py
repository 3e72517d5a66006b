"""How much memory a training takes, before it takes any: its steps are done with sizes alone (`sizes.py`).

Counted is what tensors hold, at the worst moment of a step: what PyTorch's allocator gives out, on a processor or a
card. Not counted is what the process has besides: Python and its libraries, work space inside single operations, and
what an allocator keeps or cannot use for its rounding.
"""

from __future__ import annotations

import copy
import functools
import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from cyclekit.assembling.assemble import Run
from cyclekit.core.batch import Batch, Pair
from cyclekit.core.card import on_card, standing_in
from cyclekit.core.data import collating
from cyclekit.core.parts import Data
from cyclekit.training.graph import Capturable
from cyclekit.training.loop import planned, set_dials, train_step, training_of
from cyclekit.training.sizes import Held, Sizes
from cyclekit.training.state import Precision, Training

MIB = 2**20

WORKSPACE = 384 * MIB
"""What a card's allocator takes besides, for the work space of cuBLAS and cuDNN and its own rounding: two measured
peaks were 320 and 516 MiB above what tensors hold (docs/performance.md)."""


class Needed(NamedTuple):
    """Bytes that a training takes at the worst moment of a step."""

    weights: int
    """All networks', buffers and moving averages included."""
    gradients: int
    optimizer: int
    replay: int
    """Of the full buffers."""
    passing: int
    """What else a step holds at once: what is kept for the way back mostly; on a card `WORKSPACE` as well."""
    stage: str | None
    """The stage of training that takes most; None where the recipe has none."""

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.gradients + self.optimizer + self.replay + self.passing

    @property
    def words(self) -> str:
        """All of it and the shares, in MiB."""
        parts = {"weights": self.weights, "gradients": self.gradients, "optimizer": self.optimizer,
                 "replay": self.replay, "activations and what else passes": self.passing}  # fmt: skip
        named = ", ".join(f"{name} {size / MIB:,.0f}" for name, size in parts.items() if size >= MIB / 2)
        stage = "" if self.stage is None else f", most in stage '{self.stage}'"
        return f"{self.total / MIB:,.0f} MiB at the worst moment of a step{stage}: {named}"


def needed(
    run: Run,
    *,
    card: bool = False,
    precision: Precision = "float32",
    batch_size: int | None = None,
    side: int | None = None,
) -> Needed:
    """What a run that is on the processor would take. Nothing of it changes.

    Args:
        card: as its steps are done on a CUDA card, not on a processor.
        precision: what it computes in.
        batch_size: in place of the recipe's.
        side: of square pictures, in place of those of the data.

    Raises:
        RuntimeError: a step needs numbers that are not there, as some plugins' may.
    """
    sizes, held = Sizes(), Held()
    pairs = worst_rows(run.data, batch_size or run.recipe.train.batch_size)
    with ExitStack() as stack:
        stack.callback(_forget_what_was_kept)
        stack.enter_context(torch.random.fork_rng(devices=[]))
        stack.enter_context(standing_in(card))
        training = _without_numbers(run, precision, sizes, held)
        stack.enter_context(sizes)
        stack.enter_context(held)  # sees what the other one gives
        rows = _batch(pairs, side, collating(run.data))
        worst = Needed(0, 0, 0, 0, 0, None)
        for step in stops(training):
            training.step = step
            set_dials(training)
            held.peak = held.now
            train_step(training, rows)
            worst = max(worst, _shared_out(training, held.peak), key=lambda found: found.total)
    return worst._replace(passing=worst.passing + WORKSPACE) if card else worst


def _forget_what_was_kept() -> None:
    """Empty the caches of functions: they may have kept tensors that have no numbers."""
    for kept in gc.get_objects():
        # Not by isinstance: some objects warn of their age where one asks for their `__class__`.
        if type(kept) is functools._lru_cache_wrapper and not str(kept.__module__).startswith("torch"):
            kept.cache_clear()


def stops(training: Training) -> list[int]:
    """Steps that together take what any step takes: the middle of each stage, where ramps are neither at 0 nor at an
    end, and the last of them again, since the first has no moments and no gradients of one before. Stages that do
    nothing that another one does not do as well are left out."""
    places = range(0, max(training.total_steps, 1), max(training.total_steps // 200, 1))
    stages: dict[str | None, list[int]] = {}
    for step in places:
        now, _ = planned(training, step)
        stages.setdefault(None if now is None else now.stage.name, []).append(step)
    does: dict[int, frozenset[object]] = {}
    for steps in stages.values():
        training.step = steps[len(steps) // 2]
        set_dials(training)
        does[training.step] = frozenset(_dials_on(training))
    middles = [step for step, own in does.items() if not any(own < other for other in does.values())]
    return [*middles, middles[-1]]


def _dials_on(training: Training) -> Iterator[object]:
    """What of the objective a step computes; of a generator's dials each value counts as something else."""
    run = training.run
    for holder, name in run.dials:
        value = getattr(run.objective if holder == "objective" else run.networks.generators.b, name)
        if holder != "objective":
            yield name, value
        elif value:
            yield name


def worst_rows(data: Data, count: int) -> list[Pair[Batch]]:
    """The training rows that take most: of sentences the longest; pictures are all taken to be like the first pair."""
    if data.lengths is None:
        return [data.training_pair(0, 0, 0)] * count
    longest = data.lengths.map(lambda lengths: sorted(range(len(lengths)), key=lengths.__getitem__)[::-1])
    of_b = longest.a if data.aligned else longest.b
    return [data.training_pair(longest.a[k % len(longest.a)], of_b[k % len(of_b)], 0) for k in range(count)]


def _batch(
    pairs: list[Pair[Batch]], side: int | None, together: Callable[[list[Pair[Batch]]], Pair[Batch]]
) -> Pair[Batch]:
    """Rows as one batch without numbers: sentences stay what they are."""

    def bare(row: Batch) -> Batch:
        if not row.data.is_floating_point():
            return row
        shape = row.data.shape if side is None else (*row.data.shape[:2], side, side)
        return Batch(torch.empty(shape), row.mask)

    return together([pair.map(bare) for pair in pairs])


def _without_numbers(run: Run, precision: Precision, sizes: Sizes, held: Held) -> Training:
    """The training of a run, with networks and optimizers that have sizes alone."""
    known: dict[int, object] = {id(shared): shared for shared in (run.data, run.recipe, *run.data.codecs)}
    with sizes:
        for tensor in _tensors(run):
            if tensor.is_floating_point() and id(tensor) not in known:
                empty = torch.empty(tensor.shape, dtype=tensor.dtype, memory_format=_order_of(tensor))
                parameter = isinstance(tensor, nn.Parameter)
                known[id(tensor)] = nn.Parameter(empty, tensor.requires_grad) if parameter else empty
    with held:
        bare = copy.deepcopy(run, known)
    for tensor in _tensors(bare):
        held.count(tensor)
    with sizes:
        # bf16 is as large as fp16, and scales nothing.
        return training_of(bare, Path(), torch.device("cpu"), "bf16" if precision == "fp16" else precision)


def _order_of(tensor: Tensor) -> torch.memory_format:
    """How a network's tensor lies in memory where it trains: on a card channels come last."""
    return torch.channels_last if on_card(tensor) and tensor.dim() == 4 else torch.contiguous_format


def _tensors(run: Run) -> Iterator[Tensor]:
    for network in run.all_networks:
        yield from network.parameters()
        yield from network.buffers()


def _shared_out(training: Training, peak: int) -> Needed:
    """A step's peak by what it is for, with the replay buffers full."""
    tensors = {id(tensor): tensor for tensor in _tensors(training.run)}.values()
    weights = _bytes(tensors)
    gradients = _bytes(tensor.grad for tensor in tensors if tensor.grad is not None)
    states = [state for optimizer in training.optimizers.values() for state in optimizer.state.values()]
    moments = _bytes(value for state in states for value in state.values() if isinstance(value, Tensor))
    kept, full = _replay(training)
    passing = max(peak - weights - gradients - moments - kept, 0)
    return Needed(weights, gradients, moments, full, passing, training.stage)


def _replay(training: Training) -> tuple[int, int]:
    """Bytes of the rows that the replay buffers keep, and that they will keep when full."""
    objective = training.run.objective
    kept = full = 0
    for buffer in objective.replay_buffers if isinstance(objective, Capturable) else ():
        own = sum(_bytes(field for field in row if isinstance(field, Tensor)) for row in buffer.rows)
        kept += own
        full += own * buffer.capacity // len(buffer.rows) if buffer.rows else 0
    return kept, full


def _bytes(tensors: Iterable[Tensor]) -> int:
    return sum(tensor.untyped_storage().nbytes() for tensor in tensors)
