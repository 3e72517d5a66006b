"""START HERE. The only training loop there is, for pictures and for text, and the only importer of accelerate."""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Literal

import torch
from accelerate import Accelerator
from torch import Tensor

from cyclekit import checkpoint, stages
from cyclekit.assemble import Run, modules, unique_parameters
from cyclekit.core.batch import Batch, Pair
from cyclekit.core.data import loader, steps_per_epoch
from cyclekit.core.parts import Outputs
from cyclekit.device import fastest, keep_freed_memory
from cyclekit.registry import RecipeError

SIDES = ("generators", "discriminators")

MOST_ROLLBACKS = 3
"""Times a run goes back to an earlier checkpoint before it gives up."""

ROLLBACK_RATE = 0.5
"""What each of them leaves of the learning rates."""

Ending = Literal["finished", "interrupted", "patience"]


class NotFinite(RecipeError):
    """A term or a weight became infinite or NaN."""


@dataclass
class Training:
    """A Run on its way: what changes from step to step. Callbacks get this."""

    run: Run
    folder: Path
    accelerator: Accelerator
    optimizers: dict[str, torch.optim.Optimizer]
    total_steps: int
    steps_per_epoch: int
    precision: Literal["float32", "bf16"]
    gradient_clip: float | None = None
    step: int = 0
    """Steps done."""
    stage: str | None = None
    """Name of the stage that the last step was in; None where the recipe has none."""
    seconds: float = 0.0
    """Time spent in this run's steps, over all its resumes."""
    asked_to_stop: bool = False
    """Somebody pressed Ctrl-C; the next step is the last."""
    enough: str | None = None
    """Why a callback wants no more steps, in one line; the next step is the last, and the ending is "patience"."""
    stop: Ending | None = None
    """Set at the last step, before the callbacks see it: how training ends."""
    back_to: int | None = None
    """The step of the checkpoint to which a callback wants to go back, at once."""
    rollbacks: int = 0
    """How often that happened."""
    rate_factor: float = 1.0
    """What rollbacks left of the learning rates."""
    healthy_until: int | None = None
    """The newest checkpoint up to this step is kept to go back to; None: nobody would."""
    memory: dict[str, Any] = field(default_factory=dict)
    """What callbacks want to find again in a checkpoint: plain values that JSON can hold, by their own keys."""
    terms: dict[str, Tensor] = field(default_factory=dict)
    """The last step's raw terms."""

    @property
    def device(self) -> torch.device:
        """Where the networks are."""
        return self.accelerator.device

    def autocast(self) -> torch.autocast:
        """The context of a forward pass. Not accelerate's: that is one for the whole process, and runs may differ."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.precision == "bf16")

    @property
    def items(self) -> int:
        """Items in a step, of both domains."""
        return 2 * self.run.recipe.train.batch_size

    @property
    def epoch(self) -> float:
        """Epochs done."""
        return self.step / self.steps_per_epoch


class Callback:
    """Does nothing; a callback overrides what it needs."""

    def started(self, training: Training) -> None:
        """Before the first step, of a fresh or a resumed training."""

    def stepped(self, training: Training) -> None:
        """After every step."""

    def mends(self, training: Training, error: str) -> bool:
        """In place of `stepped` where something is not finite: True if `training.back_to` is set, and all goes on."""
        return False

    def went_back(self, training: Training) -> None:
        """Training stands at an earlier checkpoint again, where `back_to` wanted it."""

    def ended(self, training: Training) -> None:
        """After the last step, finished, interrupted or ended by a callback's wish."""

    def failed(self, training: Training, error: BaseException) -> None:
        """Training broke off with an error; clean up, but save nothing."""


def train(
    run: Run,
    folder: Path,
    callbacks: Sequence[Callback] = (),
    *,
    device: str = "auto",
    resume: bool = False,
    until: int | None = None,
) -> Training:
    """Train a Run in its folder, from the start or from its newest checkpoint.

    Args:
        folder: the run folder; checkpoints, log, samples and report go there.
        callbacks: what happens beside the steps; without any, nothing is written.
        device: "auto", "cpu", "cuda", "mps".
        resume: go on from the newest checkpoint; the steps that follow are bit for bit those that would have.
        until: save and stop after this many steps in all, as if interrupted; None for the recipe's length.

    Returns:
        The training as it stands at the end; `stop` tells why it stopped.

    Raises:
        RecipeError: a term became infinite or NaN, the disk is full, there is nothing to resume, or a callback gives
            the run up.
    """
    training = prepare(run, folder, device)
    if resume:
        restore(training)
    for callback in callbacks:
        callback.started(training)
    try:
        with _interruptible(training):
            _loop(training, callbacks, until)
    except BaseException as error:
        for callback in callbacks:
            callback.failed(training, error)
        raise
    for callback in callbacks:
        callback.ended(training)
    return training


def _loop(training: Training, callbacks: Sequence[Callback], until: int | None) -> None:
    """Batch, step, callbacks; until the last step or until somebody says stop."""
    last = training.total_steps if until is None else min(until, training.total_steps)
    batches = _batches(training)
    while training.step < last and training.stop is None:
        begun = time.perf_counter()
        _set_dials(training)
        training.terms = train_step(training, next(batches))
        training.step += 1
        if training.run.average is not None:
            training.run.average.update(modules(training.run.networks.generators), training.step)
        training.seconds += time.perf_counter() - begun
        if training.step == last or training.asked_to_stop or training.enough is not None:
            training.stop = _ending(training)
        _tell(training, callbacks)
        if training.back_to is not None:
            _go_back(training, training.back_to)
            for callback in callbacks:
                callback.went_back(training)
            batches = _batches(training)
    training.stop = training.stop or _ending(training)


def _ending(training: Training) -> Ending:
    if training.step == training.total_steps:
        return "finished"
    return "interrupted" if training.enough is None else "patience"


def _tell(training: Training, callbacks: Sequence[Callback]) -> None:
    """Show the callbacks a step, until one wants it undone; or ask them what to do about one that is not finite."""
    try:
        _check_finite(training)
        for callback in callbacks:
            callback.stepped(training)
            if training.back_to is not None:
                return
    except NotFinite as error:
        if not any(callback.mends(training, str(error)) for callback in callbacks):
            raise


def _go_back(training: Training, step: int) -> None:
    """Forget all steps after a checkpoint's, and go on from it at a lower rate. The time they took was spent."""
    left = {"rate_factor": training.rate_factor * ROLLBACK_RATE, "rollbacks": training.rollbacks + 1}
    checkpoint.discard_after(training.folder, step)
    checkpoint.amend(checkpoint.folder_of(training.folder, step), left)  # a resume from here goes on at the lower rate
    seconds = training.seconds
    restore(training)
    training.seconds, training.back_to, training.stop, training.enough = seconds, None, None, None


def train_step(training: Training, real: Pair[Batch]) -> dict[str, Tensor]:
    """One step: the generators run once, then each side learns once. Returns the raw terms of both."""
    objective, networks = training.run.objective, training.run.networks
    with training.autocast():
        outputs = objective.outputs(networks.generators, real)
    terms: dict[str, Tensor] = {}
    for side in reversed(SIDES) if objective.discriminators_first else SIDES:
        terms |= _learn(training, side, outputs)
    return terms


def _learn(training: Training, side: str, outputs: Outputs) -> dict[str, Tensor]:
    """One loss, one backward, one optimizer step, for one side."""
    objective, optimizer = training.run.objective, training.optimizers[side]
    loss_of = objective.generator_loss if side == "generators" else objective.discriminator_loss
    with training.autocast():
        loss = loss_of(training.run.networks, outputs)
    if loss is None:
        return {}
    optimizer.zero_grad(set_to_none=True)
    # Only this side's gradients: the generators' loss runs through the discriminators, whose weights need none of it.
    parameters = optimizer.param_groups[0]["params"]
    training.accelerator.backward(loss.total, inputs=parameters)
    if training.gradient_clip is not None:
        torch.nn.utils.clip_grad_norm_(parameters, training.gradient_clip)
    optimizer.step()
    return {name: term.detach() for name, term in loss.terms.items()}


def prepare(run: Run, folder: Path, device: str = "auto") -> Training:
    """Put a Run on its device, with optimizers, precision and length settled."""
    settings = run.recipe.train
    on_cpu = device == "cpu" or (device == "auto" and fastest() == "cpu")
    precision = _precision(settings.precision, on_cpu)
    if on_cpu:
        keep_freed_memory()
    accelerator = Accelerator(cpu=on_cpu)
    for network in [*run.networks.generators, *run.networks.discriminators, run.average and run.average.networks]:
        if network is not None:
            network.to(accelerator.device)
            if _channels_last(accelerator.device):
                network.to(memory_format=torch.channels_last)
    if settings.compile is True or (settings.compile == "auto" and accelerator.device.type == "cuda"):
        for network in _judges_and_generators(run):
            network.compile()
    optimizers: dict[str, torch.optim.Optimizer] = {
        side: torch.optim.Adam(
            unique_parameters(getattr(run.networks, side)),
            lr=getattr(settings.learning_rate, side),
            betas=settings.betas,
            fused=True,
        )
        for side in SIDES
    }
    in_epoch = steps_per_epoch(run.data.sizes, settings.batch_size)
    total = settings.steps if settings.steps is not None else (settings.epochs or 0) * in_epoch
    return Training(run, folder, accelerator, optimizers, total, in_epoch, precision, settings.gradient_clip)


def save(training: Training) -> Path:
    """Write a checkpoint of everything the next step depends on."""
    run = training.run
    optimizer_tensors, optimizer_rest = checkpoint.flat_optimizers(training.optimizers)
    random_tensors, random_rest = checkpoint.random_state()
    tensors: dict[str, Mapping[str, Tensor]] = {
        "generators": modules(run.networks.generators).state_dict(),
        "discriminators": modules(run.networks.discriminators).state_dict(),
        "optimizers": optimizer_tensors,
        "objective": run.objective.state_dict(),
        "random": random_tensors,
    }
    if run.average is not None:
        tensors["average"] = run.average.networks.state_dict()
    state = {
        "step": training.step,
        "seconds": training.seconds,
        "precision": training.precision,
        "source": run.data.source,
        "stopped": training.enough if training.stop == "patience" else None,
        "rollbacks": training.rollbacks,
        "rate_factor": training.rate_factor,
        "memory": training.memory,
        "optimizers": optimizer_rest,
        "random": random_rest,
    }
    return checkpoint.save(training.folder, training.step, tensors, state, run.data.codecs)


def restore(training: Training) -> None:
    """Continue exactly where the newest checkpoint was taken.

    Raises:
        RecipeError: there is none, it is damaged, or it was trained on other data.
    """
    run = training.run
    place = checkpoint.latest(training.folder)
    tensors, state = checkpoint.load(place)
    if state["source"] != run.data.source:
        raise RecipeError(
            f"{place}: was trained on {state['source']}, and now the data is {run.data.source}; "
            f"resume with --data {state['source']}"
        )
    if state["precision"] != training.precision:
        raise RecipeError(
            f"{place}: was trained in {state['precision']}, and here it would go on in {training.precision}; "
            f"set train.precision={state['precision']} in a new run, or resume on the machine it began on"
        )
    modules(run.networks.generators).load_state_dict(tensors["generators"])
    modules(run.networks.discriminators).load_state_dict(tensors.get("discriminators", {}))
    if run.average is not None:
        run.average.networks.load_state_dict(tensors["average"])
    checkpoint.restore_optimizers(training.optimizers, tensors["optimizers"], state["optimizers"])
    run.objective.load_state_dict(
        {
            key: value if key.endswith("random") else value.to(training.device)
            for key, value in tensors.get("objective", {}).items()
        }
    )
    checkpoint.restore_random_state(tensors["random"], state["random"])
    training.step, training.seconds = state["step"], state["seconds"]
    training.rollbacks, training.rate_factor = state.get("rollbacks", 0), state.get("rate_factor", 1.0)
    training.memory = state.get("memory", {})
    if state.get("stopped") is not None:  # it ended by itself, and did not change its mind
        training.stop, training.enough = "patience", state["stopped"]


def _precision(wanted: str, on_cpu: bool) -> Literal["float32", "bf16"]:
    """bf16 where the hardware multiplies it natively: 1.3 to 2 times faster there, slower where it is emulated."""
    if wanted == "auto":
        native = (
            torch.cpu._is_avx512_bf16_supported()
            if on_cpu
            else torch.cuda.is_available() and torch.cuda.is_bf16_supported()
        )
        return "bf16" if native else "float32"
    return "bf16" if wanted == "bf16" else "float32"


def _channels_last(device: torch.device) -> bool:
    return device.type == "cuda"


def _judges_and_generators(run: Run) -> Iterator[torch.nn.Module]:
    yield from (generator for generator in run.networks.generators if generator is not None)
    for panel in run.networks.discriminators:
        yield from panel if panel is not None else ()


def _batches(training: Training) -> Iterator[Pair[Batch]]:
    """The training data from this step on, on the device."""
    settings = training.run.recipe.train
    stream = loader(
        training.run.data,
        settings.batch_size,
        seed=settings.seed,
        start=training.step,
        workers=_workers(settings.workers),
        device=training.device,
    )
    for pair in stream:
        yield pair.map(lambda batch: batch.to(training.device))


def _workers(wanted: int | str) -> int:
    # On a processor the loader's workers take cores from the step; one keeps a 64 px step fed.
    return int(wanted) if wanted != "auto" else (1 if fastest() == "cpu" else 4)


def _set_dials(training: Training) -> None:
    """Turn everything that moves with time to where the coming step wants it: a pure function of the step.

    The schedule runs by epochs where the recipe counts epochs (as published), by steps where it counts steps, and where
    it has stages through each of them anew.
    """
    settings, run = training.run.recipe.train, training.run
    rates = settings.learning_rate
    now = stages.now(settings.stages, training.step, training.total_steps)
    if now is not None:
        training.stage = now.stage.name
        stages.turn(now, run.objective, run.networks.generators, run.dials)
        rates = now.stage.learning_rate or rates
        factor = run.schedule(now.done, now.steps)
    elif settings.epochs is not None:
        factor = run.schedule(int(training.epoch), settings.epochs)
    else:
        factor = run.schedule(training.step, training.total_steps)
    for side, optimizer in training.optimizers.items():
        for group in optimizer.param_groups:
            group["lr"] = factor * getattr(rates, side) * training.rate_factor


def _check_finite(training: Training) -> None:
    """On a processor after every step; on an accelerator, where looking means waiting, when the log looks anyway.

    Raises:
        NotFinite: a term is infinite or NaN.
    """
    looked_at = training.device.type == "cpu" or training.step % training.run.recipe.train.log_every == 0
    if not looked_at:
        return
    for name, term in training.terms.items():
        value = float(term)
        if not math.isfinite(value):
            there = checkpoint.steps(training.folder)
            kept = f"the checkpoint of step {there[-1]} is kept" if there else "there is no checkpoint yet"
            raise NotFinite(
                f"{training.folder}: the term {name} became {value} at step {training.step}; {kept}. "
                "Try a lower train.learning_rate, or train.precision=float32"
            )


@contextmanager
def _interruptible(training: Training) -> Iterator[None]:
    """The first Ctrl-C (or SIGTERM) lets the step end and be saved; a second one stops at once."""

    def ask(number: int, frame: FrameType | None) -> None:
        if training.asked_to_stop:
            raise KeyboardInterrupt
        training.asked_to_stop = True

    try:
        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not in the main thread, where signals cannot be caught: somebody else decides there
        before = {}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def describe_device(training: Training) -> dict[str, Any]:
    """Device, precision and speed settings in words, for the log and the terminal."""
    device, wanted = training.device, training.run.recipe.train.precision
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    native = "bf16 is native here" if training.precision == "bf16" else "no native bf16 here"
    networks = _judges_and_generators(training.run)
    return {
        "device": name,
        "precision": training.precision,
        "precision_because": native if wanted == "auto" else "as set",
        "threads": torch.get_num_threads(),
        "compiled": any(getattr(network, "_compiled_call_impl", None) is not None for network in networks),
    }
