"""The data of a recipe: checked, opened, and named as it names itself."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy
import torch

from cyclekit import registry
from cyclekit.assembling.fitting_together import check_modality
from cyclekit.assembling.metrics import check_metrics
from cyclekit.core.batch import Pair
from cyclekit.core.capabilities import NamesDomains
from cyclekit.core.parts import Data
from cyclekit.recipe.schema import Domains, Recipe
from cyclekit.registry import RecipeError


def open_data(
    recipe: Recipe, sources: list[Any] | None = None, progress: Callable[[int, int], None] | None = None
) -> Data:
    """Check what can be checked without data, seed every random generator, and open the data.

    Args:
        sources: replaces the recipe's data sources, as `--data` does.
        progress: told how much of a long look at the data is done: (done, total).

    Raises:
        RecipeError: parts that do not fit the modality, or data that is missing or broken.
    """
    check_modality(recipe)
    check_metrics(recipe)
    seed_everything(recipe.train.seed)
    return build_data(recipe, sources, progress)


def seed_everything(seed: int) -> None:
    """Seed every global random generator: torch's, and those that plugins may use."""
    torch.manual_seed(seed)
    random.seed(seed)
    numpy.random.seed(seed % 2**32)


def build_data(
    recipe: Recipe, sources: list[Any] | None = None, progress: Callable[[int, int], None] | None = None
) -> Data:
    """Open the recipe's data: the first of its sources that is there."""
    options = recipe.data.options
    if sources is not None:
        options["sources"] = sources
    domains = Pair(recipe.domains.a, recipe.domains.b)
    return registry.build("data", recipe.data.name, domains, progress, options=options, where="data")


def as_the_data_calls_them(recipe: Recipe, data: Data) -> Recipe:
    """The recipe with the domains' names of the data, where it has some of its own: of folders, for example."""
    names = data.domains if isinstance(data, NamesDomains) else Pair(recipe.domains.a, recipe.domains.b)
    if names == Pair(recipe.domains.a, recipe.domains.b):
        return recipe
    try:
        found = Domains(a=names.a, b=names.b)
    except ValueError as error:
        raise RecipeError(
            f"data.sources: domains called '{names.a}' and '{names.b}': no run can be so named"
        ) from error
    return recipe.model_copy(update={"domains": found, "called": recipe.called or recipe.domains})
