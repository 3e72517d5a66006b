"""Weights & Biases and MLflow, through accelerate's trackers: opened so that nothing needs a network unless asked to.

Beside the loop the only importer of accelerate: callbacks get what they log to from here.
"""

from __future__ import annotations

import importlib.util
import os
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, cast

from cyclekit.registry import RecipeError


class Tracker(Protocol):
    """What accelerate's trackers have in common."""

    name: str

    def store_init_configuration(self, values: dict[str, str | float]) -> None: ...

    def log(self, values: dict[str, float], step: int | None = None) -> None: ...

    def finish(self) -> None: ...


def check_trackers(names: Sequence[str]) -> None:
    """Make sure, before anything is trained, that the trackers of a recipe are installed.

    Raises:
        RecipeError: one is not.
    """
    for name in names:
        if importlib.util.find_spec(name) is None:
            raise RecipeError(
                f"trackers: {name} is not installed; pip install {name}, or leave it out: --set trackers=[]"
            )


def open_trackers(names: Sequence[str], project: str, folder: Path, ids: dict[str, str]) -> list[Tracker]:
    """Start the trackers of a run.

    Weights & Biases writes below the run folder and sends nothing, unless WANDB_MODE says otherwise (`wandb sync`
    sends it later); MLflow writes a data base below the run folder, unless MLFLOW_TRACKING_URI names another place.

    Args:
        project: what runs of one recipe are kept under.
        ids: by which each tracker knows this run; filled for a new one, so that a resume can bring them back.

    Raises:
        RecipeError: one is not installed, or does not start.
    """
    check_trackers(names)
    starters = {"wandb": _weights_and_biases, "mlflow": _mlflow}
    trackers = []
    for name in dict.fromkeys(names):
        try:
            trackers.append(starters[name](project, folder.resolve(), ids))
        except Exception as error:
            why = str(error).strip().splitlines() or [type(error).__name__]
            raise RecipeError(f"trackers: {name} does not start: {why[0]}; go on without: --set trackers=[]") from error
    return trackers


def _weights_and_biases(project: str, folder: Path, ids: dict[str, str]) -> Tracker:
    from accelerate.tracking import WandBTracker

    os.environ.setdefault("WANDB_MODE", "offline")
    os.environ.setdefault("WANDB_SILENT", "true")  # it would print over the panel
    known = ids.setdefault("wandb", uuid.uuid4().hex[:16])
    tracker = WandBTracker(project, name=folder.name, id=known, resume="allow", dir=str(folder))
    tracker.start()
    return cast(Tracker, tracker)


def _mlflow(project: str, folder: Path, ids: dict[str, str]) -> Tracker:
    import mlflow
    from accelerate.tracking import MLflowTracker

    artifacts = None
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        # A data base: since MLflow 3.13 plain files are refused.
        place = folder / "mlflow"
        place.mkdir(exist_ok=True)
        mlflow.set_tracking_uri(f"sqlite:///{place / 'mlflow.db'}")
        artifacts = (place / "artifacts").as_uri()
    tracker = MLflowTracker(project, logging_dir=artifacts, run_name=folder.name, run_id=ids.get("mlflow"))
    tracker.start()
    ids["mlflow"] = tracker.tracker.info.run_id
    return cast(Tracker, tracker)
