"""Devices are checked before anything is built, and memory that does not suffice is no crash."""

import pytest
import torch

from cyclekit.device import PROCESSES, check_device, check_one_process, fastest, in_memory
from cyclekit.registry import RecipeError


@pytest.mark.parametrize(
    ("device", "line"),
    [
        ("gpu", "device=gpu: no such device; choose auto, cpu, cuda or mps"),
        ("cuda:1", "device=cuda:1: choose one of several GPUs by CUDA_VISIBLE_DEVICES, and device=cuda"),
        ("cuda", "device=cuda: this machine has none; use device=cpu"),
        ("mps", "device=mps: this machine has none; use device=cpu"),
    ],
)
def test_a_device_that_cannot_be_taken(device, line, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(RecipeError) as refused:
        check_device(device)
    assert str(refused.value) == line


def test_the_fastest_that_is_there(monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    for cuda, wanted in ((True, "cuda"), (False, "mps")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=cuda: there)
        assert fastest() == wanted
        check_device(wanted)
    check_device("cpu")
    check_device("auto")


@pytest.mark.parametrize("name", PROCESSES)
def test_one_of_several_processes_is_refused(name, monkeypatch):
    for other in PROCESSES:
        monkeypatch.delenv(other, raising=False)
    for alone in ("", "0", "1", " 1 "):
        monkeypatch.setenv(name, alone)
        check_one_process()
    monkeypatch.setenv(name, "2")
    with pytest.raises(RecipeError, match=f"^{name}=2: training in several processes"):
        check_one_process()


@pytest.mark.parametrize(
    "error", [MemoryError(), torch.OutOfMemoryError("x"), RuntimeError("DefaultCPUAllocator: can't allocate memory")]
)
def test_too_little_memory_is_an_answer(error):
    def full():
        raise error

    assert in_memory(full) is None
    assert in_memory(lambda: 3) == 3


def test_other_errors_are_errors():
    def broken():
        raise RuntimeError("shapes differ")

    with pytest.raises(RuntimeError, match="shapes differ"):
        in_memory(broken)
