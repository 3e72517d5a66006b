"""What is read of a run folder, whatever is missing or broken in it, and where the run stands."""

import itertools
import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.registry import RecipeError
from cyclekit.report import write_report
from cyclekit.report.run_folder import (
    BLOCK,
    RunFiles,
    State,
    _blocks,
    _parsed,
    budget_of,
    elapsed,
    of_steps,
    read_run,
    state_of,
    time_left,
)
from tests.report.folders import START, make_run, page_of, terms


@pytest.mark.parametrize(
    ("last", "state", "refreshes"),
    [
        ({"kind": "terms", "step": 120}, "Running", True),
        ({"kind": "resume", "step": 120}, "Running", True),
        ({"kind": "end", "step": 120, "seconds": 480.2}, "Finished", False),
        ({"kind": "interrupted", "step": 120}, "Interrupted", False),
        ({"kind": "failed", "step": 120, "message": "cycle.monet is nan"}, "Failed", False),
    ],
)
def test_where_the_run_stands(tmp_path, last, state, refreshes):
    page = page_of(make_run(tmp_path, START, terms(100), last))
    badge = next(a for tag, a in page.tags if "badge" in (a.get("class") or ""))
    assert badge["class"] == f"badge {state.lower()}"
    assert f"demo: {state.lower()}, step 120 of 4,000" in page.text
    assert last.get("message", "") in page.text
    assert any(meta.get("http-equiv") == "refresh" for meta in page.all("meta")) == refreshes


def test_a_log_that_stopped_growing_is_called_silent(tmp_path):
    run = make_run(tmp_path, START, terms(100))
    os.utime(run / "log.jsonl", (time.time() - 3 * 3600,) * 2)
    page = page_of(run)
    assert "No news for 3 h 0 min: it may have been killed." in page.text
    assert not any(meta.get("http-equiv") == "refresh" for meta in page.all("meta"))


def test_a_folder_that_is_no_run_is_one_clear_line(tmp_path):
    with pytest.raises(RecipeError, match="no such folder; a run's folder looks like"):
        write_report(tmp_path / "nowhere")
    make_run(tmp_path / "2026-11-23", START)
    with pytest.raises(RecipeError, match=r"neither recipe.yaml nor log.jsonl; did you mean .*2026-11-23\?"):
        write_report(tmp_path)


def test_a_cut_off_last_line_is_passed_over_and_other_bad_lines_are_counted(tmp_path):
    run = make_run(tmp_path, START, terms(50, **{"cycle.monet": 0.25}))
    with (run / "log.jsonl").open("a") as log:
        log.write('{"kind":"terms","step":100,"te')
    page = page_of(run)
    assert "step 50 of 4,000" in page.text
    assert "cannot be read" not in page.text
    with (run / "log.jsonl").open("a") as log:
        log.write("\n" + json.dumps(terms(150)) + "\n")
    page = page_of(run)
    assert "step 150 of 4,000" in page.text
    assert "log.jsonl: 1 line cannot be read" in page.text


def test_what_a_resume_took_back_is_not_shown(tmp_path):
    lost, kept = terms(90, **{"cycle.monet": 77.7}), terms(60, **{"cycle.monet": 0.125})
    page = page_of(make_run(tmp_path, START, terms(50), lost, {"kind": "resume", "step": 50}, kept))
    assert "77.7" not in page.text
    assert "monet 0.125" in page.text
    assert "step 60 of 4,000" in page.text


def files_of(*log: dict, recipe: dict | None = None, age: float = 0.0) -> RunFiles:
    return RunFiles(Path("run"), recipe or {}, {}, [{"step": 0, **record} for record in log], None, age, [])


def test_a_file_of_another_shape_or_that_cannot_be_read_is_a_complaint(tmp_path, monkeypatch):
    run = make_run(tmp_path, START, recipe="[1, 2]")
    (run / "environment.json").write_bytes(b"\xff")
    files = read_run(run)
    assert (files.recipe, files.environment) == ({}, {})
    assert files.complaints[0] == "recipe.yaml holds no mapping"
    assert files.complaints[1].startswith("environment.json cannot be read: 'utf-8' codec can't decode")

    def no_disk(path):
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr(Path, "read_bytes", no_disk)
    broken = read_run(run)
    assert broken.log == []
    assert "log.jsonl cannot be read: [Errno 5] Input/output error" in broken.complaints[-1]


RECORDS = st.lists(
    st.builds(
        lambda kind, step, padding: {"kind": kind, "step": step, "x": "y" * padding},
        st.sampled_from(["terms", "resume", "start", "stage", "end"]), st.integers(0, 50), st.sampled_from([0, 90_000]),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=40)
@given(RECORDS)
def test_a_log_in_blocks_is_the_log_and_only_its_last_block_changes_while_it_grows(records):
    lines = [json.dumps(record).encode() + b"\n" for record in records]
    blocks = [list(_blocks(b"".join(lines[:count]))) for count in range(len(lines) + 1)]
    assert all(b"".join(found) == b"".join(lines[:count]) for count, found in enumerate(blocks))
    assert all(shorter[:-1] == longer[: len(shorter) - 1] for shorter, longer in itertools.pairwise(blocks))
    assert all(len(block) >= BLOCK for block in blocks[-1][:-1])
    assert [record for block in blocks[-1] for record in _parsed(block)[0]] == records


@settings(max_examples=40)
@given(RECORDS)
def test_steps_go_up_but_where_a_run_was_resumed(tmp_path_factory, records):
    """What training writes goes up; so does what is read of it, whatever was taken back."""
    top, written = 0, []
    for record in records:
        top = min(top, record["step"]) if record["kind"] in ("resume", "start") else top + record["step"]
        written.append({**record, "step": top})
    files = read_run(make_run(tmp_path_factory.mktemp("run"), *written))
    steps = [record["step"] for record in files.log if record["kind"] == "terms" or record["kind"] == "stage"]
    assert steps == sorted(steps)
    assert files.log[-1:] == written[-1:]


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from(["terms", "resume", "start", "interrupted"]), st.integers(-3, 9)), max_size=20)
)
def test_what_a_resume_takes_back_is_what_was_made_on_the_way_after_its_step(tmp_path_factory, written):
    run = make_run(tmp_path_factory.mktemp("run"), *({"kind": kind, "step": step} for kind, step in written))
    kept = []
    for kind, step in written:
        if kind in ("resume", "start"):
            kept = [(other, at) for other, at in kept if other != "terms" or at <= step]
        kept.append((kind, step))
    assert [(record["kind"], record["step"]) for record in read_run(run).log] == kept


@pytest.mark.parametrize(
    ("line", "step"),
    [('{"kind": "x", "step": 1e3}', 1000), ('{"kind": "x"}', 0), ('{"kind": "x", "step": "7"}', 0),
     ('{"kind": "x", "step": 1' + "0" * 400 + "}", 0), ('{"kind": "x", "step": NaN}', 0)],
)  # fmt: skip
def test_a_step_is_a_whole_number_whatever_is_written(line, step):
    assert _parsed(line.encode()) == ([{"kind": "x", "step": step}], 0)


@pytest.mark.parametrize("line", ["[]", "3", '{"step": 4}', '{"kind": ["x"]}', "{", "x"])
def test_a_line_that_is_no_record_is_counted_once_it_is_whole(line):
    assert _parsed(f"{line}\n".encode()) == ([], 1)
    assert _parsed(line.encode()) == ([], 0)


def test_seconds_are_added_up_over_sittings_whether_or_not_their_clock_starts_anew():
    on = [{"kind": "terms", "seconds": 60.0}, {"kind": "resume", "step": 5}, {"kind": "terms", "seconds": 90.0}]
    anew = [{"kind": "terms", "seconds": 60.0}, {"kind": "resume", "step": 5}, {"kind": "terms", "seconds": 30.0}]
    assert elapsed(files_of(*on)) == elapsed(files_of(*anew)) == 90.0
    assert elapsed(files_of(*anew, {"kind": "terms", "seconds": 10**400}, {"kind": "end", "seconds": "x"})) == 90.0


def test_what_is_left_is_the_budget_or_goes_by_the_newest_records():
    records = [{"kind": "start"}, *({"kind": "terms", "step": step, "seconds": 2.0 * step} for step in (10, 20, 40))]
    files = files_of(*records, recipe={"train": {"budget": "10min", "steps": 100}})
    assert (budget_of(files), state_of(files).steps) == (600.0, 100)
    assert time_left(files, state_of(files)) == 600 - 80
    assert of_steps(state_of(files)) == " of about 100"
    files = files_of(*records, recipe={"train": {"steps": 100}})
    assert time_left(files, state_of(files)) == 2.0 * 60
    assert of_steps(state_of(files)) == " of 100"
    assert time_left(files_of(*records[:2]), State("running", 10, 100)) is None
    assert time_left(files, State("finished", 40, 100)) is None


@pytest.mark.parametrize("budget", ["soon", None, [1], 10**400, True])
def test_a_budget_that_is_none_is_none(budget):
    assert budget_of(files_of(recipe={"train": {"budget": budget}})) is None


def test_a_stage_is_told_once_where_it_began():
    files = files_of(*({"kind": "stage", "step": s, "name": n} for s, n in [(1, "x"), (5, "x"), (9, "y"), (10, None)]))
    assert [(record["name"], record["step"]) for record in files.stages()] == [("x", 1), ("y", 9)]
