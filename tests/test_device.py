"""Devices are checked before anything is built, and memory that does not suffice is no crash."""

import os

import pytest
import torch

from cyclekit.device import check_device, crowded, fastest, in_memory
from cyclekit.recipe.loading import profile_for
from cyclekit.registry import RecipeError


def test_the_fastest_that_is_there(monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    for cuda, wanted in ((True, "cuda"), (False, "mps")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=cuda: there)
        monkeypatch.setattr(torch.cuda, "device_count", lambda there=cuda: int(there))
        assert fastest() == wanted
        check_device(wanted)
    check_device("cpu")
    check_device("auto")


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


@pytest.fixture
def cards(monkeypatch):
    """Says that this machine has so many cards."""
    return lambda count: monkeypatch.setattr(torch.cuda, "device_count", lambda: count)


@pytest.mark.parametrize(
    "device", ["cuda:", "cuda:x", "cuda:-1", "cuda:1.5", "cuda: 1", "cpu:1", "mps:0", "gpu", "", "1"]
)
def test_what_is_no_device(device, cards):
    cards(2)
    with pytest.raises(RecipeError) as refused:
        check_device(device)
    wanted = "choose auto, cpu, cuda, cuda:1 (a card of several) or mps"
    assert str(refused.value) == f"device={device}: no such device; {wanted}"


def test_one_of_several_cards_is_one_that_is_there(cards):
    cards(2)
    for device in ("cuda", "cuda:0", "cuda:1", "auto", "cpu"):
        check_device(device)
    with pytest.raises(RecipeError, match=r"^device=cuda:2: this machine has no such card; it has cuda:0 to cuda:1$"):
        check_device("cuda:2")
    cards(1)
    with pytest.raises(RecipeError, match=r"it has cuda:0 alone$"):
        check_device("cuda:1")
    cards(0)
    with pytest.raises(RecipeError, match=r"^device=cuda:0: this machine has none; use device=cpu$"):
        check_device("cuda:0")


def test_one_of_several_cards_gets_the_profile_of_a_card():
    assert profile_for("monet2photo", None, "cuda:1")[0] == profile_for("monet2photo", None, "cuda")[0] == "gpu"


@pytest.mark.parametrize(("load", "threads", "said"), [(1.2, 2, False), (2.0, 2, True), (9.1, 1, False)])
def test_several_threads_on_a_busy_machine_are_told_of(load, threads, said, monkeypatch):
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0.0, 0.0))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert ("busy machine" in crowded(threads)) is said
    monkeypatch.delattr(os, "getloadavg")  # Windows
    assert crowded(threads) == ""
