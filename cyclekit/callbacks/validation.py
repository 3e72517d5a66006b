"""Looking at a run while it learns: metrics on data set aside for it, the best checkpoint by them, and its health."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import torch

from cyclekit import checkpoint
from cyclekit.assemble import Run, build_metrics
from cyclekit.callbacks.log import Log, due
from cyclekit.callbacks.saver import save_checkpoint
from cyclekit.core.batch import Batch, concat, split
from cyclekit.core.metric import Metric, MetricUnavailable, Translated
from cyclekit.core.parts import HeldOut
from cyclekit.registry import RecipeError
from cyclekit.training import Callback, Training

ROWS = 64
"""Rows that are translated at once."""


class Validation(Callback):
    """Every so many steps: metrics on validation data, what is wrong with the outputs, and `best`.

    No truth is used. Where a recipe has stages, health is looked at in the last of them: before it, outputs are not yet
    meant as translations (autoencoding copies, and should). The criterion is the mean over the directions; the best
    checkpoint is kept beside the newest ones.
    """

    def __init__(self, log: Log) -> None:
        self.log = log

    def started(self, training: Training) -> None:
        """Take the validation rows; on a resume, remember what was best."""
        run = training.run
        settings = run.recipe.validation
        self.on = bool(settings.metrics or settings.health)
        if not self.on:
            return
        self.metrics: list[Metric] = build_metrics(settings.metrics)
        self.checks = dict(zip((choice.name for choice in settings.health), build_metrics(settings.health, "health")))
        self.rows = {domain: run.data.validation(domain)[: settings.items] for domain in ("a", "b")}
        if not all(self.rows.values()):
            raise RecipeError(
                f"validation: {run.data.source} sets nothing aside to validate on; set data.validation above 0, or "
                "validation.metrics=[] and validation.health=[]"
            )
        self.best = _best_so_far(training)

    def stepped(self, training: Training) -> None:
        """Measure when it is time."""
        settings = training.run.recipe.validation
        if self.on and due(training, settings.every or training.run.recipe.train.sample_every):
            self._look(training)

    def _look(self, training: Training) -> None:
        run = training.run
        values: dict[str, dict[str, float]] = {}
        for source, target in run.directions:
            shown = _translated(run, source, target, self.rows, training.device)
            name = f"{run.display(source)} -> {run.display(target)}"
            values[name] = measured(self.metrics, shown)
            for check, find in self.checks.items() if _translates(training) else ():
                finding = find(shown)
                if finding is not None:
                    self.log.write("health", training.step, check=check, finding=f"{name}: {finding}")
        criterion = self._criterion(run, list(values.values()))
        is_best = criterion is not None and (self.best is None or self._better(criterion, self.best))
        # The log first: a crash in between leaves a line that a resume from before takes back.
        self.log.write("metrics", training.step, values=values, criterion=criterion, best=is_best)
        if is_best:
            self.best = criterion
            save_checkpoint(training, self.log)
            checkpoint.point(training.folder / "best", checkpoint.folder_of(training.folder, training.step))

    def _criterion(self, run: Run, directions: Sequence[dict[str, float]]) -> float | None:
        """The mean of the criterion over the directions; None without one."""
        wanted = run.recipe.validation.criterion
        if wanted is None:
            return None
        place = [choice.name for choice in run.recipe.validation.metrics].index(wanted)
        self._sign = -1 if self.metrics[place].better == "lower" else 1
        values = [found[self.metrics[place].name] for found in directions if self.metrics[place].name in found]
        return sum(values) / len(values) if values else None

    def _better(self, one: float, other: float) -> bool:
        return self._sign * one > self._sign * other


def _translates(training: Training) -> bool:
    """Whether the last stage has begun, or there are none."""
    stages = training.run.recipe.train.stages
    return not stages or training.stage == stages[-1].name


def measured(metrics: Sequence[Metric], shown: Translated) -> dict[str, float]:
    """Each metric's value by its name; without those that cannot be had on these data."""
    values = {}
    for metric in metrics:
        if metric.needs_truth and shown.truth is None:
            continue
        try:
            values[metric.name] = metric(shown).value
        except MetricUnavailable:
            continue
    return values


@torch.no_grad()
def _translated(
    run: Run, source: str, target: str, rows: dict[str, Sequence[HeldOut]], device: torch.device
) -> Translated:
    """One direction's validation rows, translated as they will be used."""
    reals = [item.row for item in rows[source]]
    with torch.random.fork_rng(), run.translating() as generators:
        fakes = _through(getattr(generators, target), reals, device)
        way_back = getattr(generators, source)
        back = None if way_back is None else concat(_through(way_back, fakes, device))
    others = concat([item.row for item in rows[target]])
    return Translated(concat(reals), concat(fakes), others, None, run.data, target, back)


def _through(generator: torch.nn.Module, rows: Sequence[Batch], device: torch.device) -> list[Batch]:
    """Rows through a generator, those of like length together, in their own order."""
    order = sorted(range(len(rows)), key=lambda place: rows[place].data.shape[1])
    made: dict[int, Batch] = {}
    for start in range(0, len(order), ROWS):
        places = order[start : start + ROWS]
        batch = generator(concat([rows[place] for place in places]).to(device)).detach().to("cpu")
        made |= dict(zip(places, split(batch, [1] * len(places))))
    return [made[place] for place in range(len(rows))]


def _best_so_far(training: Training) -> float | None:
    """The criterion of the best checkpoint, out of the log: what a resumed run has to beat."""
    path = training.folder / "log.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    records: list[dict[str, Any]] = [json.loads(line) for line in lines]
    best = [record["criterion"] for record in records if record["kind"] == "metrics" and record.get("best")]
    return best[-1] if best else None
