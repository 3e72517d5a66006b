"""What is wrong with a run while it trains: found by checks and watches, written down, acted on as a recipe says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from cyclekit.assembling.metrics import build_metrics
from cyclekit.callbacks.log import Log, due
from cyclekit.callbacks.saver import save_checkpoint
from cyclekit.callbacks.translations import Rows, StepTranslations, direction_name, stacking, translating
from cyclekit.measuring.health import Check, TranslatingCheck, Watch, WatchedStep, ask
from cyclekit.measuring.metric import MetricUnavailable
from cyclekit.registry import RecipeError
from cyclekit.runs import history
from cyclekit.training.asking import GoBack, Keep
from cyclekit.training.loop import planned
from cyclekit.training.resuming import MOST_ROLLBACKS
from cyclekit.training.state import Callback, Training

MARGIN = 200
"""Steps by which a checkpoint has to be older than a step without findings, for watches to have judged it: the window
of those that look at windows."""

YOUNG = 100
"""Steps of a run, or of its last stage, before which outputs are not judged: what a network that has hardly begun does
is no fault of its settings. A recipe that says `health.after: 0` has them judged from the first step on."""


class Health(Callback):
    """Every so many steps, checks of translated items; at every step, watches of the terms; and what follows.

    A finding is a line of the log. With `on_failure: stop` it also ends the run, as an error; with `rollback` the run
    goes back to its newest checkpoint from before anything was wrong, and on from there at half the learning rates, at
    most three times. A term that is not finite ends a run in any case, unless it may roll back.

    Items come from the validation data, or from those held out where nothing is set aside: checks choose nothing, so
    that looking at held-out items spoils no number. Where a recipe has stages, outputs and terms are judged in the last
    of them: before it, outputs are not yet meant as translations (autoencoding copies, and should).
    """

    def __init__(self, log: Log, translations: StepTranslations) -> None:
        self.log, self.translations = log, translations
        self.clean, self.healthy = 0, 0
        """The last step at which nothing was found, and the one up to which checkpoints are good to go back to."""
        self.since: dict[str, int] = {}
        self.stage: str | None = None

    def started(self, training: Training) -> Keep:
        """Build the checks, take the items; on a resume, remember what was seen."""
        self.settings = training.run.recipe.health
        parts = dict(zip((each.name for each in self.settings.checks), build_metrics(self.settings.checks, "health")))
        self.watches: dict[str, Watch] = {name: part for name, part in parts.items() if isinstance(part, Watch)}
        self.checks: dict[str, Check | TranslatingCheck] = {
            name: part for name, part in parts.items() if name not in self.watches
        }
        self.rows = self._items(training) if self.checks else {}
        self.pending: list[tuple[int, dict[str, Tensor], Tensor | None]] = []
        self._remember(training)
        if self.settings.on_failure == "rollback" and not history.steps(training.folder):
            save_checkpoint(training, self.log)  # there is always something to go back to
        return self._kept()

    def stepped(self, training: Training) -> GoBack | Keep | None:
        """Take the step in; judge when it is time."""
        if not (self.watches or self.checks) and self.settings.on_failure == "warn":
            return None
        train = training.run.recipe.train
        look = due(training, self.settings.every or training.run.recipe.validation.every or train.sample_every)
        self._follow_stage(training)
        if self.watches:
            self.pending.append((training.step, training.terms, self._gradient(training)))
        if not (look or due(training, train.log_every) or due(training, train.save_every)):
            return None
        found = self._watched(training)
        if look and self.rows and _judged_now(training):
            found += self._looked_at(training)
            self.clean = self.clean if found else training.step
        elif not found and not (self.rows and _judged_now(training)):
            self.clean = training.step  # there are no outputs to judge (yet)
        for check, line, since in found:
            self.log.write("health", training.step, check=check, finding=line, since=since)
        if self.settings.on_failure == "rollback" and not found:
            self.healthy = max(self.healthy, min(self.clean, training.step - MARGIN))
        training.memory["health"] = self._state()
        return self._acted(training, *found[0][:2]) if found else self._kept()

    def mends(self, training: Training, error: str) -> GoBack | None:
        """Roll back from terms or weights that are not finite, if the recipe says so."""
        if self.settings.on_failure != "rollback":
            return None
        self.log.write("health", training.step, check="not_finite", finding=error, since=training.step)
        return self._rollback(training, "not_finite", error)

    def went_back(self, training: Training) -> Keep:
        """Say so, in a log that has lost the steps since; take up what was seen until then."""
        self.pending = []
        self._remember(training)
        left, check, finding = self.cause
        self.log.write(
            "rollback", training.step, left=left, check=check, finding=finding, rollbacks=training.rollbacks,
            rate_factor=training.rate_factor, message=f"went back from step {left:,} to {training.step:,}, and on at "
            f"{training.rate_factor:g} of the learning rates (rollback {training.rollbacks} of {MOST_ROLLBACKS})",
        )  # fmt: skip
        return self._kept()

    def _kept(self) -> Keep:
        """What has to stay for a rollback."""
        return Keep(self.healthy if self.settings.on_failure == "rollback" else None)

    def _acted(self, training: Training, check: str, line: str) -> GoBack | None:
        """What the recipe says should follow."""
        # A run that is done is not stopped, but saved; one that is interrupted here ends as it would have without.
        if self.settings.on_failure == "stop" and training.stop in (None, "interrupted"):
            raise RecipeError(
                f"{training.folder}: stopped at step {training.step}, as health.on_failure says: {check}: {line}"
            )
        return self._rollback(training, check, line) if self.settings.on_failure == "rollback" else None

    def _rollback(self, training: Training, check: str, line: str) -> GoBack:
        """The newest checkpoint that is known to be healthy.

        Raises:
            RecipeError: it was gone back often enough.
        """
        if training.rollbacks >= MOST_ROLLBACKS:
            raise RecipeError(
                f"{training.folder}: stopped at step {training.step}, after {MOST_ROLLBACKS} rollbacks: {check}: {line}"
            )
        there = history.steps(training.folder)
        known = [step for step in there if step <= self.healthy]
        self.cause = (training.step, check, line)
        return GoBack(max(known, default=there[0]))

    def _items(self, training: Training) -> Rows:
        """The first validation items of each domain, or held-out ones; none where there are none of either."""
        run = training.run
        count = self.settings.items or run.recipe.validation.items
        aside = {domain: run.data.validation(domain) for domain in ("a", "b")}
        self.from_validation = all(aside.values())
        items = aside if self.from_validation else {domain: run.data.held_out(domain) for domain in ("a", "b")}
        if not all(map(len, items.values())):
            self.log.write("note", training.step, message="health: nothing is held out, so no outputs are looked at")
            return {}
        return {domain: stacking(rows[:count]) for domain, rows in items.items()}

    def _gradient(self, training: Training) -> Tensor | None:
        """The norm of the generators' gradient, when the log looks anyway."""
        learned = any(not name.startswith("discriminator") for name in training.terms)
        if not learned or not due(training, training.run.recipe.train.log_every):
            return None
        parameters = training.optimizers["generators"].param_groups[0]["params"]
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        return torch.nn.utils.get_total_norm(gradients) if gradients else None

    def _follow_stage(self, training: Training) -> None:
        """Other terms, and other gradients, begin with another stage."""
        if training.stage != self.stage:
            self.stage, self.pending = training.stage, []
            for watch in self.watches.values():
                watch.forget()

    def _watched(self, training: Training) -> list[tuple[str, str, int]]:
        """What the watches say of the steps since they were last asked: (check, line, since)."""
        run, found = training.run, []
        pending, self.pending = self.pending, []
        last = run.recipe.train.stages[-1].name if run.recipe.train.stages else None
        if last is not None and training.stage != last:
            return []
        counts = {domain: len(them) for domain, them in run.networks.discriminators._asdict().items() if them}
        for step, terms, gradient in pending:
            values = _numbers({**terms, "": gradient} if gradient is not None else terms)
            reading = WatchedStep(
                step, values, values.get(""), run.recipe.gan_loss.name if run.recipe.gan_loss else "", counts
            )
            for name, watch in self.watches.items():
                for noticed in watch.see(reading):
                    about = f"{run.display(noticed.domain)}, " if noticed.domain else ""
                    found.append((name, f"{about}since step {noticed.since:,}: {noticed.line}", noticed.since))
        return found

    def _looked_at(self, training: Training) -> list[tuple[str, str, int]]:
        """What the checks find in the outputs: (check, line, since)."""
        run, found = training.run, []
        shown = self.translations.of(training, self.rows, validation=self.from_validation)
        for source, target in run.directions:
            name = direction_name(run, source, target)
            with translating(run, source, target, training.device) as generators:
                for check, find in self.checks.items():
                    line, key = _answer(find, shown[name], generators), f"{check}: {name}"
                    if line is None:
                        self.since.pop(key, None)
                        continue
                    since = self.since.setdefault(key, training.step)
                    found.append((check, f"{name}, since step {since:,}: {line}", since))
        return found

    def _state(self) -> dict[str, Any]:
        watches = {name: watch.state() for name, watch in self.watches.items()}
        seen = {"clean": self.clean, "healthy": self.healthy, "since": dict(self.since), "stage": self.stage}
        return {**seen, "watches": watches}

    def _remember(self, training: Training) -> None:
        """Go on from what the training's memory holds; from nothing where it holds nothing."""
        kept = training.memory.get("health", {})
        self.clean, self.healthy = kept.get("clean", 0), kept.get("healthy", 0)
        self.since, self.stage = dict(kept.get("since", {})), kept.get("stage")
        for name, watch in self.watches.items():
            watch.forget()
            if name in kept.get("watches", {}):
                watch.load(kept["watches"][name])


def _answer(find: Check | TranslatingCheck, shown: Any, generators: Any) -> str | None:
    try:
        return ask(find, shown, generators)
    except MetricUnavailable:
        return None  # nothing that this check can read


def _numbers(tensors: Mapping[str, Tensor]) -> dict[str, float]:
    """All values in one go: on an accelerator each look means waiting."""
    return dict(zip(tensors, torch.stack([value.detach().float() for value in tensors.values()]).tolist()))


def _judged_now(training: Training) -> bool:
    """Whether outputs are meant as translations yet: in the last stage, after the share of it that the recipe names."""
    train, after = training.run.recipe.train, training.run.recipe.health.after
    now, _ = planned(training, training.step - 1)
    if now is not None and now.stage.name != train.stages[-1].name:
        return False
    done, steps = (training.step, training.total_steps) if now is None else (now.done + 1, now.steps)
    return after == 0 or done >= max(after * steps, YOUNG)
