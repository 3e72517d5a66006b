"""Stages of training: at which step which dials stand where, also of a run that was made longer.

A function of the step and of the lengths that stand in the recipe, so there is nothing to resume; where the length is a
time, of the points at which the clock was read (`core/budget.py`), which a checkpoint has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from cyclekit.core.batch import Pair
from cyclekit.core.budget import Budget, whole
from cyclekit.core.capabilities import dials_of
from cyclekit.core.terms import CarriesTerms
from cyclekit.recipe.schema import Recipe
from cyclekit.recipe.train_section import Dial, Extension, Stage, Train
from cyclekit.registry import RecipeError, did_you_mean

Dials = Mapping[tuple[str, str], float]
"""("objective", "generator" or "terms", name) -> value"""


class Now(NamedTuple):
    """Where a step stands."""

    stage: Stage
    done: int
    """Steps of the stage before this one."""
    steps: int
    """Steps of the stage in all."""


class Clock(NamedTuple):
    """What a step's schedule and stages go by; in a run that keeps its first length, the step and that length.

    Counted in steps; in a run of a given time, in milliseconds.
    """

    done: int
    total: int
    epochs: int | None
    """In all, where the length is counted in epochs."""
    first: int
    """The length that the run was to have at first: stages begin where they did, and the last goes on."""
    rate: float | None = None
    """The share of the learning rate that a number in `train.extend` holds; None: the schedule says."""


def clock(recipe: Recipe, step: int, in_epoch: int, budget: Budget | None = None) -> Clock:
    """Read the clock at a step, counted from 0.

    Each length holds from the step at which the run got it. What a new one does is `train.extend`: by `schedule` the
    clock shows the step among the new number; by `constant`, or a number, it goes on by the old length to its last step
    and stands still there.

    Args:
        in_epoch: steps of an epoch.
        budget: how far which step is, where the length is a time.
    """
    now = length_until(recipe.train, max(step, 1))
    past = next((place for place, old in enumerate(recipe.extended) if step < old.until), len(recipe.extended))
    return _read([*recipe.extended, now][: past + 1], step if budget is None else budget.milliseconds(step), in_epoch)


def length_until(train: Train, until: int) -> Extension:
    """The length that a run has until a step."""
    return Extension(until=until, steps=train.steps, epochs=train.epochs, budget=train.budget, extend=train.extend)


def _read(lengths: Sequence[Extension], done: int, in_epoch: int) -> Clock:
    *before, length = lengths
    if not before or length.extend == "schedule":
        return Clock(done, _counted(length, in_epoch), length.epochs, _counted(lengths[0], in_epoch))
    old = _counted(before[-1], in_epoch)
    held = _read(before, min(done, old - 1), in_epoch)
    return held if done < old or length.extend == "constant" else held._replace(rate=length.extend)


def _counted(length: Extension, in_epoch: int) -> int:
    if length.budget is not None:
        return whole(length.budget)
    return length.steps or (length.epochs or 0) * in_epoch


def now(stages: Sequence[Stage], step: int, total: int, first: int | None = None) -> Now | None:
    """The stage of a step, counted from 0; None without stages.

    Args:
        first: the length whose shares the stages are, where `total` is a later one.
    """
    starts = borders(stages, total if first is None else first)
    for stage, start, end in zip(stages, starts, [*starts[1:], total]):
        if step < end:
            return Now(stage, step - start, end - start)
    return None


def borders(stages: Sequence[Stage], total: int) -> list[int]:
    """The first step of each stage: shares of the whole, so that a shorter training has them all."""
    taken = sum(stage.share or 0 for stage in stages)
    shares = [1 - taken if stage.share is None else stage.share for stage in stages]
    return [round(total * sum(shares[:place])) for place in range(len(stages))]


def dials(stages: Sequence[Stage], objective: Any, generators: Pair[Any]) -> Dials:
    """The values that the stages' dials have without them.

    Raises:
        RecipeError: a stage turns what cannot be turned.
    """
    values: dict[tuple[str, str], float] = {}
    weights = {one.name: one.weight for one in objective.terms} if isinstance(objective, CarriesTerms) else {}
    holders = {"objective": "objective has", "generator": "generator has", "terms": "objective's terms have"}
    for place, stage in enumerate(stages):
        for kind, known, value_of in (
            ("objective", dials_of(objective), partial(getattr, objective)),
            ("generator", dials_of(generators.b), partial(getattr, generators.b)),
            ("terms", weights, weights.__getitem__),
        ):
            for name in getattr(stage, kind):
                if name not in known:
                    raise RecipeError(
                        f"train.stages.{place}.{kind}.{name}: the {holders[kind]} no such dial"
                        f"{did_you_mean(name, known)}; a stage turns: {', '.join(known) or 'nothing'}"
                    )
                values[kind, name] = float(value_of(name))
    return values


def turn(now: Now, objective: Any, generators: Pair[Any], standing: Dials) -> None:
    """Set every dial that some stage turns to its value now."""
    for (kind, name), value in standing.items():
        wanted = _at(getattr(now.stage, kind).get(name, value), now)
        if kind == "terms":
            objective.terms = [one._replace(weight=wanted) if one.name == name else one for one in objective.terms]
            continue
        for holder in [objective] if kind == "objective" else [g for g in generators if g is not None]:
            setattr(holder, name, wanted)


def _at(dial: Dial, now: Now) -> float:
    if not isinstance(dial, tuple):
        return dial
    first, last = dial
    return first + (last - first) * now.done / max(now.steps - 1, 1)
