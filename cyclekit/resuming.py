"""A run's checkpoints: what goes into one, going on from the newest, and going back to an earlier one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from cyclekit import checkpoint
from cyclekit.assemble import modules
from cyclekit.registry import RecipeError
from cyclekit.training_state import Training

MOST_ROLLBACKS = 3
"""Times a run goes back to an earlier checkpoint before it gives up."""

ROLLBACK_RATE = 0.5
"""What each of them leaves of the learning rates."""


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
    for domain, codec in run.data.codecs._asdict().items():
        changed = getattr(codec, "changed_since", lambda folder: None)(place / f"codec-{domain}")
        if changed is not None:
            raise RecipeError(f"{place}: {run.display(domain)}: {changed}")
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


def go_back(training: Training, step: int) -> None:
    """Forget all steps after a checkpoint's, and go on from it at a lower rate. The time they took was spent.

    Raises:
        RecipeError: the checkpoint is damaged, or the disk is full.
    """
    left = {"rate_factor": training.rate_factor * ROLLBACK_RATE, "rollbacks": training.rollbacks + 1}
    checkpoint.discard_after(training.folder, step)
    checkpoint.amend(checkpoint.folder_of(training.folder, step), left)  # a resume from here goes on at the lower rate
    seconds = training.seconds
    restore(training)
    training.seconds, training.back_to, training.stop, training.enough = seconds, None, None, None
