"""When a checkpoint is made, what stands in the log then, and what is never saved."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from cyclekit.callbacks import saver
from cyclekit.callbacks.log import read_log
from cyclekit.callbacks.saver import Saver
from cyclekit.training.loop import NotFinite
from tests.callbacks.logged import log_in, training


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A training of two networks whose checkpoints are noted, not written."""
    of_run = training(tmp_path, healthy_until=None)
    of_run.run.networks = SimpleNamespace(generators=(nn.Linear(1, 1), None), discriminators=(nn.Linear(1, 1), None))
    of_run.run.recipe.train.save_every, of_run.run.recipe.train.keep = 3, 2
    of_run.saved, of_run.pruned = [], []
    monkeypatch.setattr(saver, "write_checkpoint", lambda made: of_run.saved.append(made.step))
    monkeypatch.setattr(saver.history, "prune", lambda *arguments: of_run.pruned.append((of_run.step, *arguments)))
    return of_run


def test_it_saves_every_so_many_steps_and_at_the_last_and_only_then_deletes_and_logs(run, tmp_path):
    log = log_in(tmp_path)
    log.write("start", 0)
    for step in range(1, 8):
        run.step, run.stop = step, "finished" if step == 7 else None
        Saver(log).stepped(run)
    assert run.saved == [3, 6, 7]
    assert run.pruned == [(step, tmp_path, 2, None) for step in (3, 6, 7)]
    assert [record["step"] for record in read_log(log.path)[0] if record["kind"] == "checkpoint"] == [3, 6, 7]


@pytest.mark.parametrize("side", ["generators", "discriminators"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_never_saved(run, tmp_path, side, value):
    log = log_in(tmp_path)
    log.write("start", 0)
    with torch.no_grad():
        getattr(run.run.networks, side)[0].bias.fill_(value)
    run.step = 3
    with pytest.raises(NotFinite) as refused:
        Saver(log).stepped(run)
    assert str(refused.value) == f"{tmp_path}: the weight bias is no longer finite; not saved"
    assert run.saved == run.pruned == []
    assert len(read_log(log.path)[0]) == 1


def test_what_a_killed_training_left_is_removed_first(run, tmp_path, monkeypatch):
    done = []
    monkeypatch.setattr(saver.history, "sweep", lambda folder: done.append(("sweep", folder)))
    monkeypatch.setattr(saver.history, "prune", lambda *arguments: done.append(("prune", *arguments)))
    Saver(log_in(tmp_path)).started(run)
    assert done == [("sweep", tmp_path), ("prune", tmp_path, 2, None)]
