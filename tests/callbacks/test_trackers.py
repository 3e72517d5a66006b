"""TensorBoard's files, Weights & Biases and MLflow: what they are told of a run.

The packages themselves are used where they are installed, by the one test that can tell them apart from the stand-ins;
all others run with the stand-ins, under accelerate's own trackers.
"""

import importlib.util
import itertools
import json
import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import cyclekit
from cyclekit.callbacks.trackers import mlflow_name
from cyclekit.core.cell import Cell
from cyclekit.registry import RecipeError
from cyclekit.sheets.cells import Column, Sheet, save_cells
from tests.callbacks.logged import terms
from tests.callbacks.standins import board, forget_packages, install_standins, read_lines, texts, told, tracked
from tests.callbacks.tracked import SETTINGS, read_calls, train_twice
from tests.commands import PATIENCE
from tests.pictures import picture, picture_folders


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"), train=8, test=2)


@pytest.fixture(scope="module")
def resumed(data, tmp_path_factory):
    """The folder of a run that was stopped and resumed, and what its trackers have of it; and what came with it."""
    folder = tmp_path_factory.mktemp("tracked")
    if all(importlib.util.find_spec(name) for name in ("wandb", "mlflow")):
        home, cwd = folder / "home", folder / "cwd"
        home.mkdir()
        cwd.mkdir()
        there = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("WANDB", "MLFLOW", "XDG", "PYTEST"))
        }
        root = str(Path(__file__).parents[2])
        ran = subprocess.run(
            [sys.executable, "-m", "tests.callbacks.tracked", data, folder / "run"],
            env={**there, "HOME": str(home), "PYTHONPATH": root, "OMP_NUM_THREADS": "1"},
            cwd=cwd, capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        (line,) = ran.stdout.splitlines()  # nothing else is said there
        beside = [path for path in [*home.rglob("*"), *cwd.rglob("*")] if path.is_file()]
        assert [path for path in beside if "cyclekit" not in str(path.relative_to(folder))] == []
        return folder / "run", json.loads(line)
    with pytest.MonkeyPatch.context() as patch:
        install_standins(patch, folder / "calls")
        train_twice(data, folder / "run")
        forget_packages()
    return folder / "run", read_calls(read_lines(folder / "calls"))


STEPS = [1, 2, 3, 4]


@pytest.mark.parametrize("tracker", ["wandb", "mlflow"])
def test_trackers_have_every_number_of_a_resumed_run_once_at_its_step(resumed, tracker):
    folder, kept = resumed
    log = read_lines(folder / "log.jsonl")
    numbers = kept[tracker]["numbers"]
    for name, curve in numbers.items():
        assert [step for step, _ in curve] == ([2, 4] if name.startswith("validation/") else STEPS), name
    cycle = [record["terms"]["cycle.monet"] for record in log if record["kind"] == "terms"]
    assert [value for _, value in numbers["terms/cycle.monet"]] == pytest.approx(cycle)
    criterion = [record["criterion"] for record in log if record["kind"] == "metrics"]
    assert [value for _, value in numbers["validation/criterion"]] == pytest.approx(criterion)
    (name,) = [name for name in numbers if name.startswith("validation/monet to photo/structure kept")]
    assert "items per second" in numbers
    assert "learning rate/generators" in numbers


def test_tensorboard_has_the_same_numbers(resumed):
    folder, kept = resumed
    read = board(folder)
    theirs = kept["mlflow"]["numbers"]
    assert set(read.Tags()["scalars"]) == set(theirs)
    for name, curve in theirs.items():
        assert [event.step for event in read.Scalars(name)] == [step for step, _ in curve]
        assert [event.value for event in read.Scalars(name)] == pytest.approx([value for _, value in curve], rel=1e-4)


@pytest.mark.parametrize("tracker", ["wandb", "mlflow"])
def test_settings_are_kept_once(resumed, data, tracker):
    kept = resumed[1][tracker]
    # Weights & Biases has a folder of its own for each resume.
    assert len(kept["settings"]) == (2 if tracker == "wandb" else 1)
    for settings in kept["settings"]:
        assert str(settings["train.batch_size"]) == "1"
        assert settings["data used"].startswith(f"{data}: ")
        assert "trackers" not in settings


def test_findings_and_samples_are_kept(resumed):
    folder, kept = resumed
    log = read_lines(folder / "log.jsonl")
    lines = [f"{record['check']}: {record['finding']}" for record in log if record["kind"] == "health"]
    steps = [record["step"] for record in log if record["kind"] == "health"]
    assert steps == [2, 2, 4, 4]
    assert kept["wandb"]["words"] == {"2": lines[:2], "4": lines[2:]}
    files = [f"health/step-0000000{step}.txt" for step in (2, 4)]
    assert kept["mlflow"]["words"] == {files[0]: lines[:2], files[1]: lines[2:]}
    read = board(folder)
    assert texts(read, "health") == list(zip(steps, lines))
    assert kept["wandb"]["samples"] == [event.step for event in read.Images("samples")] == [0, 2, 4]
    assert kept["mlflow"]["samples"] == [f"samples/step-0000000{step}.png" for step in (0, 2, 4)]


def test_a_resume_goes_on_with_the_same_runs_and_every_ending_is_told(resumed):
    kept = resumed[1]
    assert len(kept["wandb"]["starts"]) == 2
    assert len(set(kept["wandb"]["starts"])) == 1
    assert kept["wandb"]["endings"] == [130, 0]
    # MLflow itself shows one run; the stand-in both starts of it.
    assert kept["mlflow"]["starts"][-1]
    assert kept["mlflow"]["starts"] in ([None, "r1"], kept["mlflow"]["starts"][-1:])
    assert kept["mlflow"]["endings"] in (["KILLED", "FINISHED"], ["FINISHED"])


def test_a_resume_may_have_other_trackers(resumed, data):
    run = cyclekit.load("monet2photo", profile="published", data=data, overrides=SETTINGS | {"trackers": []})
    assert cyclekit.train(run, resumed[0], resume=True, device="cpu") == resumed[0]


def test_nothing_is_tracked_unless_asked_for(tmp_path, calls):
    log, callback, training = tracked(tmp_path, [])
    callback.started(training)
    log.write(**terms(50), learning_rate={})
    callback.ended(training)
    assert not (tmp_path / "calls").exists()
    # TensorBoard's files are always written.
    assert len(list((tmp_path / "tensorboard").glob("events.*"))) == 1
    assert [event.step for event in board(tmp_path).Scalars("terms/cycle.monet")] == [50]


def test_a_tracker_that_fails_is_left_out_and_the_log_says_so(tmp_path, calls):
    log, callback, training = tracked(tmp_path, ["wandb", "mlflow"])
    callback.started(training)

    def gone(values, step):
        raise ConnectionError("the service is gone\nand more")

    (ours,) = [tracker for tracker in callback.trackers if tracker.name == "wandb"]
    ours.numbers = gone
    for step in (50, 100):
        log.write(**terms(step, **{"cycle.monet": float("nan")}), learning_rate={})
    callback.ended(training)
    records = read_lines(log.path)
    notes = [record["message"] for record in records if record["kind"] == "note"]
    assert notes == ["wandb gets nothing more of this run: the service is gone"]
    numbers = told(calls(), "mlflow", "log")
    assert [step for step, _ in numbers] == [50, 100]
    assert "terms/cycle.monet" not in numbers[0][1]  # not a number
    assert told(calls(), "wandb", "finish") == [1]  # closed at once, so that a later run may start


def test_a_full_disk_ends_tensorboard_in_one_line(tmp_path, calls, monkeypatch):
    """Its thread would print a traceback; what other threads die of is told as ever."""
    told = []
    monkeypatch.setattr(threading, "excepthook", lambda error: told.append(error.exc_value))
    log, callback, training = tracked(tmp_path, [])
    callback.started(training)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, before[1]))
    try:
        end = time.monotonic() + PATIENCE
        for step in itertools.count(50, 50):
            callback.hear({"kind": "failed", "step": step, "message": "x" * 10_000})
            if not callback.trackers:
                break
            assert time.monotonic() < end, "it took too long"
            time.sleep(0.01)  # as steps take: it writes beside them
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    callback.ended(training)
    notes = [record["message"] for record in read_lines(log.path) if record["kind"] == "note"]
    assert notes == ["tensorboard gets nothing more of this run: [Errno 27] File too large"]
    assert told == []
    other = threading.Thread(target=lambda: 1 / 0)
    other.start(), other.join()
    assert [type(error) for error in told] == [ZeroDivisionError]


def test_why_a_run_went_back_or_ended_early_is_told(tmp_path, calls):
    log, callback, training = tracked(tmp_path, ["wandb", "mlflow"])
    callback.started(training)
    log.write("health", 7, check="collapse", finding="alike", since=5)
    log.write(**terms(7), learning_rate={})
    training.step = 4
    callback.went_back(training)
    log.write("rollback", 4, message="went back from step 7 to 4")
    log.write(**terms(5), learning_rate={})
    log.write("health", 7, check="collapse", finding="still", since=7)  # what was said there before is taken back
    log.write("failed", 7, message="no more")
    callback.failed(training, ValueError())
    said = told(calls(), "mlflow", "text")
    assert said == [
        ["health/step-00000007.txt", "collapse: alike\n"],
        ["rollback/step-00000004.txt", "went back from step 7 to 4\n"],
        ["health/step-00000007.txt", "collapse: still\n"],
        ["failed/step-00000007.txt", "no more\n"],
    ]
    # Weights & Biases takes nothing for an earlier step: words come at the newest one.
    log = [(step, values) for step, values in told(calls(), "wandb", "log") if not any("/" in name for name in values)]
    assert log == [
        (7, {"health": ["table", ["health"], [["collapse: alike"]]]}),
        (7, {"rollback": ["table", ["rollback"], [["went back from step 7 to 4"]]]}),
        (7, {"health": ["table", ["health"], [["collapse: still"]]]}),
        (7, {"failed": ["table", ["failed"], [["no more"]]]}),
    ]
    read = board(tmp_path)
    assert [event.step for event in read.Scalars("terms/cycle.monet")] == [5]
    assert texts(read, "rollback") == [(4, "went back from step 7 to 4")]


def test_samples_of_sentences_are_tables(tmp_path, calls):
    log, callback, training = tracked(tmp_path, ["wandb", "mlflow"])
    callback.started(training)
    cells = [["monet", "to photo", "photo", "to monet"], ["a", "b|", "c", "d"]]
    columns = [
        Column(heading, domain, source, "source", [Cell(words=words)])
        for heading, words, domain, source in zip(*cells, "abba", "aabb")
    ]
    save_cells(Sheet("t", columns, {}), tmp_path / "s")
    (tmp_path / "s.tsv").write_text("the file for people")
    picture(1).save(tmp_path / "s.png")
    log.write("sample", 8, file="s.tsv", cells="s")
    log.write("sample", 9, file="s.png")
    callback.ended(training)
    assert told(calls(), "wandb", "log") == [
        [8, {"samples": ["table", cells[0], cells[1:]]}],
        [9, {"samples": ["image", "s.png"]}],
    ]
    assert told(calls(), "mlflow", "file") == ["samples/s.tsv", "samples/s.png"]
    ((step, text),) = texts(board(tmp_path), "samples")
    assert step == 8
    assert text.startswith("| monet | to photo |\n| --- | --- |\n")
    assert [event.step for event in board(tmp_path).Images("samples")] == [9]


def test_an_unknown_tracker_is_a_mistake():
    with pytest.raises(RecipeError, match=r"trackers\.0: 'tensorboard' should be 'wandb' or 'mlflow'"):
        cyclekit.load("monet2photo", profile="published", overrides={"trackers": ["tensorboard"]})


@pytest.mark.parametrize(
    ("name", "fitted"),
    [
        ("monet -> photo/style accuracy (%)", "monet to photo/style accuracy percent"),
        ("terms/cycle.été", "terms/cycle.été"),
        ("validation/картины -> фото/accuracy: words", "validation/картины to фото/accuracy words"),
        ("FD (EfficientNet-Lite0)", "FD EfficientNet-Lite0"),
    ],
)
def test_names_are_such_as_mlflow_takes(name, fitted):
    assert mlflow_name(name) == fitted
