"""Will it fit? What a recipe's training takes, what would fit where that is too much, and how long an epoch takes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch

from cyclekit.assembling.assemble import Run
from cyclekit.device import in_memory
from cyclekit.training.loop import precision_of, prepare, read_batches, set_dials, train_step
from cyclekit.training.memory import Needed, needed, stops

MOST_ROWS = 1024
"""The largest batch that is looked at."""

SIDES = 32
"""Pixels: pictures are made smaller by a multiple of so many."""

TIMED = 10.0
"""Seconds of steps after which enough were timed."""


class Fitting:
    """What a run takes on a device, and with which other settings it would take less."""

    def __init__(self, run: Run, device: str) -> None:
        """Predict it for "cpu" or "cuda"; this machine need not have the device."""
        self.run, self.card = run, device.startswith("cuda")
        wanted = run.recipe.train.precision
        native = "bf16" if wanted == "auto" and self.card else precision_of(wanted, not self.card)
        self.predict: Callable[..., Needed] = partial(needed, card=self.card, precision=native)
        self.needed = self.predict(run)
        where = "a CUDA card" if self.card else "a processor"
        self.words = f"{self.needed.words} (on {where}, in {native}, {self._rows()})"

    def _rows(self) -> str:
        batch = self.run.recipe.train.batch_size
        side = self.side
        return f"batch {batch}" if side is None else f"batch {batch}, {side} px"

    @property
    def side(self) -> int | None:
        """Pixels of a training picture's side; None for sentences."""
        row = self.run.data.training_pair(0, 0, 0).a.data
        return int(row.shape[-1]) if row.dim() == 4 else None

    def largest_batch(self, most: int, **others: Any) -> int:
        """The largest batch that takes at most so many bytes; 0: not even one row does."""
        one, two = (self.predict(self.run, batch_size=rows, **others).total for rows in (1, 2))
        if one > most:
            return 0
        rows = min(MOST_ROWS, 1 + max(0, int((most - one) / max(two - one, 1))))
        while rows > 1 and self.predict(self.run, batch_size=rows, **others).total > most:
            rows -= max(1, rows // 20)
        return rows

    def others(self, most: int) -> Iterator[str]:
        """Settings with which it takes at most so many bytes, one after the other."""
        train = self.run.recipe.train
        if rows := self.largest_batch(most):
            yield f"train.batch_size={rows}"
        if crop := self._largest_crop(most):
            yield f"data.crop_size={crop} at a batch of {train.batch_size}"

    def _largest_crop(self, most: int) -> int:
        """The largest crop that takes at most so many bytes; 0: there is none, or no crop."""
        room = most - self.needed.total + self.needed.passing
        if self.side is None or "crop_size" not in self.run.recipe.data.options or room <= 0:
            return 0
        guess = self.side * (room / self.needed.passing) ** 0.5  # what passes goes with the pixels
        side = min(int(guess), self.side - 1) // SIDES * SIDES
        while side > 0 and self.predict(self.run, side=side).total > most:
            side -= SIDES
        return side


class Speed(NamedTuple):
    """How fast a training is on this machine."""

    seconds: float
    """Of a step."""
    steps: int
    """Of an epoch."""

    @property
    def words(self) -> str:
        """Both in words."""
        whole = _long(self.seconds * self.steps)
        return f"{self.seconds:.3g} s a step here; an epoch of {self.steps:,} steps takes {whole}"


def timed(run: Run, device: str) -> Speed | None:
    """How long a training step takes on this machine; None where memory does not suffice.

    Real steps on the run's data for a few seconds, the first of them not counted. The run's weights move.
    """

    def steps() -> Speed:
        training = prepare(run, Path(), device)
        batches = read_batches(training)
        try:
            training.step = stops(training)[-1]
            set_dials(training)
            seconds: list[float] = []
            while len(seconds) < 2 or (sum(seconds) < TIMED and len(seconds) < 20):
                real = next(batches)
                begun = time.perf_counter()
                train_step(training, real)
                if training.device.type == "cuda":
                    torch.cuda.synchronize()
                seconds.append(time.perf_counter() - begun)
        finally:
            batches.close()
        return Speed(statistics.median(seconds[1:]), training.steps_per_epoch)

    return in_memory(steps)


def _long(seconds: float) -> str:
    """A length of time in the unit that fits it."""
    unit, size = next(((unit, size) for unit, size in (("h", 3600), ("min", 60)) if seconds >= 2 * size), ("s", 1))
    return f"{seconds / size:.1f} {unit}"
