"""Worker processes of a loader: found dead where the next batch is asked for, and nowhere else; none stays."""

import os
import signal
import time

import pytest
import torch
from torch.utils.data import DataLoader, Dataset

from cyclekit.core.workers import WorkerGone, batches_of, quiet_worker


class Numbers(Dataset):
    """Tensors, until one that a worker cannot make, or is never done with."""

    def __init__(self, broken=None, slow=0.0, endless=None):
        self.broken, self.slow, self.endless = broken, slow, endless

    def __len__(self):
        return 1000

    def __getitem__(self, index):
        time.sleep(10**6 if index == self.endless else self.slow)
        if index == self.broken:
            raise RuntimeError("row 3 is broken")
        return torch.full((100,), float(index))


def loader(workers, **options):
    return DataLoader(Numbers(**options), batch_size=1, num_workers=workers, worker_init_fn=quiet_worker)


def own_children():
    """The processes that this one started and that still live or wait to be asked for."""
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return {int(pid) for pid in file.read().split()}


@pytest.fixture
def before():
    return own_children()


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_everything_comes_in_order_and_no_process_stays(workers, before):
    rows = [int(batch[0, 0]) for batch, _ in zip(batches_of(loader(workers)), range(50))]
    assert rows == list(range(50))
    assert own_children() == before


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("slow", [0.0, 0.05])
def test_a_worker_that_dies_is_found_at_the_next_batch_and_interrupts_nothing(workers, slow, number, before):
    stream = batches_of(loader(workers, slow=slow))
    next(stream)
    victim = min(own_children() - before)
    os.kill(victim, number)
    os.waitid(os.P_PID, victim, os.WEXITED | os.WNOWAIT)
    time.sleep(0.01)  # work of the main process; torch's own handler would raise here
    with pytest.raises(WorkerGone) as gone:
        next(stream)
    assert str(gone.value) == signal.strsignal(number)
    assert own_children() == before


def test_a_worker_that_dies_while_it_is_waited_for_is_found_too(before):
    stream = batches_of(loader(1, endless=1))
    next(stream)
    (victim,) = own_children() - before
    killer = os.fork()
    if not killer:
        time.sleep(0.1)
        os.kill(victim, signal.SIGKILL)
        os._exit(0)
    with pytest.raises(WorkerGone, match="Killed"):
        next(stream)
    os.waitpid(killer, 0)
    assert own_children() == before


@pytest.mark.parametrize("workers", [0, 2])
def test_a_mistake_in_a_worker_is_no_death(workers, before):
    with pytest.raises(RuntimeError, match="row 3 is broken"):
        list(batches_of(loader(workers, broken=3)))
    assert own_children() == before
