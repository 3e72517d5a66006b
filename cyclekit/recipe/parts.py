"""The parts that a recipe names, each of them with its options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cyclekit.recipe.schema import Recipe
from cyclekit.recipe.values import PartChoice
from cyclekit.registry import RecipeError


def parts_of(recipe: Recipe) -> Iterator[tuple[str, str, PartChoice]]:
    """(key, kind, choice) of every part that a recipe names."""
    for kind in (
        "data", "generator", "discriminator", "objective", "gan_loss", "reconstruction", "initialisation", "noise",
        "bootstrap", "preservation", "reranking",
    ):  # fmt: skip
        choice = getattr(recipe, kind)
        if choice is not None:
            yield kind, kind, choice
    for term in recipe.objective.terms:
        yield "objective.terms", "term", term
    yield "train.schedule", "schedule", recipe.train.schedule
    yield "train.optimizer", "optimizer", recipe.train.optimizer
    for where, kind, choices in (
        ("metrics", "metric", recipe.metrics.measure),
        ("validation.metrics", "metric", recipe.validation.metrics),
        ("health.checks", "health", recipe.health.checks),
    ):
        for choice in choices:
            yield where, kind, choice


def for_each_space(options: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    """The options with one of the `features` in each, where they are a list: a metric each.

    Raises:
        RecipeError: an empty list, or one that names a space twice.
    """
    spaces = options.get("features")
    if not isinstance(spaces, list):
        return [dict(options)]
    if not spaces or any(spaces.count(space) > 1 for space in spaces):
        raise RecipeError(f"{where}: features is {spaces}; name one, or several different ones")
    return [{**options, "features": space} for space in spaces]
