"""The training step as one CUDA graph: captured once for each shape, then replayed without Python.

A CycleGAN step is some 3,000 launches, and at a batch of 1 the accelerator waits for the processor that makes them. A
graph makes them all at once. What a replay takes from the host is copied into tensors that stay where they are: the
batch, the replay buffers' exchanges, the learning rates, the dials. Without CUDA the same path runs without a capture.

Over 300 lines: what a capture needs of the step, of the dials and of random numbers means nothing alone.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from cyclekit.core import processes
from cyclekit.core.batch import Batch, Pair
from cyclekit.core.replay import ReplayBuffer
from cyclekit.core.terms import CarriesTerms
from cyclekit.training.random_state import random_state, restore_random_state
from cyclekit.training.state import Training

Step = Callable[[Training, Pair[Batch]], dict[str, Tensor]]

WARM = 2
"""Steps that run as they are before a capture: libraries set themselves up in the first ones."""

MOST = 16
"""Graphs at most: more would mean that shapes or settings never repeat."""

AHEAD = 2
"""Steps that the host may be ahead of the accelerator: enough to hide its work, few enough for an honest clock."""


@runtime_checkable
class Capturable(Protocol):
    """An objective whose step a graph may replay: all it does on the host at a step is to draw from these buffers.

    What else it decides or counts in Python would be decided once, at the capture.
    """

    replay_buffers: tuple[ReplayBuffer, ...]


class Uncapturable(Exception):
    """This step cannot be a graph, for the reason in its text."""


class DeviceDial:
    """A dial in a captured step: it decides like the number it was, and multiplies like a tensor on the device.

    Only 0 (off) and 1 (all of it) decide anything; a graph is captured for each, see `_structure`.
    """

    def __init__(self, value: float, tensor: Tensor) -> None:
        self.value, self.tensor = value, tensor

    def __bool__(self) -> bool:
        return self.value != 0

    def __eq__(self, other: object) -> bool:
        if other not in (0, 1):
            raise Uncapturable(f"it compares a dial with {other}, and dials move without a new capture")
        return self.value == other

    __hash__ = None  # type: ignore[assignment]

    def __float__(self) -> float:
        raise Uncapturable("it takes a dial as a plain number, and dials move without a new capture")

    def __mul__(self, other: Any) -> Tensor:
        return self.tensor * other

    def __rmul__(self, other: Any) -> Tensor:
        return other * self.tensor

    def __add__(self, other: Any) -> Tensor:
        return self.tensor + other

    __radd__ = __add__

    def __sub__(self, other: Any) -> Tensor:
        return self.tensor - other

    def __rsub__(self, other: Any) -> Tensor:
        return other - self.tensor

    def __truediv__(self, other: Any) -> Tensor:
        return self.tensor / other


@dataclass
class RecordedStep:
    """One recorded step: where it reads, what it answers, and what the host does before it is replayed."""

    real: Pair[Batch]
    dials: dict[str, Tensor]
    drawing: list[ReplayBuffer]
    """The buffers that it asks, and that the host draws for."""
    replay: Callable[[], Any]
    names: list[str] = field(default_factory=list)
    values: Tensor | None = None
    """(terms,) float32; overwritten by every replay."""


class EagerStep:
    """Does training steps as they are written."""

    def __init__(self, step: Step, training: Training) -> None:
        self.step, self.training = step, training

    def __call__(self, real: Pair[Batch]) -> dict[str, Tensor]:
        """One step; its raw terms."""
        return self.step(self.training, real)

    def forget(self) -> None:
        """Weights, moments or buffers are others now: nothing here depends on them."""


class GraphedStep:
    """Does training steps: the first of a shape as they are, then from a graph."""

    def __init__(self, step: Step, training: Training) -> None:
        self.step, self.training = step, training
        self.on_cuda = training.device.type == "cuda"
        self.recorded: dict[Any, RecordedStep] = {}
        self.warm: Counter[Any] = Counter()
        self.drawing: dict[Any, list[ReplayBuffer]] = {}
        """The buffers that a step of each shape asked."""
        self.eager_because: str | None = None
        """Why steps are not replayed; None while they are, or will be."""
        self.stream = torch.cuda.Stream() if self.on_cuda else None
        self.pool = torch.cuda.graph_pool_handle() if self.on_cuda else None
        self._rates_on_device()
        if processes.world() > 1:
            self._stay_eager("several processes talk to each other in it")
        elif not isinstance(training.run.objective, Capturable):
            self._stay_eager("the objective does not say that it can (attribute `replay_buffers`)")
        elif training.precision == "fp16":
            self._stay_eager("in fp16 a step asks whether the gradients are finite")
        elif not all("capturable" in group for group in self._groups()):
            self._stay_eager("an optimizer counts its steps on the processor (it has no option `capturable`)")
        else:
            for buffer in self._buffers():
                buffer.hold_in_place()

    def __call__(self, real: Pair[Batch]) -> dict[str, Tensor]:
        """One step; its raw terms."""
        if self.eager_because is not None:
            return self.step(self.training, real)
        try:
            if any(batch.mask is not None or batch.logits is not None for batch in real):
                raise Uncapturable("its rows are masked, and so of ever new lengths")
            key = self._key(real)
            recorded = self.recorded.get(key)
            if recorded is not None:
                return self._replayed(recorded, real)
            if self.warm[key] < WARM:
                self.warm[key] += 1
                terms = self._warmed(key, real)
                if any(buffer.capacity and buffer.pool is None for buffer in self._buffers()):
                    self._stay_eager("its replay buffer holds rows of several shapes")
                return terms
            if len(self.recorded) == MOST:
                raise Uncapturable(f"its shapes or dials never repeat: {MOST} captures did not cover them")
            self.recorded[key] = self._captured(key, real)
            return self._replayed(self.recorded[key], real)
        except Uncapturable as reason:  # nothing of the step was done
            self._stay_eager(str(reason))
            return self.step(self.training, real)

    def forget(self) -> None:
        """Drop all graphs: weights, moments or buffers are others now."""
        self.recorded.clear()
        self.warm.clear()
        self._rates_on_device()

    def _stay_eager(self, why: str) -> None:
        self.eager_because = why
        self.training.notes.append(f"every step is launched anew, not replayed from a graph: {why}")
        self.recorded.clear()
        for buffer in self._buffers():
            buffer.hold_in_place(False)

    def _buffers(self) -> tuple[ReplayBuffer, ...]:
        objective = self.training.run.objective
        return objective.replay_buffers if isinstance(objective, Capturable) else ()

    def _key(self, real: Pair[Batch]) -> Any:
        run = self.training.run
        shapes = tuple((tuple(batch.data.shape), batch.data.dtype) for batch in real)
        dials = tuple((name, _structure(getattr(run.objective, name))) for name in self._moving("objective"))
        # A generator's dial may do anything with its number: a graph for each.
        others = tuple(getattr(run.networks.generators.b, name) for name in self._moving("generator"))
        # A term's weight stands in the step as a number: a graph for each.
        terms = run.objective.terms if isinstance(run.objective, CarriesTerms) and self._moving("terms") else ()
        weights = tuple(one.weight for one in terms)
        return shapes, dials, others, weights

    def _moving(self, kind: str) -> list[str]:
        return [name for holder, name in self.training.run.dials if holder == kind]

    def _warmed(self, key: Any, real: Pair[Batch]) -> dict[str, Tensor]:
        """A step as it is, which tells what buffers such a step asks."""
        pools = [buffer.pool for buffer in self._buffers() if buffer.pool is not None]
        for pool in pools:
            pool.asked = False
        if self.stream is None:
            terms = self.step(self.training, real)
        else:
            self.stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(self.stream):
                terms = self.step(self.training, real)
            torch.cuda.current_stream().wait_stream(self.stream)
        self.drawing[key] = [buffer for buffer in self._buffers() if buffer.pool is not None and buffer.pool.asked]
        return terms

    def _captured(self, key: Any, real: Pair[Batch]) -> RecordedStep:
        """Record a step; on CUDA nothing of it happens yet, without it nothing is recorded but the way to do it."""
        places = Pair(*(Batch(torch.empty_like(batch.data)) for batch in real))
        dials = {name: torch.zeros((), device=self.training.device) for name in self._moving("objective")}

        def once() -> None:
            recorded.names, recorded.values = _stacked(self.step(self.training, places))

        def again() -> None:
            with self._driven(recorded):
                once()

        recorded = RecordedStep(places, dials, self.drawing[key], again)
        if not self.on_cuda:
            return recorded
        graph = torch.cuda.CUDAGraph()
        torch.cuda.empty_cache()  # what the warm steps took, the graph takes from a pool of its own
        # Other threads (the loader's, which pins memory) go on with their own calls meanwhile.
        capturing = torch.cuda.graph(graph, self.pool, self.stream, capture_error_mode="thread_local")
        standing = torch.cuda.get_rng_state()
        try:
            with self._driven(recorded), _no_host_random(), capturing:
                once()
        except RuntimeError as error:
            _random_after_failure(standing)
            known = error.__context__
            raise Uncapturable(str(known) if isinstance(known, Uncapturable) else _one_line(error)) from error
        recorded.replay = graph.replay
        return recorded

    def _replayed(self, recorded: RecordedStep, real: Pair[Batch]) -> dict[str, Tensor]:
        for place, batch in zip(recorded.real, real):
            place.data.copy_(batch.data, non_blocking=True)
        for name, tensor in recorded.dials.items():
            tensor.fill_(getattr(self.training.run.objective, name))
        for buffer in recorded.drawing:
            assert buffer.pool is not None
            buffer.pool.fill(buffer)
        recorded.replay()
        assert recorded.values is not None
        return dict(zip(recorded.names, recorded.values.clone().unbind()))

    @contextmanager
    def _driven(self, recorded: RecordedStep) -> Iterator[None]:
        """A step finds what the host draws and turns in its place: while it is recorded, and where nothing can be."""
        objective = self.training.run.objective
        pools = [buffer.pool for buffer in recorded.drawing if buffer.pool is not None]
        standing = {name: getattr(objective, name) for name in recorded.dials}
        try:
            for pool in pools:
                pool.filled_by_host = True
            for name, tensor in recorded.dials.items():
                setattr(objective, name, DeviceDial(standing[name], tensor))
            yield
        finally:
            for pool in pools:
                pool.filled_by_host = False
            for name, value in standing.items():
                setattr(objective, name, value)

    def _rates_on_device(self) -> None:
        """Learning rates become tensors, and Adam counts its steps on the device: a graph reads both anew."""
        for group in self._groups():
            if self.on_cuda and "capturable" in group:
                if not isinstance(group["lr"], Tensor):
                    group["lr"] = torch.tensor(float(group["lr"]), device=self.training.device)
                group["capturable"] = True

    def _groups(self) -> list[dict[str, Any]]:
        return [group for optimizer in self.training.optimizers.values() for group in optimizer.param_groups]


class HostPace:
    """Keeps the host at most `AHEAD` steps before an accelerator, so that seconds counted on it are real ones."""

    def __init__(self, device: torch.device) -> None:
        self.on_cuda = device.type == "cuda"
        self.done: deque[torch.cuda.Event] = deque()

    def step(self) -> None:
        """A step was asked for; wait for the one before those that may be under way."""
        if not self.on_cuda:
            return
        self.done.append(torch.cuda.Event())
        self.done[-1].record()
        if len(self.done) > AHEAD:
            self.done.popleft().synchronize()


def _random_after_failure(state: Tensor) -> None:
    """Give the card's generator a state that no capture holds: a failed one would keep it for ever."""
    generator = torch.cuda.default_generators[torch.cuda.current_device()]
    fresh = torch.Generator(generator.device)
    fresh.set_state(state)
    generator.graphsafe_set_state(fresh.graphsafe_get_state())


def _structure(value: float) -> float | None:
    """What of a dial's value decides which terms there are: off, all of it, or something between."""
    return value if value in (0, 1) else None


def _one_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]


def _stacked(terms: dict[str, Tensor]) -> tuple[list[str], Tensor]:
    return list(terms), torch.stack([term.detach().float().reshape(()) for term in terms.values()])


@contextmanager
def _no_host_random() -> Iterator[None]:
    """Make sure that a step draws no random numbers on the host: a replay would not.

    Raises:
        Uncapturable: it did; the generators stand where they stood.
    """
    tensors, rest = random_state()
    yield
    now, rest_now = random_state()
    if rest_now != rest or any(not torch.equal(now[name], tensors[name]) for name in ("torch", "numpy")):
        restore_random_state(tensors, rest)
        raise Uncapturable("it draws random numbers on the processor at every step")
