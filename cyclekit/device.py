"""The devices a user may name, and how many processes may train, checked before anything is built for them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from cyclekit.registry import RecipeError, argument

T = TypeVar("T")

DEVICES = ("auto", "cpu", "cuda", "mps")


PROCESSES = ("WORLD_SIZE", "PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE")
"""Variables by which a launcher tells a process of how many it is one; those that accelerate reads."""


def check_one_process() -> None:
    """Make sure that this process is not one of several that were started to train together.

    Raises:
        RecipeError: it is. Each would train by itself, on the same data.
    """
    for name in PROCESSES:
        count = os.environ.get(name, "1").strip()
        if count not in ("", "0", "1"):
            raise RecipeError(
                f"{name}={count}: training in several processes is not supported yet, each would train the whole run; "
                "start one, without torchrun, accelerate launch or mpirun (or unset the variable)"
            )


def check_device(device: str) -> None:
    """Make sure that a device is known and this machine has it.

    Raises:
        RecipeError: it is neither, or one of several GPUs, which is chosen elsewhere.
    """
    if device.startswith("cuda:"):
        raise RecipeError(
            f"{argument('device', device)}: choose one of several GPUs by CUDA_VISIBLE_DEVICES, and "
            + argument("device", "cuda")
        )
    if device not in DEVICES:
        raise RecipeError(f"{argument('device', device)}: no such device; choose auto, cpu, cuda or mps")
    if device in ("cuda", "mps"):
        import torch

        there = torch.cuda.is_available() if device == "cuda" else torch.backends.mps.is_available()
        if not there:
            raise RecipeError(f"{argument('device', device)}: this machine has none; use {argument('device', 'cpu')}")


def fastest() -> str:
    """The fastest device of this machine: "cuda", "mps" or "cpu"."""
    import torch

    return "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"


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
