"""Looking at a run while it learns: metrics on data set aside for it, the best checkpoint by them, and an early end."""

from __future__ import annotations

from collections.abc import Sequence

from cyclekit.assembling.metrics import build_metrics
from cyclekit.callbacks.log import Log, due, read_log
from cyclekit.callbacks.saver import save_checkpoint
from cyclekit.callbacks.translations import StepTranslations
from cyclekit.measuring.metric import Metric, MetricUnavailable, Translated
from cyclekit.registry import RecipeError
from cyclekit.runs import history
from cyclekit.training.asking import Stop
from cyclekit.training.loop import planned
from cyclekit.training.state import Callback, Training


class Validation(Callback):
    """Every so many steps: metrics on validation data, and `best`.

    No truth is used. The criterion is the mean over the directions; the best checkpoint is kept beside the newest ones.
    It is one of the last stage: what the stages before it make is no translator yet, whatever a criterion says of it.
    With patience, a run ends by itself when so many looks in a row were no better than the best.
    """

    def __init__(self, log: Log, translations: StepTranslations) -> None:
        self.log, self.translations = log, translations
        self.best: float | None = None
        self.told = False
        """Whether it was said that nothing can be measured."""
        self.best_step, self.worse = 0, 0  # worse: looks in a row since then that were no better

    def started(self, training: Training) -> Stop | None:
        """Take the validation rows; on a resume, remember what was best."""
        run = training.run
        settings = run.recipe.validation
        self.on = bool(settings.metrics)
        if not self.on:
            return None
        self.metrics: list[Metric] = build_metrics(settings.metrics)
        deciding = [choice for choice in settings.metrics if choice.name == settings.criterion]
        self.decides: Metric | None = next(iter(build_metrics(deciding)), None)
        self.rows = {domain: run.data.validation(domain)[: settings.items] for domain in ("a", "b")}
        if not all(self.rows.values()):
            raise RecipeError(
                f"validation: {run.data.source} sets nothing aside to validate on; set data.validation above 0, or "
                "validation.metrics=[] and validation.criterion=null"
            )
        self._remember(training)
        return self._patience(training)

    def stepped(self, training: Training) -> Stop | None:
        """Measure when it is time; ask for an end when there was no better look for too long."""
        settings = training.run.recipe.validation
        if not self.on or not due(training, settings.every or training.run.recipe.train.sample_every):
            return None
        self._look(training)
        return self._patience(training)

    def went_back(self, training: Training) -> Stop | None:
        """Remember what was best until then."""
        if not self.on:
            return None
        self._remember(training)
        return self._patience(training)

    def _look(self, training: Training) -> None:
        values: dict[str, dict[str, float]] = {}
        missing: dict[str, str] = {}
        for name, shown in self.translations.of(training, self.rows, validation=True).items():
            values[name] = values_of_metrics(self.metrics, shown, missing)
        self.translations.forget()
        criterion = self._criterion(list(values.values()))
        counts = _counts(training, training.step)
        is_best = criterion is not None and counts and (self.best is None or self._better(criterion, self.best))
        # The log first: a crash in between leaves a line that a resume from before takes back.
        self.log.write("metrics", training.step, values=values, criterion=criterion, best=is_best)
        if criterion is None and missing and not self.told:
            self.told = True
            name, why = next(iter(missing.items()))
            chooses = ", and no checkpoint is chosen as the best" if training.run.recipe.validation.criterion else ""
            self.log.write("note", training.step, message=f"validation: {name} cannot be had{chooses}: {why}")
        if is_best:
            self.best, self.best_step, self.worse = criterion, training.step, 0
            save_checkpoint(training, self.log)
            history.point(training.folder / "best", history.folder_of(training.folder, training.step))
        elif criterion is not None and counts:
            self.worse += 1

    def _patience(self, training: Training) -> Stop | None:
        """Whether there was no better look for too long."""
        settings = training.run.recipe.validation
        if settings.patience is None or self.best is None or self.worse < settings.patience:
            return None
        return Stop(
            f"{settings.criterion} was no better than {self.best:.4g}, of step {self.best_step:,}, in "
            f"{self.worse} looks in a row (validation.patience={settings.patience})"
        )

    def _remember(self, training: Training) -> None:
        """The criterion of the best checkpoint, out of the log: what a resumed run has to beat; and the looks since."""
        self.best, self.best_step, self.worse = None, 0, 0
        for record in read_log(self.log.path)[0]:
            if record["kind"] != "metrics" or record.get("criterion") is None or not _counts(training, record["step"]):
                continue
            if record.get("best"):
                self.best, self.best_step, self.worse = record["criterion"], record["step"], 0
            else:
                self.worse += 1
        self._point_at_best(training)

    def _point_at_best(self, training: Training) -> None:
        """Let `best` be what the log says: a kill may have come in between. Without its checkpoint there is no best."""
        place, link = history.folder_of(training.folder, self.best_step), training.folder / "best"
        if self.best is None or not place.is_dir():
            self.best, self.best_step, self.worse = None, 0, 0
            if link.is_symlink() and not link.exists():
                link.unlink()
        elif link.resolve() != place.resolve():
            history.point(link, place)

    def _criterion(self, directions: Sequence[dict[str, float]]) -> float | None:
        """The mean of the criterion over the directions; None without one."""
        if self.decides is None:
            return None
        name = self.decides.name
        values = [found[name] for found in directions if name in found]
        return sum(values) / len(values) if values else None

    def _better(self, one: float, other: float) -> bool:
        assert self.decides is not None
        return one < other if self.decides.better == "lower" else one > other


def _counts(training: Training, step: int) -> bool:
    """Whether a look at this step may be the best: its weights have learned in the last stage."""
    now, _ = planned(training, step - 1)
    return now is None or now.stage.name == training.run.recipe.train.stages[-1].name


def values_of_metrics(
    metrics: Sequence[Metric], shown: Translated, missing: dict[str, str] | None = None
) -> dict[str, float]:
    """Each metric's value by its name; without those that cannot be had on these data.

    Args:
        missing: filled with these, and why.
    """
    values = {}
    for metric in metrics:
        if metric.needs_truth and shown.truth is None:
            continue
        try:
            values[metric.name] = metric(shown).value
        except MetricUnavailable as error:
            if missing is not None:
                missing.setdefault(metric.name, str(error))
    return values
