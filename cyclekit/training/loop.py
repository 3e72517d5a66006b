"""START HERE. The only training loop there is, for pictures and for text.

What it moves from step to step is the `Training` of `training/state.py`; its checkpoints are in `training/resuming.py`.

Over 300 lines: all that happens between two batches stands here, to be read from the top to the bottom.
"""

from __future__ import annotations

import math
import shlex
import signal
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Literal

import torch
from torch import Tensor

from cyclekit.assembling.assemble import Run
from cyclekit.assembling.networks import modules, unique_parameters
from cyclekit.assembling.objective import build_optimizer
from cyclekit.core import processes
from cyclekit.core.batch import Batch, Pair
from cyclekit.core.budget import Budget
from cyclekit.core.capabilities import Beginning, bootstrap_of
from cyclekit.core.data import loader, steps_per_epoch
from cyclekit.core.parts import Outputs
from cyclekit.core.processes import ProcessLost
from cyclekit.core.workers import WorkerGone, batches_of
from cyclekit.device import fastest, keep_freed_memory, place_on
from cyclekit.recipe import stages
from cyclekit.recipe.train_section import LearningRates
from cyclekit.registry import RecipeError
from cyclekit.runs import folder as runs
from cyclekit.runs import going_on, history
from cyclekit.training.asking import take
from cyclekit.training.graph import EagerStep, GraphedStep, HostPace
from cyclekit.training.group import agree, check_alike, check_group, note_what_differs, own_stream
from cyclekit.training.resuming import go_back, restore, sketch_of
from cyclekit.training.state import Callback, Ending, Precision, Training

SIDES = ("generators", "discriminators")


class NotFinite(RecipeError):
    """A term or a weight became infinite or NaN."""


def train(
    run: Run,
    folder: Path,
    callbacks: Sequence[Callback] = (),
    *,
    device: str = "auto",
    resume: bool = False,
    from_step: int | None = None,
    until: int | None = None,
    changed: Sequence[str] = (),
) -> Training:
    """Train a Run in its folder, from the start or from its newest checkpoint.

    Args:
        folder: the run folder; checkpoints, log, samples and report go there.
        callbacks: what happens beside the steps, in the first of several processes; without any, nothing is written.
        device: "auto", "cpu", "cuda", "cuda:1", "mps".
        resume: go on from the newest checkpoint; the steps that follow are bit for bit those that would have.
            Where a run was killed before its first checkpoint, they are those from the first on.
        from_step: resume from the checkpoint of this step instead; those after it are deleted.
        until: save and stop after this many steps in all, as if interrupted; None for the recipe's length.
        changed: what a resume changes of the run's settings, in words, for the log; its recipe.yaml is written anew.

    Returns:
        The training as it stands at the end; `stop` tells why it stopped.

    Raises:
        RecipeError: a term became infinite or NaN, the disk is full, a process that reads data or trains with this one
            was killed, or a callback gives the run up.
    """
    training = prepare(run, folder, device)
    training.changed = list(changed)
    first = processes.rank() == 0
    callbacks = callbacks if first else ()
    if processes.tell(resume and (from_step is not None or bool(history.steps(folder)))):
        restore(training, from_step)
    _begin(training)
    processes.as_the_first(run.all_networks)
    if training.step > training.total_steps:
        raise RecipeError(
            f"{folder}: has done {training.step:,} steps, and its length is {training.total_steps:,}; "
            "set train.steps or train.epochs above that"
        )
    if resume and changed and first:  # only now, when nothing is refused any more
        going_on.record(folder, run.recipe)
    ready: list[Callback] = []
    with ExitStack() as until_the_end:
        try:
            for callback in callbacks:
                take(training, callback.started(training))
                ready.append(callback)
            until_the_end.enter_context(_interruptible(training))
            with _explained(training):
                _loop(training, callbacks, until)
        except BaseException as error:
            for callback in ready:
                callback.failed(training, error)
            raise
        for callback in callbacks:
            callback.ended(training)
    return training


def _begin(training: Training) -> None:
    """Let the recipe's bootstrap begin the generators, unless they bring weights of their own."""
    run, bootstrap = training.run, bootstrap_of(training.run.objective)
    learned = training.step > 0 or (run.started is not None and run.started.loaded)
    if isinstance(bootstrap, Beginning) and not learned:
        bootstrap.begin(run.networks.generators)


def _loop(training: Training, callbacks: Sequence[Callback], until: int | None) -> None:
    """Batch, step, callbacks; until the last step or until somebody says stop."""
    step, pace = _stepper(training), HostPace(training.device)
    batches = read_batches(training)
    try:
        while training.step < _last(training, until) and training.stop is None:
            begun = time.perf_counter()
            set_dials(training)
            own_stream(training)
            with processes.sharing():
                training.terms = step(next(batches))
            training.step += 1
            _average(training)
            pace.step()
            training.seconds += time.perf_counter() - begun
            asked_to_stop = agree(training)
            _settle(training)
            if training.step == _last(training, until) or asked_to_stop or training.enough is not None:
                training.stop = _ending(training)
            if processes.rank() == 0:
                _tell(training, callbacks)
            training.back_to = processes.tell(training.back_to)
            if training.back_to is not None:
                batches.close()
                go_back(training, training.back_to)
                step.forget()
                for callback in callbacks:
                    take(training, callback.went_back(training))
                batches = read_batches(training)
    finally:
        batches.close()
    training.stop = training.stop or _ending(training)


def _stepper(training: Training) -> GraphedStep | EagerStep:
    """How steps are done: replayed from a graph where there is one, or will be."""
    wanted = training.run.recipe.train.graph
    if wanted is True or (wanted == "auto" and training.device.type == "cuda"):
        return GraphedStep(train_step, training)
    return EagerStep(train_step, training)


def _last(training: Training, until: int | None) -> int:
    return training.total_steps if until is None else min(until, training.total_steps)


def _average(training: Training) -> None:
    """Let moving averages follow, where there are any: over steps or, in a run of a given time, over its shares."""
    run = training.run
    if run.average is None:
        return
    thousandths = 1.0 if training.budget is None else 1000 * training.budget.share(training.step - 1)
    run.average.update(modules(run.networks.generators), training.step, thousandths)
    for name, average in run.side_averages.items():
        average.update(run.sides[name].networks, training.step, thousandths)


def _settle(training: Training) -> None:
    """Where the clock decides the length, settle it when that is due."""
    budget = training.budget
    if budget is not None and budget.due(training.step, training.seconds):
        budget.settle(training.step, training.seconds)
        training.total_steps = budget.steps


def _ending(training: Training) -> Ending:
    if training.step == training.total_steps:
        return "finished"
    return "interrupted" if training.enough is None else "patience"


def _tell(training: Training, callbacks: Sequence[Callback]) -> None:
    """Show the callbacks a step, until one wants it undone; or ask them what to do about one that is not finite."""
    try:
        _check_finite(training)
        for callback in callbacks:
            take(training, callback.stepped(training))
            if training.back_to is not None:
                return
    except NotFinite as error:
        for callback in callbacks:
            take(training, callback.mends(training, str(error)))
            if training.back_to is not None:
                return
        raise


def train_step(training: Training, real: Pair[Batch]) -> dict[str, Tensor]:
    """One step: the generators run once, then each side learns once. Returns the raw terms of both."""
    objective, networks = training.run.objective, training.run.networks
    with training.autocast():
        outputs = objective.outputs(networks.generators, real)
    terms: dict[str, Tensor] = {}
    own = [name for name, side in training.run.sides.items() if side.loss is not None]
    for name in [*(reversed(SIDES) if objective.discriminators_first else SIDES), *own]:
        terms |= _learn(training, name, outputs)
    return terms


def _learn(training: Training, side: str, outputs: Outputs) -> dict[str, Tensor]:
    """One loss, one backward, one optimizer step, for one side."""
    objective, own = training.run.objective, training.run.sides
    own_loss = own[side].loss if side in own else None
    loss_of = objective.generator_loss if side == "generators" else own_loss or objective.discriminator_loss
    with training.autocast():
        loss = loss_of(training.run.networks, outputs)
    if loss is None:
        return {}
    followers = [name for name in own if side == "generators" and own[name].loss is None]
    optimizers = [training.optimizers[name] for name in (side, *followers)]
    for optimizer in optimizers:
        optimizer.zero_grad(set_to_none=True)
    # Only this side's gradients: the generators' loss runs through the discriminators, whose weights need none of it.
    parameters = [parameter for optimizer in optimizers for parameter in optimizer.param_groups[0]["params"]]
    scaler = training.scalers[side]  # does nothing but in fp16
    scaler.scale(loss.total).backward(inputs=parameters)
    terms = processes.average(parameters, loss.terms)
    for optimizer in optimizers:
        scaler.unscale_(optimizer)
    if training.gradient_clip is not None:
        torch.nn.utils.clip_grad_norm_(parameters, training.gradient_clip)
    for optimizer in optimizers:
        scaler.step(optimizer)
    scaler.update()
    return {name: term.detach() for name, term in terms.items()}


def prepare(run: Run, folder: Path, device: str = "auto") -> Training:
    """Put a Run on its device, with optimizers, precision and length settled."""
    check_group()
    settings = run.recipe.train
    if settings.batch_size % processes.world():
        raise RecipeError(
            f"train.batch_size={settings.batch_size}: cannot be shared out to {processes.world()} processes; set a "
            f"multiple of {processes.world()}, it is the batch of all of them"
        )
    place = place_on(device)
    on_cpu = place.type == "cpu"
    precision = precision_of(settings.precision, on_cpu)
    if on_cpu:
        keep_freed_memory()
    for network in run.all_networks:
        network.to(place)
        if _channels_last(place):
            network.to(memory_format=torch.channels_last)
    if settings.compile is True:
        for network in _networks_of(run):
            network.compile()
    training = training_of(run, folder, place, precision)
    if processes.world() > 1:
        check_alike(training, repr(sketch_of(training)))
        note_what_differs(training)
    return training


def training_of(run: Run, folder: Path, device: torch.device, precision: Precision) -> Training:
    """The training of a Run that is on its device already, with optimizers and length settled."""
    settings = run.recipe.train
    learning: dict[str, Iterable[torch.nn.Module | None]] = {side: getattr(run.networks, side) for side in SIDES}
    learning |= {name: [side.networks] for name, side in run.sides.items()}
    optimizers = {
        side: build_optimizer(run.recipe, unique_parameters(networks), _rate(settings.learning_rate, side))
        for side, networks in learning.items()
    }
    in_epoch = steps_per_epoch(run.data.sizes, settings.batch_size)
    budget = None if settings.budget is None else Budget(settings.budget)
    total = budget.steps if budget is not None else settings.steps or (settings.epochs or 0) * in_epoch
    return Training(run, folder, device, optimizers, total, in_epoch, precision, settings.gradient_clip, budget)


def precision_of(wanted: Literal["auto", "float32", "bf16", "fp16"], on_cpu: bool) -> Precision:
    """bf16 where the hardware multiplies it natively: 1.3 to 2 times faster there, slower where it is emulated.

    Raises:
        RecipeError: fp16 on a processor.
    """
    if wanted == "fp16" and on_cpu:
        raise RecipeError("train.precision=fp16: is for CUDA cards without bf16; on a processor set float32 or auto")
    if wanted == "auto":
        native = (
            torch.cpu._is_avx512_bf16_supported()
            if on_cpu
            else torch.cuda.is_available() and torch.cuda.is_bf16_supported()
        )
        return "bf16" if native else "float32"
    return wanted


def _channels_last(device: torch.device) -> bool:
    return device.type == "cuda"


def _networks_of(run: Run) -> Iterator[torch.nn.Module]:
    yield from (generator for generator in run.networks.generators if generator is not None)
    for of_domain in run.networks.discriminators:
        yield from of_domain if of_domain is not None else ()
    for side in run.sides.values():  # a list is called by its members, and would never be compiled itself
        yield from side.networks if isinstance(side.networks, torch.nn.ModuleList) else [side.networks]


def read_batches(training: Training) -> Generator[Pair[Batch]]:
    """The training data from this step on, on the device.

    Raises:
        RecipeError: a process that reads data is gone.
    """
    settings = training.run.recipe.train
    stream = batches_of(
        loader(
            training.run.data,
            settings.batch_size,
            seed=settings.seed,
            start=training.step,
            workers=_workers(settings.workers),
            device=training.device,
            rank=processes.rank(),
            world=processes.world(),
        )
    )
    try:
        with closing(stream):
            for pair in stream:
                yield pair.map(lambda batch: batch.to(training.device))
    except WorkerGone as gone:
        without = shlex.join([*runs.resume_command(training.folder), "--set", "train.workers=0"])
        raise RecipeError(
            f"{training.folder}: a process that reads data was killed ({gone}) at step {training.step}, mostly for "
            f"want of memory; {_kept(training)}. Go on without such processes: {without}"
        ) from gone


def _kept(training: Training) -> str:
    there = history.steps(training.folder)
    return f"the checkpoint of step {there[-1]} is kept" if there else "there is no checkpoint yet"


@contextmanager
def _explained(training: Training) -> Iterator[None]:
    """Say of a process that is gone what it leaves, and how to go on."""
    try:
        yield
    except ProcessLost as lost:
        raise ProcessLost(
            f"{training.folder}: another of the {processes.world()} processes is gone, at step {training.step}; "
            f"{_kept(training)}. Go on: {shlex.join(runs.resume_command(training.folder))}"
        ) from lost


def _workers(wanted: int | str) -> int:
    # On a processor the loader's workers take cores from the step; one keeps a 64 px step fed.
    return int(wanted) if wanted != "auto" else (1 if fastest() == "cpu" else 4)


def set_dials(training: Training) -> None:
    """Turn everything that moves with time to where the coming step wants it: a pure function of the step."""
    now, rates = planned(training, training.step)
    if now is not None:
        training.stage = now.stage.name
        stages.turn(now, training.run.objective, training.run.networks.generators, training.run.dials)
    for side, optimizer in training.optimizers.items():
        for group in optimizer.param_groups:
            if isinstance(group["lr"], Tensor):  # a captured step reads it there
                group["lr"].fill_(rates[side])
            else:
                group["lr"] = rates[side]


def planned(training: Training, step: int) -> tuple[stages.Now | None, dict[str, float]]:
    """Where a step, counted from 0, stands among the stages, and each side's learning rate in it.

    The schedule runs by epochs where the recipe counts epochs (as published), by steps where it counts steps, by time
    where it has a budget of that, and where it has stages through each of them anew.
    """
    settings, run = training.run.recipe.train, training.run
    rates = settings.learning_rate
    clock = stages.clock(run.recipe, step, training.steps_per_epoch, training.budget)
    now = stages.now(settings.stages, clock.done, clock.total, clock.first)
    if now is not None:
        rates = now.stage.learning_rate or rates
        factor = run.schedule(now.done, now.steps)
    elif clock.epochs is not None:
        factor = run.schedule(clock.done // training.steps_per_epoch, clock.epochs)
    else:
        factor = run.schedule(clock.done, clock.total)
    factor = factor if clock.rate is None else clock.rate
    return now, {side: factor * _rate(rates, side) * training.rate_factor for side in training.optimizers}


def _rate(rates: LearningRates, side: str) -> float:
    """A side's learning rate; an objective's own sides have the generators'."""
    return float(getattr(rates, side, rates.generators))


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
            raise NotFinite(
                f"{training.folder}: the term {name} became {value} at step {training.step}; {_kept(training)}. "
                "Try a lower train.learning_rate, or train.precision=float32"
            )


@contextmanager
def _interruptible(training: Training) -> Iterator[None]:
    """The first Ctrl-C (or SIGTERM) lets the step end and be saved; a second one stops at once.

    Not in one of several processes: their launcher passes on what a terminal has sent to all of them already.
    """

    def ask(number: int, frame: FrameType | None) -> None:
        if training.asked_to_stop and processes.world() == 1:
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
    if training.precision != precision_of("auto", device.type == "cpu"):
        native = "as the run began"
    networks = _networks_of(training.run)
    return {
        "device": name,
        "precision": training.precision,
        "precision_because": native if wanted == "auto" else "as set",
        "threads": torch.get_num_threads(),
        "processes": processes.world(),
        "compiled": any(getattr(network, "_compiled_call_impl", None) is not None for network in networks),
    }
