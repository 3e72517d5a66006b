"""A run that is stopped, resumed and tracked; and what the trackers have of it, theirs or the stand-ins', alike.

As a command, `python -m tests.callbacks.tracked DATA FOLDER`, with the packages themselves, in a process of its own: it
trains, reads back, and prints what it found as JSON.
"""

import importlib.util
import inspect
import json
import struct
import sys
import time
from pathlib import Path

import cyclekit
from cyclekit.callbacks import default_callbacks
from cyclekit.runs import folder as runs
from cyclekit.training.loop import train
from tests.commands import TINY

STANDINS = Path(__file__).parents[1] / "standin_trackers"

SETTINGS = TINY | {
    "trackers": ["wandb", "mlflow"],
    "train.save_every": 2,
    "train.sample_every": 2,
    "validation.metrics": ["structure"],
    "validation.criterion": "structure",
    "data.validation": 6,  # as few as checks want
    "health.checks": ["unchanged"],
    "health.after": 0,
    "generator": {
        "name": "resnet",
        "width": 4,
        "blocks": 1,
        "norm": "none",
        "start": "identity",
    },  # so that it finds it
    "initialisation": "keep",
}


def train_twice(data, folder):
    """Two steps, an interruption, and the other two."""
    run = cyclekit.load("monet2photo", profile="published", data=data, overrides=SETTINGS)
    train(run, runs.create(run.recipe, folder), default_callbacks(), device="cpu", until=2)
    time.sleep(1)  # TensorBoard reads its files in the order of the seconds in their names
    again = cyclekit.load("monet2photo", profile="published", data=data, overrides=SETTINGS)
    cyclekit.train(again, folder, resume=True, device="cpu")


def read_calls(calls):
    """What the stand-ins were told: tracker -> starts, settings, numbers, words, samples, endings."""
    found = {name: _nothing() for name in ("wandb", "mlflow")}
    for package, what, said in calls:
        kept = found[package]
        if what in ("init", "start"):
            kept["starts"].append(said["id"] if what == "init" else said[0])
        elif what == "config":
            kept["settings"].append(said)
        elif what == "log":
            step, values = said
            for name, value in values.items():
                _keep(kept, name, step, value)
        elif what == "text":
            kept["words"][said[0]] = said[1].splitlines()
        elif what == "file":
            kept["samples"].append(said)
        elif what == "finish":
            kept["endings"].append(said)
    return found


def read_mlflow(folder):
    """What MLflow's data base and files hold, in the same form; it knows of the last ending alone."""
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow' / 'mlflow.db'}")
    client, kept = mlflow.MlflowClient(), _nothing()
    (experiment,) = [each for each in client.search_experiments() if each.name == "monet2photo"]
    for run in client.search_runs([experiment.experiment_id]):
        kept["starts"].append(run.info.run_id)
        kept["settings"].append(run.data.params)
        kept["endings"].append(run.info.status)
        for name in run.data.metrics:
            for metric in client.get_metric_history(run.info.run_id, name):
                _keep(kept, name, metric.step, metric.value)
        for kind in ("health", "samples"):
            for file in client.list_artifacts(run.info.run_id, kind):
                if kind == "samples":
                    kept["samples"].append(file.path)
                else:
                    text = Path(client.download_artifacts(run.info.run_id, file.path)).read_text(encoding="utf-8")
                    kept["words"][file.path] = text.splitlines()
    return kept


def read_wandb(folder):
    """What the offline folders of Weights & Biases hold, in the same form."""
    from wandb.proto import wandb_internal_pb2

    kept = _nothing()
    for path in sorted((folder / "wandb").glob("offline-run-*/*.wandb")):
        for raw in _leveldb_log(path.read_bytes()):
            record = wandb_internal_pb2.Record()
            record.ParseFromString(raw)
            kind = record.WhichOneof("record_type")
            if kind == "run":
                kept["starts"].append(record.run.run_id)
            elif kind == "config":
                kept["settings"].append({item.key: json.loads(item.value_json) for item in record.config.update})
            elif kind == "exit":
                kept["endings"].append(record.exit.exit_code)
            elif kind == "history":
                _read_history(kept, record.history, path.parent / "files")
    return kept


def _read_history(kept, history, files):
    for item in history.item:
        name, value = "/".join(item.nested_key) or item.key, json.loads(item.value_json)
        if name == "health/path":
            rows = json.loads((files / value).read_text(encoding="utf-8"))["data"]
            kept["words"][str(history.step.num)] = [line for (line,) in rows]
        elif name == "samples/filenames":
            (file,) = value
            assert (files / file).is_file()
            kept["samples"].append(history.step.num)
        elif not name.startswith(("_", "health/", "samples/")):
            _keep(kept, name, history.step.num, value)


def _leveldb_log(raw):
    """The records of a file in LevelDB's log format, after a header: (checksum, length, kind) and so many bytes."""
    place, record = 7, b""
    while place + 7 <= len(raw):
        if 32768 - place % 32768 < 7:  # no room for another in this block
            place += 32768 - place % 32768
            continue
        _, length, kind = struct.unpack("<IHB", raw[place : place + 7])
        record += raw[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):  # whole, or its last part
            yield record
            record = b""


def _nothing():
    return {"starts": [], "settings": [], "numbers": {}, "words": {}, "samples": [], "endings": []}


def _keep(kept, name, step, value):
    if isinstance(value, list) and value[0] == "image":
        kept["samples"].append(step)
    elif isinstance(value, list):
        kept["words"][str(step)] = [line for (line,) in value[2]]
    else:
        kept["numbers"].setdefault(name, []).append([step, value])


def check_signatures():
    """The stand-ins take what the packages take: each parameter under the same name, in the same order."""
    import mlflow
    import wandb

    theirs = {"mlflow": mlflow, "wandb": wandb}
    for name in ("wandb", "mlflow"):
        spec = importlib.util.spec_from_file_location(f"standin_{name}", STANDINS / f"{name}.py")
        standin = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(standin)
        ours = {path: part for path, part in _functions(standin) if not path.startswith(("_", "tell"))}
        assert len(ours) > 5
        for path, ours_here in ours.items():
            there = theirs[name]
            for part in path.split("."):
                there = getattr(there, part)
            names, known = (list(inspect.signature(each).parameters) for each in (ours_here, there))
            assert [each for each in known if each in names] == names, (name, path, names, known)


def _functions(standin):
    for name, part in vars(standin).items():
        if getattr(part, "__module__", None) != standin.__name__:
            continue
        if inspect.isfunction(part):
            yield name, part
        elif inspect.isclass(part):
            methods = [(key, each) for key, each in vars(part).items() if inspect.isfunction(each)]
            yield from ((f"{name}.{key}", each) for key, each in methods if (name, key) != ("Run", "__init__"))


if __name__ == "__main__":
    place = Path(sys.argv[2])
    train_twice(sys.argv[1], place)
    check_signatures()
    print(json.dumps({"wandb": read_wandb(place), "mlflow": read_mlflow(place)}))
