"""The devices a user may name, and the processes that were started together, checked before anything is built."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from cyclekit.registry import RecipeError, argument

if TYPE_CHECKING:
    import torch

T = TypeVar("T")

DEVICES = ("auto", "cpu", "cuda", "mps")


OTHER_LAUNCHERS = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE")
"""Variables by which other launchers than torch's tell a process of how many it is one."""


class Launched(NamedTuple):
    """Which of several processes this is, as torchrun and accelerate launch tell it."""

    rank: int = 0
    world: int = 1
    local: int = 0
    """Which of those on its machine."""
    on_machine: int = 1
    """How many are on its machine."""


def launched() -> Launched:
    """Which of how many processes this is, that were started to train together; the only one, mostly.

    Raises:
        RecipeError: it is one of several, and does not know which, or how to find the others.
    """
    said = os.environ.get("WORLD_SIZE", "1").strip()
    if said in ("", "0", "1"):
        for name in OTHER_LAUNCHERS:
            count = os.environ.get(name, "1").strip()
            if count not in ("", "0", "1"):
                raise RecipeError(
                    f"{name}={count}: each of these processes would train the whole run; several train together with "
                    f"torchrun or accelerate launch, one alone without mpirun (or unset {name})"
                )
        return Launched()
    missing = [name for name in ("RANK", "MASTER_ADDR", "MASTER_PORT") if name not in os.environ]
    try:
        rank, world = int(os.environ.get("RANK", "0")), int(said)
        local, on_machine = int(os.environ.get("LOCAL_RANK", rank)), int(os.environ.get("LOCAL_WORLD_SIZE", world))
    except ValueError:
        missing = missing or ["a number in WORLD_SIZE, RANK, LOCAL_RANK and LOCAL_WORLD_SIZE"]
    if missing:
        raise RecipeError(
            f"WORLD_SIZE={said}: one of several processes, without {' and '.join(missing)}; start them with torchrun "
            "or accelerate launch, or one alone (unset WORLD_SIZE)"
        )
    return Launched(rank, world, local, on_machine)


class SaidElsewhere(RecipeError):
    """Something that another of several processes says."""


@contextmanager
def refused_once() -> Iterator[None]:
    """What each of several processes is refused for, the first says, as their launcher numbers them.

    Raises:
        SaidElsewhere: in place of a RecipeError in the others.
    """
    try:
        yield
    except RecipeError as error:
        ranks = ("RANK", "PMI_RANK", "OMPI_COMM_WORLD_RANK", "MV2_COMM_WORLD_RANK")
        if next((os.environ[name] for name in ranks if name in os.environ), "0") == "0":
            raise
        raise SaidElsewhere(str(error)) from error


def refuse_several(command: str) -> None:
    """Make sure that this process is alone.

    Raises:
        RecipeError: it is one of several that were started together.
    """
    if (count := launched().world) > 1:
        raise RecipeError(
            f"WORLD_SIZE={count}: cyclekit {command} works in one process, several would do the same; start one, "
            "without torchrun or accelerate launch (or unset WORLD_SIZE)"
        )


def check_device(device: str) -> None:
    """Make sure that a device is known and this machine has it.

    Args:
        device: "auto", "cpu", "cuda", "mps", or one of several cards: "cuda:1".

    Raises:
        RecipeError: it is unknown, or this machine has it not.
    """
    said = argument("device", device)
    kind, colon, number = device.partition(":")
    if kind not in DEVICES or (colon and (kind != "cuda" or not re.fullmatch("[0-9]{1,3}", number))):
        choices = "auto, cpu, cuda, cuda:1 (a card of several) or mps"
        raise RecipeError(f"{said}: no such device; choose {choices}")
    if kind not in ("cuda", "mps"):
        return
    import torch

    there = torch.cuda.device_count() if kind == "cuda" else int(torch.backends.mps.is_available())
    if not there:
        raise RecipeError(f"{said}: this machine has none; use {argument('device', 'cpu')}")
    if colon and int(number) >= there:
        known = "cuda:0 alone" if there == 1 else f"cuda:0 to cuda:{there - 1}"
        raise RecipeError(f"{said}: this machine has no such card; it has {known}")


def place_on(device: str) -> torch.device:
    """The device that "auto" or a name stands for; of several cards it becomes the one that torch takes by itself."""
    import torch

    place = torch.device(fastest() if device == "auto" else device)
    if place.type == "cuda" and place.index is not None:
        torch.cuda.set_device(place)
    return place


def fastest() -> str:
    """The fastest device of this machine: "cuda", "mps" or "cpu"."""
    import torch

    return "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"


def crowded(threads: int) -> str:
    """A clause that says so where as many programs as there are cores, or more, were running in the last minute, and
    this one would compute in several threads; otherwise nothing.

    Threads that share a small piece of work wait for the slowest; docs/questions.md has a number.
    """
    if threads < 2 or not hasattr(os, "getloadavg"):
        return ""
    running, cores = os.getloadavg()[0], os.cpu_count() or 1
    if running < cores:
        return ""
    return f" on a busy machine (load {running:.0f}, {cores} cores: one thread may be faster, by OMP_NUM_THREADS=1)"


def in_memory(do: Callable[[], T]) -> T | None:
    """What a call gives; None where memory does not suffice for it, of the processor or an accelerator."""
    import torch

    try:
        return do()
    except (MemoryError, torch.OutOfMemoryError):
        return None
    except RuntimeError as error:
        if not any(words in str(error) for words in ("can't allocate memory", "out of memory", "bad_alloc")):
            raise
        return None


def keep_freed_memory() -> None:
    """Have the C library keep large blocks that are freed, instead of giving each back to the system.

    A step on a processor frees and takes the same hundreds of megabytes again; fetched anew, every page is cleared and
    mapped first, which took 10 to 20 % of a step on sentences. Does nothing where the C library is not glibc.
    """
    import ctypes
    import platform

    if platform.libc_ver()[0] == "glibc":
        library = ctypes.CDLL(None)
        library.mallopt(-3, 2**30)  # M_MMAP_THRESHOLD: blocks up to 1 GiB come from the heap,
        library.mallopt(-1, 2**31 - 1)  # M_TRIM_THRESHOLD: whose end stays up to 2 GiB
