"""What callbacks ask for by returning it, and what becomes of a run."""

import json
from types import SimpleNamespace

import pytest

import cyclekit
from cyclekit.callbacks import Callback, GoBack, Keep, Saver, Stop
from cyclekit.callbacks.log import Log
from cyclekit.registry import RecipeError
from cyclekit.runs import history
from cyclekit.training.asking import take
from cyclekit.training.loop import train
from tests.pictures import picture_folders
from tests.tiny import TINY


def training_at(folder, *saved):
    for step in saved:
        history.folder_of(folder, step).mkdir(parents=True)
    return SimpleNamespace(folder=folder, asked_to_stop=False, enough=None, back_to=None, healthy_until=7)


def noted(training):
    return training.asked_to_stop, training.enough, training.back_to, training.healthy_until


@pytest.mark.parametrize(
    ("asked", "becomes"),
    [
        (None, (False, None, None, 7)),
        (Stop("enough"), (False, "enough", None, 7)),
        (Stop("no reader", interrupted=True), (True, None, None, 7)),
        (GoBack(2), (False, None, 2, 7)),
        (Keep(4), (False, None, None, 4)),
        (Keep(None), (False, None, None, None)),
    ],
)
def test_what_is_asked_is_noted(tmp_path, asked, becomes):
    training = training_at(tmp_path, 2)
    take(training, asked)
    assert noted(training) == becomes


def test_the_first_reason_to_stop_is_told(tmp_path):
    training = training_at(tmp_path)
    take(training, Stop("one"))
    take(training, Stop("two"))
    assert training.enough == "one"


@pytest.mark.parametrize("asked", [True, False, 3, "stop", (2,)])
def test_what_nobody_can_ask_for_is_told(tmp_path, asked):
    training = training_at(tmp_path)
    with pytest.raises(RecipeError, match=r"a callback returned .*; it asks by returning Stop\(why\), GoBack\(step\)"):
        take(training, asked)
    assert noted(training) == (False, None, None, 7)


def test_only_a_checkpoint_can_be_gone_back_to(tmp_path):
    with pytest.raises(RecipeError, match="asks to go back to step 3, which has no checkpoint; there are: 2, 4"):
        take(training_at(tmp_path, 2, 4), GoBack(3))
    with pytest.raises(RecipeError, match="there are: none"):
        take(training_at(tmp_path / "new"), GoBack(0))


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    data = picture_folders(tmp_path_factory.mktemp("data"))
    return lambda: cyclekit.load("recipes/monet2photo", profile="published", data=str(data), overrides=TINY)


class Asks(Callback):
    """Returns what it is told to, by step, once each; remembers where it stood."""

    def __init__(self, **asked):
        self.asked, self.steps, self.back = asked, [], []

    def stepped(self, training):
        self.steps.append(training.step)
        return self.asked.pop(f"at_{training.step}", None)

    def mends(self, training, error):
        return self.asked.pop("mends", None)

    def went_back(self, training):
        self.back.append(training.step)


def test_a_run_stops_after_the_step_that_follows(make, tmp_path):
    for name, asked, stop, kind in (
        ("enough", Stop("it is good"), "patience", "stopped"),
        ("interrupted", Stop("no reader", interrupted=True), "interrupted", "interrupted"),
    ):
        (tmp_path / name).mkdir()
        log, asks = Log(), Asks(at_2=asked)
        training = train(make(), tmp_path / name, [log, asks, Saver(log)], device="cpu")
        assert (training.step, training.stop, asks.steps) == (3, stop, [1, 2, 3])
        assert history.steps(tmp_path / name) == [2, 3]
        last = json.loads(log.path.read_text().splitlines()[-1])
        assert (last["kind"], last.get("message")) == (kind, "it is good" if kind == "stopped" else None)


def test_a_run_goes_back_and_the_callbacks_after_it_are_not_told_of_the_step(make, tmp_path):
    log, asks, after = Log(), Asks(at_3=GoBack(2)), Asks()
    training = train(make(), tmp_path, [log, asks, after, Saver(log)], device="cpu")
    assert (training.step, training.stop, training.rollbacks) == (6, "finished", 1)
    assert asks.steps == [1, 2, 3, 3, 4, 5, 6]
    assert after.steps == [1, 2, 3, 4, 5, 6]
    assert asks.back == after.back == [2]


def test_a_callback_of_before_is_heeded_or_told_what_to_return(make, tmp_path):
    class Writes(Callback):
        def stepped(self, training):
            training.asked_to_stop = training.step == 1

    assert train(make(), tmp_path / "writes", [Writes()], device="cpu").step == 2

    class Mends(Callback):
        def stepped(self, training):
            next(training.run.networks.generators.b.parameters()).data.fill_(float("inf"))

        def mends(self, training, error):
            training.back_to = 1
            return True

    with pytest.raises(
        RecipeError, match=r"a callback returned True; it asks by returning Stop\(why\), GoBack\(step\)"
    ):
        train(make(), tmp_path / "mends", [Mends()], device="cpu")
