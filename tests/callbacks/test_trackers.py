"""Weights & Biases and MLflow: accelerate's own trackers, before stand-ins of the packages that write calls down."""

import json
import sys

import pytest

import cyclekit
from cyclekit.callbacks import Log, Trackers
from cyclekit.callbacks.trackers import fit
from cyclekit.registry import RecipeError
from cyclekit.tracking import check_trackers
from tests.callbacks.test_terminal import log_in, terms
from tests.callbacks.test_terminal import training as terminal_training
from tests.commands import TINY, call, flags, mistake
from tests.pictures import picture_folders

WANDB = """
import json, os
class Config:
    def update(self, values, allow_val_change): tell("config", values)
config = Config()
class Run:
    def log(self, values, step): tell("log", [step, values])
    def finish(self): tell("finish", None)
def tell(*call):
    with open(os.environ["CALLS"], "a") as file: file.write(json.dumps(["wandb", *call]) + "\\n")
def init(**settings):
    tell("init", {**settings, "mode": os.environ.get("WANDB_MODE")})
    return Run()
"""

MLFLOW = """
import json, os
from types import SimpleNamespace as Names
utils = Names(validation=Names(MAX_PARAM_VAL_LENGTH=6000, MAX_PARAMS_TAGS_PER_BATCH=100))
def tell(*call):
    with open(os.environ["CALLS"], "a") as file: file.write(json.dumps(["mlflow", *call]) + "\\n")
def set_tracking_uri(uri): tell("uri", uri)
def search_experiments(filter_string): return []
def create_experiment(name, artifact_location, tags): tell("experiment", [name, artifact_location]); return "1"
def start_run(run_id, run_name, **rest):
    if run_id == "gone": raise ValueError("no such run: gone")
    tell("start", [run_id, run_name]); return Names(info=Names(run_id=run_id or "r1"))
def log_params(values): tell("config", values)
def log_metrics(values, step): tell("log", [step, values])
def end_run(): tell("finish", None)
"""


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """The packages are installed; what they were told, as (package, what, with what)."""
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "wandb.py").write_text(WANDB)
    (packages / "mlflow.py").write_text(MLFLOW)
    monkeypatch.syspath_prepend(str(packages))
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    for name in ("WANDB_MODE", "WANDB_SILENT", "MLFLOW_TRACKING_URI"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    yield lambda: [json.loads(line) for line in (tmp_path / "calls").read_text().splitlines()]
    for name in ("wandb", "mlflow"):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"), train=3, test=2)


def told(calls, package, what):
    return [rest for name, said, rest in calls if (name, said) == (package, what)]


def tracked(folder, trackers, **changes):
    """A training with a recipe of as much as trackers ask for, and its log."""
    log = log_in(folder)
    training = terminal_training(folder, memory={}, **changes)
    recipe = training.run.recipe
    recipe.trackers, recipe.model_dump = trackers, lambda **options: {"name": "m", "train": {"betas": [0.5, 0.999]}}
    training.run.data = type("Data", (), {"source": "builtin:landscapes", "description": "drawn"})
    callback = Trackers(log)
    return log, callback, training


def test_a_run_is_tracked_offline_and_below_its_folder_and_a_resume_goes_on_with_it(data, tmp_path, calls):
    settings = TINY | {"trackers": ["wandb", "mlflow"], "validation.metrics": ["structure"], "train.save_every": 2}
    settings |= {"validation.criterion": "structure", "data.validation": 1, "health.checks": []}

    def run():
        return cyclekit.load("recipes/monet2photo", data=data, overrides=settings)

    folder = cyclekit.train(run(), tmp_path / "run", device="cpu")
    said = calls()
    (init,) = told(said, "wandb", "init")
    assert (init["project"], init["name"], init["dir"], init["mode"]) == (
        "monet2photo", "run", str(folder), "offline"
    )  # fmt: skip
    assert told(said, "mlflow", "uri") == [f"sqlite:///{folder / 'mlflow' / 'mlflow.db'}"]
    assert told(said, "mlflow", "experiment") == [["monet2photo", (folder / "mlflow" / "artifacts").as_uri()]]
    log = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    for package in ("wandb", "mlflow"):
        (config,) = told(said, package, "config")
        assert config["train.batch_size"] == 1
        assert config["data used"].startswith(f"{data}: ")
        numbers = told(said, package, "log")
        first = next(record for record in log if record["kind"] == "terms")
        assert numbers[0][0] == 1
        assert numbers[0][1]["terms/cycle.monet"] == first["terms"]["cycle.monet"]
        assert numbers[0][1]["items per second"] == first["per_second"]
        assert [step for step, values in numbers if "criterion" in values] == [4]
        assert any(name.startswith("monet to photo/structure kept") for _, values in numbers for name in values)
        assert told(said, package, "finish") == [None]

    cyclekit.train(run(), folder, resume=True, device="cpu")
    said = calls()
    assert [init["id"] for init in told(said, "wandb", "init")] == [init["id"]] * 2
    assert told(said, "mlflow", "start") == [[None, "run"], ["r1", "run"]]


def test_places_that_the_environment_names_are_kept(tmp_path, calls, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "online")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://curves.example")
    _, callback, training = tracked(tmp_path, ["wandb", "mlflow"])
    callback.started(training)
    callback.failed(training, ValueError())
    (init,) = told(calls(), "wandb", "init")
    assert init["mode"] == "online"
    assert told(calls(), "mlflow", "uri") == []
    assert told(calls(), "mlflow", "experiment") == [["monet2photo", None]]
    assert told(calls(), "mlflow", "finish") == [None]
    assert not (tmp_path / "mlflow").exists()


def test_nothing_is_tracked_unless_asked_for_and_by_the_first_process_alone(tmp_path, calls):
    for trackers, main in (([], True), (["wandb"], False)):
        log, callback, training = tracked(tmp_path, trackers, main=main)
        callback.started(training)
        log.write(**terms(50), learning_rate={})
        callback.ended(training)
    assert not (tmp_path / "calls").exists()


def test_a_tracker_that_fails_is_left_out_and_the_log_says_so(tmp_path, calls):
    log, callback, training = tracked(tmp_path, ["wandb", "mlflow"])
    callback.started(training)

    def gone(values, step):
        raise ConnectionError("the service is gone\nand more")

    callback.trackers[0].log = gone
    for step in (50, 100):
        log.write(**terms(step, **{"cycle.monet": float("nan")}), learning_rate={})
    callback.ended(training)
    records = [json.loads(line) for line in log.path.read_text().splitlines()]
    notes = [record["message"] for record in records if record["kind"] == "note"]
    assert notes == ["wandb gets nothing more of this run: the service is gone"]
    numbers = told(calls(), "mlflow", "log")
    assert [step for step, _ in numbers] == [50, 100]
    assert "terms/cycle.monet" not in numbers[0][1]  # not a number
    assert told(calls(), "wandb", "finish") == []


def test_findings_are_tracked(tmp_path, calls):
    log, callback, training = tracked(tmp_path, ["mlflow"])
    callback.started(training)
    log.write("health", 7, check="collapse", finding="alike", since=5)
    log.write("sample", 8, file="x.png")
    assert told(calls(), "mlflow", "log") == [[7, {"health/collapse": 1.0}]]


def test_a_tracker_that_does_not_start_is_one_line(tmp_path, calls):
    _, callback, training = tracked(tmp_path, ["mlflow"])
    training.memory["trackers"] = {"mlflow": "gone"}
    with pytest.raises(RecipeError, match=r"trackers: mlflow does not start: no such run: gone; go on without: --set"):
        callback.started(training)


@pytest.mark.parametrize("name", ["wandb", "mlflow"])
def test_a_missing_package_is_one_line_before_a_folder_is_made(data, tmp_path, name, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda wanted, package=None: None)
    with pytest.raises(RecipeError, match=f"trackers: {name} is not installed; pip install {name}, or leave it out"):
        check_trackers([name])
    settings = flags(TINY | {"trackers": [name]})
    said = mistake(call("run", "monet2photo", "--data", data, "--out", tmp_path / "run", *settings))
    assert said.startswith(f"trackers: {name} is not installed")
    with pytest.raises(RecipeError, match="is not installed"):
        cyclekit.train(
            cyclekit.load("monet2photo", data=data, overrides=TINY | {"trackers": [name]}),
            tmp_path / "run",
            device="cpu",
        )
    assert not (tmp_path / "run").exists()


def test_an_unknown_tracker_is_a_mistake():
    with pytest.raises(RecipeError, match=r"trackers\.0: 'tensorboard' should be 'wandb' or 'mlflow'"):
        cyclekit.load("monet2photo", overrides={"trackers": ["tensorboard"]})


@pytest.mark.parametrize(
    ("name", "fitted"),
    [
        ("monet -> photo/style accuracy (%)", "monet to photo/style accuracy percent"),
        ("terms/cycle.été", "terms/cycle. t"),
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
