"""The metrics and health checks of a recipe: built in its order, and refused before anything is trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cyclekit import registry
from cyclekit.core.capabilities import AtOwnSize
from cyclekit.core.parts import Data
from cyclekit.measuring.metric import chooses
from cyclekit.recipe.parts import for_each_space
from cyclekit.recipe.schema import Metrics, Recipe
from cyclekit.recipe.values import PartChoice
from cyclekit.registry import RecipeError


def check_metrics(recipe: Recipe) -> None:
    """Find mistakes in the recipe's metrics before it is trained; they are built long after.

    Raises:
        RecipeError: unknown metrics or options, two of one name, an option for all of them that none has, or a
            criterion that chooses nothing.
    """
    for where, kind, choices in (
        ("metrics", "metric", recipe.metrics.measure),
        ("validation.metrics", "metric", recipe.validation.metrics),
        ("health.checks", "health", recipe.health.checks),
    ):
        built = build_metrics(choices, kind, where=where)
        _refuse_twins([choice.name for choice in choices] if kind == "health" else [part.name for part in built], where)
    criterion = recipe.validation.criterion
    deciding = [choice for choice in recipe.validation.metrics if choice.name == criterion]
    if not all(chooses(metric) for metric in build_metrics(deciding)):
        raise RecipeError(
            f"validation.criterion: {criterion} is there to judge what another metric chose, and chooses nothing "
            "itself; name another"
        )
    for option in recipe.metrics.shared:
        if not any(_knows("metric", choice.name, option) for choice in recipe.metrics.measure):
            that_do = ", ".join(name for name in registry.names("metric") if _knows("metric", name, option))
            raise RecipeError(
                f"metrics.{option}: none of the listed metrics uses it; add one to metrics.measure that does: {that_do}"
            )


def check_sizes(recipe: Recipe, data: Data) -> None:
    """Find what is said of sizes that the data's items have not.

    Raises:
        RecipeError: something is.
    """
    if isinstance(data, AtOwnSize):
        return
    for key in ("size", "max_pixels"):
        if getattr(recipe.metrics, key) != getattr(Metrics(), key):
            raise RecipeError(
                f"metrics.{key}: items of data '{recipe.data.name}' have no sizes of their own; leave it out"
            )


def build_metrics(
    choices: Iterable[PartChoice],
    kind: str = "metric",
    shared: Mapping[str, Any] | None = None,
    where: str = "metrics",
) -> list[Any]:
    """Metrics, or other parts that need nothing but their options, in a recipe's order.

    A metric that measures in a space of features, and is given several of them, becomes one metric for each.

    Args:
        shared: options for all of them that know such an option, unless it stands beside the part.
        where: the section that lists them, for messages.

    Raises:
        RecipeError: an unknown part, unknown options, or options that it refuses.
    """
    built = []
    for choice in choices:
        known = {key: value for key, value in (shared or {}).items() if _knows(kind, choice.name, key)}
        for options in for_each_space({**known, **choice.options}, f"{where}: {kind} '{choice.name}'"):
            built.append(registry.build(kind, choice.name, options=options, where=where))
    return built


def _refuse_twins(names: Sequence[str], where: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise RecipeError(f"{where}: '{name}' stands there twice, and one would hide the other; list it once")


def _knows(kind: str, name: str, option: str) -> bool:
    return option in registry.options(registry.part(kind, name).factory)
