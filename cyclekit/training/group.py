"""The group of processes that train a run together, from when they find each other until they part.

The first does all that a run does beside its steps: it writes, speaks, measures and decides, while the others wait.
They draw random numbers of their own, which are a function of seed, step and rank, as the data is one of seed and step:
a checkpoint holds nothing of them, and a resume repeats them all the same.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TypeVar

import torch
import torch.distributed as dist

from cyclekit.assembling.data import seed_everything
from cyclekit.core import processes
from cyclekit.core.adversarial import mixes_rows
from cyclekit.device import SaidElsewhere, fastest, launched, refused_once
from cyclekit.registry import RecipeError, argument
from cyclekit.training.state import Training

T = TypeVar("T")

PATIENCE = datetime.timedelta(days=30)
"""How long a process waits for another that lives: as long as a validation takes. One that died is noticed at once."""

OTHERS_ENOUGH = "the first process wants no more steps"


@contextmanager
def joined(device: str) -> Iterator[None]:
    """One of several processes, if it was started as such, with the others; at the end it waits for them.

    Each takes the GPU of its number on its machine. What goes wrong in several is an error of one, and `SaidElsewhere`
    in the others.

    Args:
        device: as the user says it.

    Raises:
        RecipeError: the processes cannot work together, or one is lost.
    """
    place = launched()
    if place.world == 1:
        yield
        return
    kind = fastest() if device == "auto" else device
    with refused_once():
        if kind not in ("cpu", "cuda"):
            raise RecipeError(
                f"{argument('device', device)}: several processes train on cpu or cuda; choose one of them"
            )
        if kind == "cuda" and place.on_machine > torch.cuda.device_count():
            raise RecipeError(
                f"{place.on_machine} processes on this machine, and it has {torch.cuda.device_count()} GPUs: each "
                f"needs one of its own; start fewer, or train with {argument('device', 'cpu')}"
            )
    if kind == "cuda":
        torch.cuda.set_device(place.local)
    store, _, _ = next(dist.rendezvous("env://", timeout=PATIENCE))
    dist.init_process_group(
        "cpu:gloo,cuda:nccl" if kind == "cuda" else "gloo",
        store=store,
        rank=place.rank,
        world_size=place.world,
        timeout=PATIENCE,
    )
    try:
        yield
        processes.wait()
    except RecipeError as error:
        if not _first_to_say(store):
            raise SaidElsewhere(str(error)) from error
        raise
    finally:
        dist.destroy_process_group()


def _first_to_say(store: dist.Store) -> bool:
    try:
        return store.add("cyclekit said what went wrong", 1) == 1
    except RuntimeError:  # the process that kept the store is the one that is gone
        return True


@contextmanager
def held_by_the_first(work: AbstractContextManager[T]) -> Iterator[T]:
    """What the first process alone enters, such as a lock; all get what it gives."""
    with work if processes.rank() == 0 else nullcontext() as given:
        yield processes.tell(given)  # type: ignore[misc]


def check_group() -> None:
    """Make sure that this process has found the others, if it is one of several.

    Raises:
        RecipeError: it has not: each would train by itself, on the same data.
    """
    if launched().world != processes.world():
        raise RecipeError(
            f"WORLD_SIZE={launched().world}: train with cyclekit.train, or within cyclekit.training.group.joined"
        )


def check_alike(training: Training, sketch: str) -> None:
    """Make sure that all processes train the same run on the same data.

    Raises:
        RecipeError: they do not.
    """
    if not processes.alike(training.run.recipe.dump() + sketch):
        raise RecipeError(
            "the processes see different settings or data: start all by the same command, on the same data"
        )


def note_what_differs(training: Training) -> None:
    """Say where several processes are not one with all rows."""
    networks = [*training.run.networks.generators, *training.run.networks.discriminators]
    if processes.world() > 1 and any(network is not None and mixes_rows(network) for network in networks):
        training.notes.append(
            f"batch norm takes the statistics of each of the {processes.world()} processes' own rows, as if "
            f"train.batch_size were {training.run.recipe.train.batch_size // processes.world()}"
        )


def agree(training: Training) -> bool:
    """After a step: the first's clock and its wish for an end are everybody's; whether anybody was asked to stop."""
    if processes.world() == 1:
        return training.asked_to_stop
    first = processes.rank() == 0
    # A signal that comes from here on counts for the next step, in all of them.
    wishes = [training.asked_to_stop, training.enough is not None, training.seconds if first else 0.0]
    asked, enough, training.seconds = processes.most(wishes)
    if enough and training.enough is None:
        training.enough = OTHERS_ENOUGH
    return bool(asked)


def own_stream(training: Training) -> None:
    """Before a step: another process than the first goes on with random numbers of its own."""
    if (rank := processes.rank()) != 0:
        words = f"{training.run.recipe.train.seed} {training.step} {rank}".encode()
        seed_everything(int.from_bytes(hashlib.blake2b(words, digest_size=7).digest()))
