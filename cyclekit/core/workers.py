"""The worker processes of a loader: read ahead with them, learn that one is gone, and let them go.

torch tells of a worker that died by an exception out of a signal's handler, wherever the main process just is: within a
callback that catches it, or between taking a lock and the line that would release it, and then the process waits for
ever. Here nobody is interrupted: a dead worker is found where the next batch is asked for.
"""

from __future__ import annotations

import signal
from collections.abc import Generator
from typing import Any

import torch
from torch.utils.data import DataLoader


class WorkerGone(Exception):
    """A worker process of a loader has died; its text says by which signal, such as "Killed", where it was one."""


def batches_of(loader: DataLoader[Any]) -> Generator[Any]:
    """A loader's batches; its worker processes end with this iterator, however it ends.

    Raises:
        WorkerGone: a worker has died since the last batch.
    """
    stream = iter(loader)
    _interrupt_nobody(stream)
    try:
        while True:
            if (how := _died(stream)) is not None:
                raise WorkerGone(how)
            try:
                batch = next(stream)
            except StopIteration:
                return
            except (RuntimeError, OSError, EOFError) as error:  # torch's own finding, or a line that was cut
                if (how := _died(stream, wait=True)) is None:
                    raise
                raise WorkerGone(how) from error
            yield batch
    finally:
        _end(stream)


def quiet_worker(_: int) -> None:
    """Ctrl-C, and a cluster's SIGTERM, reach every process of the group; only the main one answers them, by saving."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _interrupt_nobody(stream: Any) -> None:
    """Take the workers off the list of torch's handler of SIGCHLD; asked for a batch, torch looks by itself."""
    if getattr(stream, "_worker_pids_set", False):
        torch._C._remove_worker_pids(id(stream))
        stream._worker_pids_set = False


def _died(stream: Any, wait: bool = False) -> str | None:
    """How a worker process has died, None where none has.

    Args:
        wait: for one that just dies: its line is cut before it counts as dead.
    """
    workers = getattr(stream, "_workers", ())
    for worker in workers if wait else ():
        worker.join(1 / len(workers))
    codes = [worker.exitcode for worker in workers if worker.exitcode is not None]
    if not codes:
        return None
    return signal.strsignal(-codes[0]) or str(codes[0]) if codes[0] < 0 else f"exit status {codes[0]}"


def _end(stream: Any) -> None:
    """Let the worker processes go; none stays.

    Where one died, it may have had a lock in its hands that the others, and torch as it says good-bye, would wait for;
    SIGTERM the others do not hear (see `quiet_worker`), and Python would wait for them as it ends.
    """
    workers = getattr(stream, "_workers", ())
    if _died(stream) is not None:
        stream._shutdown = True
        if (pinning := getattr(stream, "_pin_memory_thread_done_event", None)) is not None:
            pinning.set()
    elif workers:
        stream._shutdown_workers()
    for worker in workers:
        if worker.is_alive():
            worker.kill()
            worker.join()
