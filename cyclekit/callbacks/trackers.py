"""The log for TensorBoard, and for the services that a recipe names: Weights & Biases, MLflow."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cyclekit.callbacks.log import Log
from cyclekit.callbacks.tracking import Ending, Tracker, close, first_line, open_trackers
from cyclekit.recipe.loading import dotted
from cyclekit.report.sample_files import has_words
from cyclekit.report.sentences import table_of_words
from cyclekit.sheets.cells import load_cells
from cyclekit.training.state import Callback, Training

WORDS = {"health": "finding", "rollback": "message", "stopped": "message", "failed": "message"}
"""Kinds of records that are passed on as text, and the field it stands in."""


class Trackers(Callback):
    """Every record of the log, for TensorBoard and each of the recipe's trackers, as soon as it is written.

    Terms, learning rates, throughput and validation's values go as numbers, findings of health and why a run ended
    early as text, samples as pictures and tables. A tracker that fails (its service is gone, its disk full) is left out
    from there on, and the log says so: a run is worth more than its curves elsewhere. Of several processes the first
    alone writes. After a rollback or a resume from an earlier checkpoint, numbers of the same steps come again.
    """

    def __init__(self, log: Log) -> None:
        self.log = log
        self.trackers: list[Tracker] = []
        self.said: dict[str, tuple[int, list[str]]] = {}
        """What was said last under each name: the step, and the lines."""
        log.listeners.append(self.hear)

    def started(self, training: Training) -> None:
        """Open them, with the recipe's settings."""
        run = training.run
        self.folder = training.folder
        ids = training.memory.setdefault("trackers", {}) if run.recipe.trackers else {}
        data = f"{run.data.source}: {run.data.description}"
        settings = dict(_settings(run.recipe.model_dump(mode="json", exclude={"base", "profiles", "trackers"}), data))
        self.trackers = open_trackers(
            run.recipe.trackers, run.recipe.name, training.folder, ids, settings, training.step
        )

    def hear(self, record: dict[str, Any]) -> None:
        """Pass a record on."""
        if not self.trackers:
            return
        kind, step = record["kind"], record["step"]
        if numbers := {mlflow_name(name): value for name, value in _numbers(record) if math.isfinite(value)}:
            self._each(step, lambda tracker: tracker.numbers(numbers, step))
        if kind in WORDS:
            about = f"{record['check']}: " if kind == "health" else ""
            self._say(kind, about + record[WORDS[kind]], step)
        elif kind == "sample":
            self._show(record)

    def went_back(self, training: Training) -> None:
        """Tell them."""
        self.said.clear()
        self._each(training.step, lambda tracker: tracker.went_back(training.step))

    def ended(self, training: Training) -> None:
        """Close them."""
        self._finish(training, "interrupted" if training.stop == "interrupted" else "finished")

    def failed(self, training: Training, error: BaseException) -> None:
        """Close them."""
        self._finish(training, "failed")

    def _say(self, name: str, line: str, step: int) -> None:
        before, lines = self.said.get(name, (step, []))
        lines = [*lines, line] if before == step else [line]
        self.said[name] = (step, lines)
        self._each(step, lambda tracker: tracker.words(name, lines, step))

    def _show(self, record: dict[str, Any]) -> None:
        whole, step = self.folder / record["file"], record["step"]
        if whole.suffix == ".png":
            self._each(step, lambda tracker: tracker.picture(whole, step))
        directions = load_cells(self.folder / record["cells"]).directions() if "cells" in record else []
        if tables := [table_of_words(columns) for columns in directions if has_words(columns)]:
            self._each(step, lambda tracker: tracker.table(whole.with_suffix(".tsv"), tables, step))

    def _finish(self, training: Training, ending: Ending) -> None:
        self._each(training.step, lambda tracker: tracker.finish(ending))
        self.trackers = []

    def _each(self, step: int, tell: Callable[[Tracker], None]) -> None:
        for tracker in list(self.trackers):
            try:
                tell(tracker)
            except Exception as error:
                self.trackers.remove(tracker)
                close(tracker)
                self.log.write(
                    "note", step, message=f"{tracker.name} gets nothing more of this run: {first_line(error)}"
                )


def mlflow_name(name: str) -> str:
    """A number's name in what MLflow allows, the same for all: "monet -> photo/accuracy (%)" is none there."""
    words = name.replace("->", "to").replace("%", "percent")
    return " ".join(re.sub(r"[^\w\s./-]", " ", words).split())


def _numbers(record: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """A record's numbers, by names that stand together on a page of curves."""
    kind = record["kind"]
    if kind == "terms":
        yield from ((f"terms/{name}", value) for name, value in record["terms"].items())
        yield from ((f"learning rate/{side}", rate) for side, rate in record["learning_rate"].items())
        yield "items per second", record["per_second"]
    elif kind == "metrics":
        for direction, values in record["values"].items():
            yield from ((f"validation/{direction}/{name}", value) for name, value in values.items())
        if record["criterion"] is not None:
            yield "validation/criterion", record["criterion"]


def _settings(settings: Mapping[str, Any], data: str) -> Iterator[tuple[str, str | float]]:
    """The recipe's settings under dotted keys, and the data that was used, as words and numbers."""
    yield "data used", data
    for key, value in dotted(settings).items():
        yield key, value if isinstance(value, int | float | str) else str(value)
