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
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import cyclekit
from cyclekit.callbacks import Log, Trackers
from cyclekit.callbacks.trackers import fit
from cyclekit.callbacks.tracking import check_trackers
from cyclekit.core.cell import Cell
from cyclekit.registry import RecipeError
from cyclekit.sheets.cells import Column, Sheet, save_cells
from tests.callbacks.test_terminal import log_in, terms
from tests.callbacks.test_terminal import training as terminal_training
from tests.callbacks.tracked import SETTINGS, STANDINS, read_calls, train_twice
from tests.commands import PATIENCE, TINY, call, flags, mistake
from tests.pictures import picture, picture_folders

VARIABLES = ("WANDB_MODE", "WANDB_SILENT", "WANDB_CONSOLE", "WANDB_DATA_DIR", "WANDB_CACHE_DIR", "WANDB_INIT_TIMEOUT")
VARIABLES += ("WANDB_FINISH_TIMEOUT", "MLFLOW_TRACKING_URI", "MLFLOW_DISABLE_TELEMETRY", "MLFLOW_LOGGING_LEVEL")
VARIABLES += (
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES",
    "MLFLOW_HTTP_REQUEST_TIMEOUT",
)


def install_standins(patch, calls):
    """The stand-ins are the packages, write their calls to a file, and the environment says nothing."""
    forget_packages()
    patch.syspath_prepend(str(STANDINS))
    patch.setenv("CALLS", str(calls))
    for name in VARIABLES:
        patch.setenv(name, "")
        patch.delenv(name)


def read_lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def forget_packages():
    for name in [name for name in sys.modules if name.partition(".")[0] in ("wandb", "mlflow")]:
        del sys.modules[name]


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """What the stand-ins were told, as (package, what, with what)."""
    install_standins(monkeypatch, tmp_path / "calls")
    yield lambda: read_lines(tmp_path / "calls")
    forget_packages()


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"), train=8, test=2)


def told(calls, package, what):
    return [rest for name, said, rest in calls if (name, said) == (package, what)]


def tracked(folder, trackers, **changes):
    """A training with a recipe of as much as trackers ask for, and its log."""
    log = log_in(folder)
    training = terminal_training(folder, memory={}, **changes)
    run = training.run
    run.recipe.trackers, run.recipe.model_dump = trackers, lambda **options: {"name": "m", "train": {"betas": [0.5]}}
    run.data = type("Data", (), {"source": "builtin:landscapes", "description": "drawn"})
    run.directions, run.display = (("a", "b"), ("b", "a")), {"a": "monet", "b": "photo"}.get
    return log, Trackers(log), training


def board(folder):
    """TensorBoard's files, read by TensorBoard."""
    read = EventAccumulator(str(folder / "tensorboard"), size_guidance={"images": 0, "tensors": 0})
    read.Reload()
    return read


def texts(read, name):
    return [(event.step, event.tensor_proto.string_val[0].decode()) for event in read.Tensors(f"{name}/text_summary")]


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


def test_trackers_write_below_the_run_folder_and_send_nothing(tmp_path, calls):
    _, callback, training = tracked(tmp_path, ["wandb", "mlflow"])
    callback.started(training)
    callback.ended(training)
    (init,) = told(calls(), "wandb", "init")
    assert (init["project"], init["name"], init["dir"]) == ("monet2photo", tmp_path.name, str(tmp_path))
    assert (init["WANDB_MODE"], init["WANDB_CONSOLE"], init["resume"]) == ("offline", "off", "allow")
    assert {init["WANDB_DATA_DIR"], init["WANDB_CACHE_DIR"]} == {str(tmp_path / "wandb" / x) for x in ("data", "cache")}
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] == "true"
    assert told(calls(), "mlflow", "uri") == [f"sqlite:///{tmp_path / 'mlflow' / 'mlflow.db'}"]
    assert told(calls(), "mlflow", "experiment") == [["monet2photo", (tmp_path / "mlflow" / "artifacts").as_uri()]]


def test_a_second_run_of_a_process_has_places_of_its_own(tmp_path, calls):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        _, callback, training = tracked(tmp_path / name, ["wandb"])
        callback.started(training)
        callback.ended(training)
    places = [init["WANDB_DATA_DIR"] for init in told(calls(), "wandb", "init")]
    assert places == [str(tmp_path / name / "wandb" / "data") for name in ("one", "two")]


def test_places_that_the_environment_names_are_kept(tmp_path, calls, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "online")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://curves.example")
    _, callback, training = tracked(tmp_path, ["wandb", "mlflow"])
    callback.started(training)
    callback.failed(training, ValueError())
    (init,) = told(calls(), "wandb", "init")
    assert init["WANDB_MODE"] == "online"
    assert told(calls(), "mlflow", "uri") == []
    assert told(calls(), "mlflow", "experiment") == [["monet2photo", None]]
    assert told(calls(), "mlflow", "finish") == ["FAILED"]
    assert told(calls(), "wandb", "finish") == [1]
    assert not (tmp_path / "mlflow").exists()


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


def test_a_run_folder_that_was_moved_is_one_line(tmp_path, calls, monkeypatch):
    _, callback, training = tracked(tmp_path, ["mlflow"])
    monkeypatch.setitem(importlib.import_module("mlflow").place, "artifacts", "file:///before/mlflow/artifacts")
    training.memory["trackers"] = {"mlflow": "r1"}
    with pytest.raises(RecipeError, match=r"it keeps files in file:///before/\S+, where this run folder was before"):
        callback.started(training)
    assert told(calls(), "mlflow", "finish") == ["FINISHED"]


def test_a_tracker_that_does_not_start_is_one_line(tmp_path, calls):
    _, callback, training = tracked(tmp_path, ["mlflow"])
    training.memory["trackers"] = {"mlflow": "gone"}
    with pytest.raises(
        RecipeError, match=r"trackers: mlflow does not start: no such run: gone; go on without: overrides="
    ):
        callback.started(training)


@pytest.mark.parametrize("name", ["wandb", "mlflow"])
def test_a_missing_package_is_one_line_before_a_folder_is_made(data, tmp_path, name, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda wanted, package=None: None)
    with pytest.raises(RecipeError, match=f"trackers: {name} is not installed; pip install {name}, or leave it out"):
        check_trackers([name])
    settings = [*flags(TINY | {"trackers": [name]}), "--profile", "published"]
    said = mistake(call("run", "monet2photo", "--data", data, "--out", tmp_path / "run", *settings))
    assert said.startswith(f"trackers: {name} is not installed")
    with pytest.raises(RecipeError, match="is not installed"):
        cyclekit.train(
            cyclekit.load("monet2photo", profile="published", data=data, overrides=TINY | {"trackers": [name]}),
            tmp_path / "run",
            device="cpu",
        )
    assert not (tmp_path / "run").exists()


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
    assert fit(name) == fitted


def test_log_tells_its_listeners(tmp_path):
    log, heard = Log(), []
    log.path = tmp_path / "log.jsonl"
    log.listeners.append(heard.append)
    log.write("note", 3, message="x")
    assert heard == [{"kind": "note", "step": 3, "message": "x"}] == [json.loads(log.path.read_text())]
