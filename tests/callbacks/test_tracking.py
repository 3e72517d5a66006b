"""The libraries that keep runs: what each is told, where it writes, and what is said when it cannot."""

import importlib.util
import os

import pytest

import cyclekit
from cyclekit.callbacks.tracking import check_trackers
from cyclekit.registry import RecipeError
from tests.callbacks.standins import told, tracked
from tests.commands import TINY, call, flags, mistake
from tests.pictures import picture_folders


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("data"), train=8, test=2)


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
