"""A run's checkpoints: what goes into one, going on from the newest, and going back to an earlier one."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cyclekit.assembling.networks import modules
from cyclekit.core import processes
from cyclekit.core.capabilities import Remembered, Remembering, bootstrap_of
from cyclekit.core.duration import written
from cyclekit.core.parts import Data
from cyclekit.registry import RecipeError, argument
from cyclekit.runs import checkpoint, history
from cyclekit.training.optimizer_state import flat_optimizers, restore_optimizers
from cyclekit.training.random_state import random_state, restore_random_state
from cyclekit.training.state import Training

MOST_ROLLBACKS = 3
"""Times a run goes back to an earlier checkpoint before it gives up."""

ROLLBACK_RATE = 0.5
"""What each of them leaves of the learning rates."""


def write_checkpoint(training: Training) -> Path:
    """Write a checkpoint of everything the next step depends on."""
    run = training.run
    optimizer_tensors, optimizer_rest = flat_optimizers(training.optimizers)
    random_tensors, random_rest = random_state()
    tensors: dict[str, Mapping[str, Tensor]] = {
        "generators": modules(run.networks.generators).state_dict(),
        "discriminators": modules(run.networks.discriminators).state_dict(),
        "optimizers": optimizer_tensors,
        "objective": run.objective.state_dict(),
        "random": random_tensors,
    }
    tensors |= {name: side.networks.state_dict() for name, side in run.sides.items()}
    if run.average is not None:
        tensors["average"] = run.average.networks.state_dict()
    tensors |= {of_average(name): average.networks.state_dict() for name, average in run.side_averages.items()}
    if (bootstrap := _remembering(training)) is not None:
        tensors["bootstrap"] = bootstrap.state_dict()
    state = {
        "step": training.step,
        "seconds": training.seconds,
        "precision": training.precision,
        "processes": processes.world(),
        "scalers": {side: scaler.state_dict() for side, scaler in training.scalers.items() if scaler.is_enabled()},
        "source": run.data.source,
        "data": sketch_of(training),
        "stopped": training.enough if training.stop == "patience" else None,
        "rollbacks": training.rollbacks,
        "rate_factor": training.rate_factor,
        "budget": training.budget and training.budget.points,
        "memory": training.memory,
        "optimizers": optimizer_rest,
        "random": random_rest,
    }
    return checkpoint.save(training.folder, training.step, tensors, state, run.data.codecs)


def restore(training: Training, step: int | None = None) -> None:
    """Continue exactly where a checkpoint was taken. Those after it are deleted: their steps are done again.

    Of several processes the first looks for the checkpoint, and the others take up the one that it found.

    Args:
        step: of the checkpoint; None for the newest. Where that one is damaged, the one before it is taken, and
            `training.notes` says so.

    Raises:
        RecipeError: there is none, all are damaged, or it was trained on other data.
    """
    if processes.rank() > 0:
        _continue_from(training, history.folder_of(training.folder, processes.tell(0)))
        return
    there = history.steps(training.folder)
    if step is not None and step not in there:
        listed = ", ".join(map(str, there)) or "none"
        raise RecipeError(f"{argument('from_step', step)}: {training.folder} has no such checkpoint; it has: {listed}")
    damaged: checkpoint.Damaged | None = None
    for candidate in reversed(there) if step is None else [step]:
        try:
            _continue_from(training, history.folder_of(training.folder, candidate))
        except checkpoint.Damaged as error:
            damaged = damaged or error
            continue
        if damaged is not None:
            training.notes.append(f"{damaged.what}; goes on from step {candidate:,}, and does the steps since anew")
        history.discard_after(training.folder, candidate)
        processes.tell(candidate)
        return
    raise damaged or RecipeError(history.no_checkpoint(training.folder))


def _continue_from(training: Training, place: Path) -> None:
    averaged = ["average"] if training.run.average is not None else []
    stems = ["generators", "discriminators", "optimizers", "objective", "random", *averaged, *training.run.sides]
    stems += map(of_average, training.run.side_averages)
    stems += ["bootstrap"] if _remembering(training) is not None else []
    tensors, state = checkpoint.load(place, stems)
    try:
        _take_up(training, place, tensors, state)
    except checkpoint.UNREADABLE as error:
        why = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise RecipeError(f"{place}: the checkpoint does not fit this run ({why})") from error


def of_average(side: str) -> str:
    """The stem of the file with the moving average of an objective's own side."""
    return f"{side}-average"


def _remembering(training: Training) -> Remembering | None:
    """The run's bootstrap, if it has something to remember."""
    bootstrap = bootstrap_of(training.run.objective)
    return bootstrap if isinstance(bootstrap, Remembering) else None


def _take_up(
    training: Training, place: Path, tensors: Mapping[str, Mapping[str, Tensor]], state: Mapping[str, Any]
) -> None:
    run = training.run
    for domain, codec in run.data.codecs._asdict().items():
        with checkpoint.reading(place, f"codec-{domain}/codec.json"):
            changed = codec.changed_since(place / f"codec-{domain}") if isinstance(codec, Remembered) else None
        if changed is not None:
            raise RecipeError(f"{place}: {run.display(domain)}: {changed}")
    _refuse_other_data(training, place, state)
    if (before := state.get("processes", 1)) != processes.world():
        raise RecipeError(
            f"{place}: was trained by {_counted(before)}, and here it would go on by {_counted(processes.world())}; "
            "start as many again"
        )
    if run.recipe.train.precision == "auto" and state["precision"] in ("float32", "bf16"):
        training.precision = state["precision"]  # settled by the machine it began on, and the same on every other
    if state["precision"] != training.precision:
        raise RecipeError(
            f"{place}: was trained in {state['precision']}, and here it would go on in {training.precision}; "
            f"set train.precision={state['precision']}"
        )
    modules(run.networks.generators).load_state_dict(tensors["generators"])
    modules(run.networks.discriminators).load_state_dict(tensors["discriminators"])
    for name, side in run.sides.items():
        side.networks.load_state_dict(tensors[name])
    if run.average is not None:
        run.average.networks.load_state_dict(tensors["average"])
    for name, average in run.side_averages.items():
        average.networks.load_state_dict(tensors[of_average(name)])
    restore_optimizers(training.optimizers, tensors["optimizers"], state["optimizers"])
    run.objective.load_state_dict(
        {
            key: value if key.endswith("random") else value.to(training.device)
            for key, value in tensors["objective"].items()
        }
    )
    if (bootstrap := _remembering(training)) is not None:
        bootstrap.load_state_dict(tensors["bootstrap"])
    restore_random_state(tensors["random"], state["random"])
    for name, scaler in training.scalers.items():
        scaler.load_state_dict(state["scalers"].get(name, {}))  # of one that is not enabled it is empty
    training.step, training.seconds = state["step"], state["seconds"]
    training.rollbacks, training.rate_factor = state.get("rollbacks", 0), state.get("rate_factor", 1.0)
    training.memory = state.get("memory", {})
    if training.budget is not None:
        try:
            training.budget.resume(state["budget"], training.step, training.seconds)
        except ValueError as error:
            raise RecipeError(
                f"{place}: train.budget is {written(training.budget.total)}, and {error}; set more"
            ) from error
        training.total_steps = training.budget.steps
    if state.get("stopped") is not None:  # it ended by itself, and did not change its mind
        training.stop, training.enough = "patience", state["stopped"]


def _counted(processes: int) -> str:
    return "one process" if processes == 1 else f"{processes} processes"


def sketch(data: Data) -> dict[str, list[Any]]:
    """How many items each domain has, and the means of a few of them: enough to tell other data from the same.

    Means, since another machine's JPEG decoder may be off by one here and there.
    """
    rows = range(4)
    places = [[round(row * (size - 1) / (len(rows) - 1)) for row in rows] for size in data.sizes]
    with torch.random.fork_rng(devices=[]):
        pairs = [data.training_pair(a, b, 0) for a, b in zip(*places)]
    means = [[float(batch.data.double().mean()) for batch in pair] for pair in pairs]
    return {"sizes": list(data.sizes), "means": means}


def sketch_of(training: Training) -> dict[str, list[Any]]:
    training.sketch = training.sketch or sketch(training.run.data)
    return training.sketch


def _refuse_other_data(training: Training, place: Path, state: Mapping[str, Any]) -> None:
    """Make sure that the run goes on with what it was trained on, wherever that lies now.

    Raises:
        RecipeError: it would not.
    """
    data, was, now = training.run.data, state.get("data"), sketch_of(training)
    if was is None and state["source"] == data.source:
        return  # a run from before sketches is known by its source alone
    differs = None if was is None else _difference(was, now)
    if was is not None and differs is None:
        return
    told = f" ({differs})" if differs else ""
    if state["source"] != data.source:
        raise RecipeError(
            f"{place}: was trained on {state['source']}, and now the data is {data.source}{told}; "
            f"resume with {argument('data', shlex.quote(state['source']))}"
        )
    raise RecipeError(
        f"{place}: {data.source} is not what it was when the run was trained on it{told}; "
        "bring it back to go on, or start a new run"
    )


def _difference(was: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    """In what two sketches differ, in words; None: they are of the same data."""
    if was["sizes"] != now["sizes"]:
        there, here = (" and ".join(f"{size:,}" for size in sizes) for sizes in (was["sizes"], now["sizes"]))
        return f"{there} training items there, {here} here"
    if any(abs(one - other) > 0.01 for row in zip(was["means"], now["means"]) for one, other in zip(*row)):
        return "as many items as there, and others"
    return None


def go_back(training: Training, step: int) -> None:
    """Forget all steps after a checkpoint's, and go on from it at a lower rate. The time they took was spent.

    Raises:
        RecipeError: the checkpoint is damaged, or the disk is full.
    """
    left = {"rate_factor": training.rate_factor * ROLLBACK_RATE, "rollbacks": training.rollbacks + 1}
    if processes.rank() == 0:
        history.discard_after(training.folder, step)
        # A resume from here goes on at the lower rate too.
        checkpoint.amend(history.folder_of(training.folder, step), left)
    seconds = training.seconds
    restore(training, step)
    training.seconds, training.back_to, training.stop, training.enough = seconds, None, None, None
