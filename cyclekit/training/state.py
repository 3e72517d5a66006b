"""A run on its way: what changes from step to step, and the callbacks that look at it. The loop is `loop.py`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from cyclekit.assembling.assemble import Run
from cyclekit.core.budget import Budget
from cyclekit.training.asking import Asked, GoBack, Keep, Stop

Ending = Literal["finished", "interrupted", "patience"]

Precision = Literal["float32", "bf16", "fp16"]

COMPUTED_IN = {"bf16": torch.bfloat16, "fp16": torch.float16}
"""What autocast multiplies in, by the precision's name."""


@dataclass
class Training:
    """A Run on its way: what changes from step to step. Callbacks get this."""

    run: Run
    folder: Path
    device: torch.device
    """Where the networks are."""
    optimizers: dict[str, torch.optim.Optimizer]
    total_steps: int
    """Steps in all; of a run of a given time, those that it counts on now."""
    steps_per_epoch: int
    precision: Precision
    gradient_clip: float | None = None
    budget: Budget | None = None
    """Where the steps of a run of a given time (`train.budget`) stand in it."""
    scalers: dict[str, torch.amp.GradScaler] = field(init=False)
    """By side: what in fp16 keeps small gradients above zero, and leaves out steps whose gradients are infinite; in
    other precisions they do nothing."""
    step: int = 0
    """Steps done."""
    stage: str | None = None
    """Name of the stage that the last step was in; None where the recipe has none."""
    seconds: float = 0.0
    """Time spent in this run's steps, over all its resumes."""
    asked_to_stop: bool = False
    """Somebody pressed Ctrl-C, or a callback returned an interrupting `Stop`; the next step is the last."""
    enough: str | None = None
    """Why a callback returned `Stop`, in one line; the next step is the last, and the ending is "patience"."""
    stop: Ending | None = None
    """Set at the last step, before the callbacks see it: how training ends."""
    back_to: int | None = None
    """The step of the checkpoint to which a callback wants to go back (`GoBack`), at once."""
    rollbacks: int = 0
    """How often that happened."""
    rate_factor: float = 1.0
    """What rollbacks left of the learning rates."""
    healthy_until: int | None = None
    """The newest checkpoint up to this step is kept to go back to (`Keep`); None: nobody would."""
    sketch: dict[str, list[Any]] = field(default_factory=dict)
    """Of the data, see `resuming.sketch`; empty until somebody asks."""
    changed: list[str] = field(default_factory=list)
    """What this resume changes of the run's settings, in words."""
    memory: dict[str, Any] = field(default_factory=dict)
    """What callbacks want to find again in a checkpoint: plain values that JSON can hold, by their own keys."""
    notes: list[str] = field(default_factory=list)
    """What there is to say of a resume, a sentence each."""
    terms: dict[str, Tensor] = field(default_factory=dict)
    """The last step's raw terms."""

    def __post_init__(self) -> None:
        followers = {name for name, side in self.run.sides.items() if side.loss is None}  # the generators' serves them
        self.scalers = {
            side: torch.amp.GradScaler(self.device.type, enabled=self.precision == "fp16")
            for side in self.optimizers
            if side not in followers
        }

    def autocast(self) -> torch.autocast:
        """The context of a forward pass."""
        kind = COMPUTED_IN.get(self.precision)
        return torch.autocast(self.device.type, kind or torch.bfloat16, enabled=kind is not None)

    @property
    def items(self) -> int:
        """Items in a step, of both domains."""
        return 2 * self.run.recipe.train.batch_size

    @property
    def length(self) -> str:
        """Steps in all, in words: where the clock may still change it, as about so many."""
        about = "about " if self.budget is not None and self.step < self.total_steps else ""
        return f"{about}{self.total_steps:,}"

    @property
    def epoch(self) -> float:
        """Epochs done."""
        return self.step / self.steps_per_epoch


class Callback:
    """Does nothing; a callback overrides what it needs.

    It asks for something by returning it; what stands in a `Training` is the loop's, but for `memory` and `notes`.
    """

    def started(self, training: Training) -> Stop | Keep | None:
        """Before the first step, of a fresh or a resumed training."""

    def stepped(self, training: Training) -> Asked | None:
        """After every step. Once one wants to go back, the callbacks after it are not told of the step."""

    def mends(self, training: Training, error: str) -> GoBack | None:
        """In place of `stepped` where something is not finite: where to go back to; None where it cannot help."""

    def went_back(self, training: Training) -> Stop | Keep | None:
        """Training stands at an earlier checkpoint again, where somebody wanted it."""

    def ended(self, training: Training) -> None:
        """After the last step, finished, interrupted or ended by a callback's wish."""

    def failed(self, training: Training, error: BaseException) -> None:
        """Training broke off with an error; clean up, but save nothing."""
