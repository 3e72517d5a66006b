"""A log with records, and as much of a training as callbacks that tell of one ask for."""

import io
from types import SimpleNamespace

import torch

from cyclekit.callbacks.log import Log

TERMS = {"adversarial.photo": 1.296, "cycle.monet": 0.313, "cycle.photo": 0.25}


def terms(step, per_second=100.0, **values):
    return {"kind": "terms", "step": step, "per_second": per_second, "terms": {**TERMS, **values}}


def training(folder, **changes):
    """As much of a training as a terminal asks for."""
    recipe = SimpleNamespace(
        name="monet2photo", health=SimpleNamespace(checks=["collapse"]),
        train=SimpleNamespace(precision="auto", budget=None),
    )  # fmt: skip
    nobody = SimpleNamespace(generators=(None, None), discriminators=(None, None))
    settings = {
        "run": SimpleNamespace(recipe=recipe, networks=nobody, sides={}),
        "device": torch.device("cpu"),
        "folder": folder, "precision": "float32", "total_steps": 3000, "items": 2, "seconds": 0.0, "step": 0,
        "asked_to_stop": False, "stop": None, "notes": [],
    }  # fmt: skip
    return SimpleNamespace(**settings | changes)


def log_in(folder):
    log = Log()
    log.path = folder / "log.jsonl"
    return log


class ATerminal(io.StringIO):
    """Where a terminal's letters go."""

    def isatty(self):
        return True
