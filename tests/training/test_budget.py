"""Runs of a given time: they end by the clock, with a whole schedule, and a resume repeats what was settled."""

import json
from itertools import pairwise

import pytest

import cyclekit
from cyclekit.callbacks import default_callbacks
from cyclekit.core.budget import Budget
from cyclekit.recipe.loading import load_recipe
from cyclekit.report.run_folder import budget_of, read_run, state_of, time_left
from cyclekit.runs import checkpoint, history
from cyclekit.training import loop as training
from cyclekit.training.loop import planned, prepare, train
from tests.commands import call, mistake
from tests.pictures import picture_folders
from tests.tiny import TINY_TEXT, even_stages
from tests.training.test_loop import assert_same_weights, tiny_run

SETTINGS = {
    "train__budget": "20s",
    "train__log_every": 1,
    "train__learning_rate": 1.0e-3,
    "train__save_every": 10,
    "train__keep": 100,
}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"))


class Machine:
    """A clock on which every step takes the seconds that it is told."""

    def __init__(self, *each):
        self.each, self.now, self.calls = each, 0.0, 0

    def perf_counter(self):
        self.calls += 1
        if self.calls % 2 == 0:  # at the end of a step
            self.now += self.each[(self.calls // 2 - 1) % len(self.each)]
        return self.now


@pytest.fixture
def on(monkeypatch):
    """Let steps take their time on a machine."""
    return lambda machine: monkeypatch.setattr(training, "time", machine)


def log_of(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def rates(folder):
    return [line["learning_rate"]["generators"] for line in log_of(folder) if line["kind"] == "terms"]


def points(folder):
    return checkpoint.read_state(history.latest(folder))["budget"]


def assert_ended_by_the_clock(folder, seconds, each):
    end = log_of(folder)[-1]
    assert end["kind"] == "end"
    assert abs(end["seconds"] - seconds) <= each
    factors = rates(folder)
    assert factors[0] == 1e-3
    assert factors[-1] < 0.2e-3  # the last of 15 steps, or later
    assert all(one >= then for one, then in pairwise(factors))


@pytest.mark.parametrize("each", [0.4, 1.3])
def test_a_fast_and_a_slow_machine_end_in_time_with_a_whole_schedule(data, on, tmp_path, each):
    on(Machine(each))
    folder = cyclekit.train(tiny_run(data, **SETTINGS), tmp_path / "run")
    assert_ended_by_the_clock(folder, 20, each)
    assert history.steps(folder)[-1] == pytest.approx(20 / each, abs=1)
    assert [line["step"] for line in log_of(folder) if line["kind"] == "budget"] == [
        at for at, *_ in points(folder)[1:]
    ]


def test_a_resumed_run_goes_on_by_what_was_settled_and_is_repeated_by_all_of_it(data, on, tmp_path):
    """Half of it on a machine that is three times as slow; then, from the points alone, the same weights in one go."""
    on(Machine(0.3))
    run = tiny_run(data, **SETTINGS)
    train(run, tmp_path / "run", default_callbacks(), until=33)
    before = points(tmp_path / "run")
    on(Machine(0.9))
    training_ = train(tiny_run(data, **SETTINGS), tmp_path / "run", default_callbacks(), resume=True)
    assert training_.stop == "finished"
    assert_ended_by_the_clock(tmp_path / "run", 20, 0.9)
    settled = points(tmp_path / "run")
    assert settled[: len(before)] == before
    assert len(settled) > len(before)

    on(Machine(0.0))  # a clock that stands still settles nothing
    again = tiny_run(data, **SETTINGS)
    training.train(again, tmp_path / "again", default_callbacks(), until=1)
    checkpoint.amend(history.latest(tmp_path / "again"), {"budget": settled})
    train(tiny_run(data, **SETTINGS), tmp_path / "again", default_callbacks(), resume=True)
    assert_same_weights(tmp_path / "run", tmp_path / "again")


def test_a_longer_budget_goes_on_and_another_kind_of_length_is_refused(data, on, tmp_path):
    on(Machine(0.5))
    folder = cyclekit.train(tiny_run(data, **SETTINGS), tmp_path / "run")
    done = history.steps(folder)[-1]
    ended = call("run", "--resume", folder)
    assert ended.status == 0
    assert f"was done already: {done} steps; train it longer with: " in ended.err
    assert "--set train.budget=40s" in ended.err
    line = mistake(call("run", "--resume", folder, "--set", "train.steps=100"))
    assert line == f"{folder}: its length is counted in time, and stays so; set train.budget to change it"
    line = mistake(call("run", "--resume", folder, "--set", "train.budget=5s"))
    assert line.endswith("train.budget is 5s, and 20 s of it are gone; set more")
    on(Machine(0.5))
    ended = call("run", "--resume", folder, "--set", "train.budget=40s")
    assert ended.status == 0, ended.err
    assert "changed: train.budget ('20s' there, '40s' now)" in ended.err
    assert abs(log_of(folder)[-1]["seconds"] - 40) <= 0.5
    assert load_recipe(folder).train.budget == 40
    assert [(old.until, old.budget) for old in load_recipe(folder).extended] == [(done, 20)]
    after = rates(folder)[done:]
    assert after[0] == pytest.approx(1e-3, rel=0.05)
    assert after[-1] < 0.1e-3
    for kind in ("steps", "epochs"):
        refused = mistake(call("run", "--resume", folder, "--set", f"train.{kind}=1000"))
        assert refused.endswith("its length is counted in time, and stays so; set train.budget to change it")


def test_stages_take_their_shares_of_the_time(on, tmp_path):
    """Steps of the later stages take longer, so that there are fewer of them."""
    stages = even_stages("recipes/formal2informal")
    settings = {**TINY_TEXT, "train.stages": stages, "health.checks": [], "train.budget": "60s"}
    run = cyclekit.load("recipes/formal2informal", overrides=settings)
    there = prepare(run, tmp_path)
    budget, step, seconds = there.budget, 0, 0.0
    began = {}
    while step < budget.steps:
        now, _ = planned(there, step)
        began.setdefault(now.stage.name, seconds)
        seconds += 0.1 * (1 + 3 * (now.stage.name != stages[0]["name"]))
        step += 1
        if budget.due(step, seconds):
            budget.settle(step, seconds)
    assert list(began) == [stage["name"] for stage in stages]
    assert list(began.values()) == pytest.approx([60 * place / len(stages) for place in range(len(stages))], abs=4)
    assert abs(seconds - 60) <= 0.4


def test_the_moving_average_goes_over_a_share_of_the_run(data, tmp_path):
    """0.9 of a thousand steps is as much of any other number of steps."""
    for steps in (50, 1000, 20_000):
        budget = Budget(600)
        budget.points[0] = budget.points[0]._replace(steps=steps)
        kept = 1.0
        for step in range(steps // 2, steps // 2 + steps // 50):
            kept *= 0.9 ** (1000 * budget.share(step))
        assert kept == pytest.approx(0.9**20)


def test_the_report_counts_the_time_that_is_left(data, on, tmp_path):
    on(Machine(0.5))
    folder = tmp_path / "run"
    train(tiny_run(data, **SETTINGS), folder, default_callbacks(), until=24)
    cut = [line for line in log_of(folder) if line["kind"] not in ("interrupted", "end")]
    (folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in cut))
    (folder / "recipe.yaml").write_text(tiny_run(data, **SETTINGS).recipe.dump())
    files = read_run(folder)
    state = state_of(files)
    assert budget_of(files) == 20
    assert (state.steps, state.about) == (40, True)
    assert time_left(files, state) == pytest.approx(8)


@pytest.mark.parametrize(
    ("budget", "complaint"),
    [
        ("soon", "'soon' should be a length of time, such as 90s, 10min or 1h, or a number of seconds"),
        ("0.5", "0.5 should be greater than or equal to 1"),
        ("-60", "-60 should be greater than or equal to 1"),
    ],
)
def test_a_budget_that_is_none_is_refused(budget, complaint):
    line = mistake(call("run", "monet2photo", "--set", f"train.budget={budget}"))
    assert line == f"--set train.budget={budget}: {complaint}"
