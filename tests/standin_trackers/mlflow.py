"""A stand-in of MLflow 3.17: what of it is called, with its signatures and refusals; calls are written down.

Put its folder on the path to have it in place of the package.
"""

import json
import os
import re
from pathlib import Path
from types import SimpleNamespace

utils = SimpleNamespace(validation=SimpleNamespace(MAX_PARAM_VAL_LENGTH=6000, MAX_PARAMS_TAGS_PER_BATCH=100))
place: dict[str, str | None] = {}
active: list[SimpleNamespace] = []
parameters: dict[str, dict[str, str]] = {}


def tell(what, said):
    with open(os.environ["CALLS"], "a", encoding="utf-8") as file:
        file.write(json.dumps(["mlflow", what, said]) + "\n")


def set_tracking_uri(uri):
    if "://" not in uri:
        raise ValueError("The filesystem tracking backend is in maintenance mode")
    tell("uri", uri)


def search_experiments(view_type=1, max_results=None, filter_string=None, order_by=None):
    assert re.fullmatch("name = '.+'", filter_string)
    return []


def create_experiment(name, artifact_location=None, tags=None):
    tell("experiment", [name, artifact_location])
    place.setdefault("artifacts", artifact_location)
    return "1"


def start_run(run_id=None, experiment_id=None, run_name=None, nested=False, tags=None, description=None):
    if active:
        raise RuntimeError(f"Run with UUID {active[0].info.run_id} is already active.")
    if run_id == "gone":
        raise ValueError("no such run: gone")
    tell("start", [run_id, run_name])
    known = run_id or "r1"
    active.append(SimpleNamespace(info=SimpleNamespace(run_id=known, artifact_uri=f"{place['artifacts']}/{known}")))
    return active[0]


def log_params(params):
    _name_check(params)
    there = parameters.setdefault(active[0].info.run_id, {})
    for name, value in params.items():
        if there.setdefault(name, str(value)) != str(value):
            raise ValueError(f"Changing param values is not allowed: {name}")
    tell("config", params)


def log_metrics(metrics, step=None):
    _name_check(metrics)
    tell("log", [step, metrics])


def log_text(text, artifact_file, run_id=None):
    tell("text", [artifact_file, text])


def log_artifact(local_path, artifact_path=None):
    if not Path(local_path).is_file():
        raise ValueError(f"no such file: {local_path}")
    tell("file", f"{artifact_path}/{Path(local_path).name}")


def end_run(status="FINISHED"):
    if status not in ("FINISHED", "FAILED", "KILLED"):
        raise ValueError(f"no such status: {status}")
    if active:
        active.pop()
        tell("finish", status)


def _name_check(values):
    # As mlflow.utils.validation has it on Windows, which allows the least.
    for name in values:
        if not re.match(r"^[/\w.\- ]*$", name):
            raise ValueError(f"Invalid value {name!r} for parameter 'name'")
