"""log.jsonl: whole lines, means over steps, cut where a run goes on, and read whatever is in it."""

import json
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.callbacks import Log
from cyclekit.callbacks.log import due, read_log, term_name
from cyclekit.registry import RecipeError
from tests.callbacks.logged import log_in, training


def test_log_tells_its_listeners(tmp_path):
    log, heard = Log(), []
    log.path = tmp_path / "log.jsonl"
    log.listeners.append(heard.append)
    log.write("note", 3, message="x")
    assert heard == [{"kind": "note", "step": 3, "message": "x"}] == [json.loads(log.path.read_text())]


VALUE = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text()
LINES = st.dictionaries(
    st.sampled_from(["x", "message", "values", "name", "terms"]), VALUE | st.dictionaries(st.text(), VALUE)
)


@given(
    st.lists(st.tuples(st.sampled_from(["note", "sample", "start", "checkpoint"]), st.integers(0, 99), LINES)),
    st.integers(0, 40),
)
def test_what_is_written_is_read_and_a_cut_costs_the_last_line_alone(tmp_path_factory, written, cut):
    log = log_in(tmp_path_factory.mktemp("log"))
    for kind, step, fields in written:
        log.write(kind, step, **fields)
    records = [{"kind": kind, "step": step, **fields} for kind, step, fields in written]
    assert read_log(log.path) == (records, 0)
    if written:
        content = log.path.read_bytes()
        last = len(content.splitlines()[-1])
        log.path.write_bytes(content[: len(content) - min(cut, last + 1)])
        # Without its newline the line is whole still.
        assert read_log(log.path) == (records if cut <= 1 else records[:-1], 0)


def test_a_log_that_is_not_there_is_empty_and_a_folder_is_none(tmp_path):
    assert read_log(tmp_path / "log.jsonl") == ([], 0)
    with pytest.raises(RecipeError) as refused:
        read_log(tmp_path)
    assert str(refused.value) == f"{tmp_path}: cannot be read: Is a directory"


@pytest.mark.parametrize(
    "line",
    [
        "[]", "{}", "x", "[" * 100_000, '{"kind": 3, "step": 4}', '{"kind": "note", "step": "4"}',
        '{"kind": "note", "step": true}', '{"kind": "note", "step": 4.0}', '{"kind": "terms", "step": 4}',
        '{"kind": "terms", "step": 4, "per_second": 1, "terms": {"cycle.a": "x"}}', '{"kind": "stage", "step": 4}',
        '{"kind": "metrics", "step": 4, "values": {}, "criterion": "x", "best": true}',
        '{"kind": "metrics", "step": 4, "values": {"a -> b": 3.0}, "criterion": 1, "best": true}',
        '{"kind": "metrics", "step": 4, "values": {"a -> b": {"KID": null}}, "criterion": 1, "best": true}',
        '{"kind": "metrics", "step": 4, "values": {"a -> b": {}}, "criterion": null, "best": true}',
        '{"kind": "terms", "step": 4, "per_second": true, "terms": {}}',
        '{"kind": "terms", "step": 4, "per_second": 1, "terms": {"x": 1' + "0" * 400 + "}}",
        '{"kind": "health", "step": 4, "check": "x"}', '{"kind": "budget", "step": 4, "seconds": 1, "steps": 1.5}',
    ],
)  # fmt: skip
def test_a_line_that_is_no_record_is_counted_and_those_around_it_are_read(tmp_path, line):
    (tmp_path / "log.jsonl").write_text(f'{{"kind": "start", "step": 0}}\n{line}\n\n{{"kind": "end", "step": 9}}\n')
    records, bad = read_log(tmp_path / "log.jsonl")
    assert ([record["kind"] for record in records], bad) == (["start", "end"], 1)


def logging(folder, *written, step=0, **changes):
    """A training whose log was written before, and the log."""
    log = log_in(folder)
    for kind, at, fields in written:
        log.write(kind, at, **fields)
    optimizer = SimpleNamespace(param_groups=[{"lr": 0.5}])
    of_run = training(
        folder, step=step, stage=None, budget=None, terms={}, optimizers={"generators": optimizer}, epoch=1.0,
        changed={}, **changes,
    )  # fmt: skip
    of_run.run.recipe.train.log_every, of_run.run.recipe.profile, of_run.run.recipe.bootstrap = 2, "cpu", None
    of_run.run.data = SimpleNamespace(source="s", description="d", passed_over=[("x", "y")], notes=[])
    of_run.run.display, of_run.run.objective = {"a": "monet", "b": "photo"}.get, None
    return log, of_run


def test_terms_are_means_over_the_steps_in_which_they_were(tmp_path):
    log, run = logging(tmp_path)
    log.started(run)
    for step, terms in enumerate([{"cycle.a": 1.0}, {"cycle.a": 3.0, "total": 7.0}, {"cycle.a": 9.0}], start=1):
        run.step, run.terms = step, {name: torch.tensor(value) for name, value in terms.items()}
        run.stop = "finished" if step == 3 else None
        log.stepped(run)
    log.ended(run)
    records, _ = read_log(log.path)
    assert [record["kind"] for record in records] == ["start", "terms", "terms", "end"]
    assert [record["terms"] for record in records[1:3]] == [{"cycle.monet": 2.0, "total": 7.0}, {"cycle.monet": 9.0}]
    assert records[1]["learning_rate"] == {"generators": 0.5}
    assert log.latest["step"] == 3


def test_a_resumed_log_loses_what_will_come_again_and_says_what_it_left_out(tmp_path):
    written = [
        ("stage", 1, {"name": "warm-up"}),
        ("checkpoint", 4, {}),
        ("note", 5, {}),
        ("stage", 6, {"name": "later"}),
    ]
    log, run = logging(tmp_path, *written, step=5)
    with log.path.open("a") as file:
        file.write('no line\n{"kind": "note", "st')
    log.started(run)
    records, bad = read_log(log.path)
    assert [(record["kind"], record["step"]) for record in records] == [
        ("stage", 1), ("checkpoint", 4), ("note", 5), ("resume", 5), ("note", 5),
    ]  # fmt: skip
    assert records[-1]["message"] == "log.jsonl: 1 line could not be read; left out"
    assert (log.stage, log.saved, bad) == ("warm-up", {4}, 0)


def test_a_stage_is_written_where_it_changes_and_a_checkpoint_once(tmp_path):
    log, run = logging(tmp_path)
    log.started(run)
    for run.step, run.stage in ((1, "x"), (2, "x"), (3, "y")):
        log.stepped(run)
    log.write_checkpoint(tmp_path, 3)
    log.write_checkpoint(tmp_path, 3)
    records, _ = read_log(log.path)
    assert [(r["step"], r["name"]) for r in records if r["kind"] == "stage"] == [(1, "x"), (3, "y")]
    assert [r["folder"] for r in records if r["kind"] == "checkpoint"] == ["checkpoints/step-00000003"]


@pytest.mark.parametrize(
    ("stop", "kind"), [("finished", "end"), ("patience", "stopped"), ("interrupted", "interrupted")]
)
def test_how_it_ended_is_written(tmp_path, stop, kind):
    log, run = logging(tmp_path, stop=stop, enough="no better in 3 looks")
    log.ended(run)
    ((record,), _) = read_log(log.path)
    assert record["kind"] == kind
    assert record.get("message") == ("no better in 3 looks" if stop == "patience" else None)


def test_an_error_without_words_is_told_by_its_kind(tmp_path):
    log, run = logging(tmp_path)
    log.failed(run, ValueError())
    log.failed(run, ValueError("x"))
    assert [record["message"] for record in read_log(log.path)[0]] == ["ValueError", "x"]


def test_names_of_terms_have_the_domains_names():
    run = SimpleNamespace(display={"a": "monet", "b": "photo"}.get)
    names = ["cycle.a", "D.b", "total", "cycle.a.x", "a"]
    assert [term_name(run, name) for name in names] == ["cycle.monet", "D.photo", "total", "cycle.a.x", "a"]


@given(st.integers(1, 30), st.integers(0, 90), st.booleans())
def test_what_happens_every_so_many_steps_happens_at_the_last_too(every, step, last):
    now = SimpleNamespace(step=step, stop="finished" if last else None)
    assert due(now, every) == (last or step in range(0, 91, every))
