"""Stand-ins for the trackers' packages, trainings that are tracked by them, and what they were told."""

import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from cyclekit.callbacks import Trackers
from tests.callbacks.logged import log_in
from tests.callbacks.logged import training as terminal_training
from tests.callbacks.tracked import STANDINS

VARIABLES = (
    "WANDB_MODE", "WANDB_SILENT", "WANDB_CONSOLE", "WANDB_DATA_DIR", "WANDB_CACHE_DIR", "WANDB_INIT_TIMEOUT",
    "WANDB_FINISH_TIMEOUT", "MLFLOW_TRACKING_URI", "MLFLOW_DISABLE_TELEMETRY", "MLFLOW_LOGGING_LEVEL",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "MLFLOW_HTTP_REQUEST_MAX_RETRIES", "MLFLOW_HTTP_REQUEST_TIMEOUT",
)  # fmt: skip


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
