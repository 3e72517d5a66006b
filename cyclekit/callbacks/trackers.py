"""The log's numbers for the services that a recipe names: Weights & Biases, MLflow."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cyclekit.callbacks.log import Log
from cyclekit.recipe import dotted
from cyclekit.tracking import Tracker, open_trackers
from cyclekit.training import Callback, Training


class Trackers(Callback):
    """Terms, learning rates, throughput, metrics and findings for each of the recipe's trackers; off without any.

    A tracker that fails (its service is gone, its disk full) is left out from there on, and the log says so: a run is
    worth more than its curves elsewhere. Of several processes the first alone writes. After a rollback or a resume from
    an earlier checkpoint, numbers of the same steps come again; Weights & Biases keeps the first ones.
    """

    def __init__(self, log: Log) -> None:
        self.log = log
        self.trackers: list[Tracker] = []
        log.listeners.append(self.hear)

    def started(self, training: Training) -> None:
        """Open them, and write down the recipe."""
        recipe = training.run.recipe
        if not recipe.trackers or not training.accelerator.is_main_process:
            return
        ids = training.memory.setdefault("trackers", {})
        self.trackers = open_trackers(recipe.trackers, recipe.name, training.folder, ids)
        data = f"{training.run.data.source}: {training.run.data.description}"
        settings = recipe.model_dump(mode="json", exclude={"base", "profiles", "trackers"})
        self._each(training.step, lambda tracker: tracker.store_init_configuration(dict(_settings(settings, data))))

    def hear(self, record: dict[str, Any]) -> None:
        """Pass a record's numbers on."""
        numbers = {fit(name): value for name, value in _numbers(record) if math.isfinite(value)}
        if numbers and self.trackers:
            self._each(record["step"], lambda tracker: tracker.log(numbers, step=record["step"]))

    def ended(self, training: Training) -> None:
        """Close them."""
        self._finish(training)

    def failed(self, training: Training, error: BaseException) -> None:
        """Close them."""
        self._finish(training)

    def _finish(self, training: Training) -> None:
        self._each(training.step, lambda tracker: tracker.finish())
        self.trackers = []

    def _each(self, step: int, tell: Callable[[Tracker], None]) -> None:
        for tracker in list(self.trackers):
            try:
                tell(tracker)
            except Exception as error:
                self.trackers.remove(tracker)
                why = str(error).strip().splitlines() or [type(error).__name__]
                self.log.write("note", step, message=f"{tracker.name} gets nothing more of this run: {why[0]}")


def fit(name: str) -> str:
    """A number's name in the letters that MLflow allows: "monet -> photo/accuracy (%)" is that of no number there."""
    words = name.replace("->", "to").replace("%", "percent")
    return " ".join(re.sub(r"[^\w\s./:-]|[^\x00-\x7f]", " ", words).split())


def _numbers(record: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """A record's numbers, by names that stand together on a page of curves."""
    kind = record["kind"]
    if kind == "terms":
        yield from ((f"terms/{name}", value) for name, value in record["terms"].items())
        yield from ((f"learning rate/{side}", rate) for side, rate in record["learning_rate"].items())
        yield "items per second", record["per_second"]
    elif kind == "metrics":
        for direction, values in record["values"].items():
            yield from ((f"{direction}/{name}", value) for name, value in values.items())
        if record["criterion"] is not None:
            yield "criterion", record["criterion"]
    elif kind == "health":
        yield f"health/{record['check']}", 1.0


def _settings(settings: Mapping[str, Any], data: str) -> Iterator[tuple[str, str | float]]:
    """The recipe's settings under dotted keys, and the data that was used, as words and numbers."""
    yield "data used", data
    for key, value in dotted(settings).items():
        yield key, value if isinstance(value, int | float | str) else str(value)
