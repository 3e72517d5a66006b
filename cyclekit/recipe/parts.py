"""The parts that a recipe names."""

from __future__ import annotations

from collections.abc import Iterator

from cyclekit.recipe.schema import PartChoice, Recipe


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
