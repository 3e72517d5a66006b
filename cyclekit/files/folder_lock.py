"""A folder in which one process works at a time: the lock goes with the process, however that ends."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from cyclekit.registry import RecipeError

try:
    import fcntl
except ImportError:  # no such locks on this system
    fcntl = None  # type: ignore[assignment]

LOCK = ".lock"
"""The file in the folder that is locked. It tells who holds it; one that a kill left behind locks nothing."""

_held: set[int] = set()


@contextmanager
def locked(folder: Path) -> Iterator[str | None]:
    """Work in a folder alone, which is made where it is missing.

    The lock is `flock`'s: it ends with the process, also by SIGKILL or a power cut. NFS keeps it for all machines that
    mount the folder (Linux 2.6.12 and later).

    Yields:
        None; or a sentence, where this file system keeps no locks and nothing holds others off.

    Raises:
        RecipeError: somebody works in it; names the machine and the process.
        OSError: the folder cannot be written.
    """
    path = folder / LOCK
    handle, missing = _take(path)
    _held.add(handle)
    try:
        yield missing
    finally:
        with contextlib.suppress(
            OSError
        ):  # before it is let go: who gets it now sees that it is no longer the folder's
            path.unlink()
        _held.discard(handle)
        os.close(handle)


def _take(path: Path) -> tuple[int, str | None]:
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            continue
        missing = None
        try:
            if fcntl is None:
                missing = f"{path.parent}: this system keeps no locks; nothing holds a second process off this folder"
            else:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = _holder(handle)
            os.close(handle)
            raise RecipeError(f"{path.parent}: {holder} works in it; wait until it has ended, or stop it") from error
        except OSError as error:  # as Lustre does unless it is mounted with flock
            missing = (
                f"{path.parent}: this file system keeps no locks ({error.strerror}); "
                "nothing holds a second process off this folder"
            )
        if _is_still(path, handle):
            os.truncate(handle, 0)
            os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
            return handle, missing
        os.close(handle)  # who held it has taken it away: look again


def _holder(handle: int) -> str:
    """What the holder says of itself, which may take it a moment: until then one that was killed may stand there."""
    for _ in range(100):
        said = os.pread(handle, 300, 0).decode("utf-8", "replace").strip()
        if said and not _is_gone(said):
            return said
        time.sleep(0.05)
    return "another process"


def _is_gone(holder: str) -> bool:
    """Whether a process of this machine, as it wrote itself down, no longer lives."""
    number, _, host = holder.removeprefix("process ").partition(" on ")
    return host == socket.gethostname() and number.isdecimal() and not psutil.pid_exists(int(number))


def _is_still(path: Path, handle: int) -> bool:
    """Whether the open file is the one that stands under this name now."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(handle))
    except FileNotFoundError:
        return False


def _leave_to_the_parent() -> None:
    """A forked child (a loader's worker) has the open file too, and may live on a moment when its parent is killed."""
    for handle in _held:
        os.close(handle)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_the_parent)
