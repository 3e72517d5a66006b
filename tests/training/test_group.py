"""The group of processes that train together: who may join it, what all agree on, and their random numbers."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from cyclekit.core import processes
from cyclekit.registry import RecipeError
from cyclekit.training.group import (
    OTHERS_ENOUGH,
    agree,
    check_alike,
    check_group,
    held_by_the_first,
    joined,
    note_what_differs,
    own_stream,
)
from tests.commands import call, mistake


def test_processes_that_cannot_find_each_other_are_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("WORLD_SIZE", "2")
    for name in ("RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    line = mistake(call("run", "monet2photo", "--out", tmp_path / "run"))
    assert line.startswith(
        "WORLD_SIZE=2: one of several processes, without RANK and MASTER_ADDR and MASTER_PORT; start"
    )
    assert not (tmp_path / "run").exists()


def training(**changes):
    """As much of a training as its group asks for."""
    recipe = SimpleNamespace(train=SimpleNamespace(seed=3, batch_size=8), dump=lambda: "recipe")
    networks = SimpleNamespace(generators=(nn.Linear(1, 1), None), discriminators=(nn.Linear(1, 1), None))
    settings = {
        "run": SimpleNamespace(recipe=recipe, networks=networks), "step": 5, "asked_to_stop": False, "enough": None,
        "seconds": 1.5, "notes": [],
    }  # fmt: skip
    return SimpleNamespace(**settings | changes)


def several(monkeypatch, world: int, rank: int = 0, most=list, alike=True) -> None:
    """As in one of several processes, which are answered as it is said."""
    monkeypatch.setattr(processes, "world", lambda: world)
    monkeypatch.setattr(processes, "rank", lambda: rank)
    monkeypatch.setattr(processes, "most", most)
    monkeypatch.setattr(processes, "alike", lambda said: alike)
    monkeypatch.setattr(processes, "tell", lambda value: value if rank == 0 else "of the first")


@pytest.mark.parametrize("device", ["mps", "tpu"])
def test_several_processes_train_on_processors_or_cards_alone(monkeypatch, device):
    for name, value in {"WORLD_SIZE": "2", "RANK": "0", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "1"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(RecipeError) as refused, joined(device):
        pass
    assert str(refused.value) == f"device={device}: several processes train on cpu or cuda; choose one of them"


def test_each_process_of_a_machine_has_a_card_of_its_own(monkeypatch):
    for name, value in {"WORLD_SIZE": "2", "RANK": "0", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(RecipeError) as refused, joined("cuda"):
        pass
    assert str(refused.value) == (
        "2 processes on this machine, and it has 1 GPUs: each needs one of its own; start fewer, "
        "or train with device=cpu"
    )


def test_one_process_joins_nothing():
    with joined("no such device"):
        assert processes.world() == 1
    check_group()


def test_one_of_several_that_did_not_find_the_others_trains_nothing(monkeypatch):
    for name, value in {"WORLD_SIZE": "2", "RANK": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "1"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(RecipeError) as refused:
        check_group()
    assert str(refused.value) == ("WORLD_SIZE=2: train with cyclekit.train, or within cyclekit.training.group.joined")


def test_all_train_the_same(monkeypatch):
    several(monkeypatch, 2, alike=False)
    with pytest.raises(RecipeError) as refused:
        check_alike(training(), "sketch")
    assert str(refused.value) == (
        "the processes see different settings or data: start all by the same command, on the same data"
    )
    several(monkeypatch, 2, alike=True)
    check_alike(training(), "sketch")


@given(st.integers(0, 1), st.booleans(), st.booleans(), st.floats(0, 1e6))
def test_the_wish_of_any_and_the_clock_of_the_first_are_everybodys(rank, asked, enough, seconds):
    told = []
    with pytest.MonkeyPatch.context() as patch:
        several(patch, 2, rank, most=lambda wishes: told.append(wishes) or [float(asked), float(enough), seconds])
        own = training(enough="own reason" if enough and rank == 0 else None)
        assert agree(own) is asked
    assert told == [[False, own.enough == "own reason", 1.5 if rank == 0 else 0.0]]
    assert own.seconds == seconds
    assert own.enough == (None if not enough else "own reason" if rank == 0 else OTHERS_ENOUGH)


def test_alone_nobody_has_to_agree():
    own = training(asked_to_stop=True)
    assert agree(own) is True
    assert (own.seconds, own.enough) == (1.5, None)


def test_each_process_has_random_numbers_of_its_own_which_a_resume_repeats(monkeypatch):
    drawn = {}
    for rank in (0, 1, 2, 1):
        for step in (5, 6):
            several(monkeypatch, 3, rank)
            own = training(step=step)
            torch.manual_seed(0)
            own_stream(own)
            drawn.setdefault((rank, step), []).append(torch.rand(1).item())
    torch.manual_seed(0)
    first = torch.rand(1).item()
    assert drawn[0, 5] == drawn[0, 6] == [first], "the first goes on with its own"
    assert drawn[1, 5][0] == drawn[1, 5][1]
    assert len({numbers[0] for numbers in drawn.values()}) == 5


@pytest.mark.parametrize(
    ("world", "layer", "noted"),
    [(2, nn.BatchNorm1d(1), True), (1, nn.BatchNorm1d(1), False), (2, nn.Linear(1, 1), False)],
)
def test_where_several_are_not_one_is_noted(monkeypatch, world, layer, noted):
    several(monkeypatch, world)
    own = training()
    own.run.networks.discriminators = (layer, None)
    note_what_differs(own)
    assert (
        own.notes
        == ["batch norm takes the statistics of each of the 2 processes' own rows, as if train.batch_size were 4"]
        * noted
    )


@pytest.mark.parametrize("rank", [0, 1])
def test_what_the_first_holds_the_others_do_not_enter(monkeypatch, rank):
    entered = []

    @contextmanager
    def lock():
        entered.append(rank)
        yield "a lock"

    several(monkeypatch, 2, rank)
    with held_by_the_first(lock()) as given:
        assert given == ("a lock" if rank == 0 else "of the first")
    assert entered == [0] * (rank == 0)
