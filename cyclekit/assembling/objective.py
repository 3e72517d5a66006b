"""What a run minimises, and with which optimizer: built from what their signatures ask for by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from cyclekit import registry
from cyclekit.core.adversarial import mixes_rows
from cyclekit.core.capabilities import Adversarial
from cyclekit.core.parts import BringsSides, Data, Networks, Objective
from cyclekit.core.terms import WeightedTerm
from cyclekit.recipe.schema import Recipe
from cyclekit.recipe.values import PartChoice
from cyclekit.registry import RecipeError

PARTS_OF_OBJECTIVES = {
    "gan_loss": "gan_loss",
    "reconstruction": "reconstruction",
    "noise": "noise",
    "bootstrap": "bootstrap",
    "preserved": "preservation",
}
"""What an objective may ask for -> the recipe's key that names such a part."""

FILES = ("generators", "discriminators", "average", "optimizers", "objective", "bootstrap", "random")
"""What a checkpoint holds of every run; an objective's own sides are called otherwise."""

OF_DATA = ("noise", "bootstrap", "preservation")
"""Parts that look at the data when they are built."""


def build_objective(recipe: Recipe, data: Data, networks: Networks) -> Objective:
    """The recipe's objective, handed what its signature names; see `Objective`.

    Raises:
        RecipeError: it asks for a part that the recipe does not name, or has no use for one that it does.
    """
    choice = recipe.objective
    wanted = registry.asks_for(registry.part("objective", choice.name, "objective").factory)
    for asked, kind in PARTS_OF_OBJECTIVES.items():
        named = getattr(recipe, kind)
        if named is not None and asked not in wanted:
            raise RecipeError(f"{kind}: objective '{choice.name}' has no use for '{named.name}'; set {kind}=null")
        if named is None and asked in wanted and wanted[asked].default is inspect.Parameter.empty:
            there = ", ".join(registry.names(kind))
            raise RecipeError(f"{kind}: is missing; objective '{choice.name}' asks for one; there are: {there}")
    if choice.terms and "terms" not in wanted:
        raise RecipeError(f"objective.terms: objective '{choice.name}' carries no further terms")

    def of_recipe(kind: str) -> Any:
        named = getattr(recipe, kind)
        given = [data] if kind in OF_DATA else []
        return None if named is None else registry.build(kind, named.name, *given, options=named.options)

    offers: dict[str, Callable[[], Any]] = {
        asked: partial(of_recipe, key) for asked, key in PARTS_OF_OBJECTIVES.items()
    }
    offers["terms"] = lambda: _build_terms(recipe, data)
    offers |= {"codecs": lambda: data.codecs, "generators": lambda: networks.generators, "data": lambda: data}
    options = {"seed": recipe.train.seed, **choice.options} if _takes_seed(choice) else choice.options
    objective: Objective = registry.build_from("objective", choice.name, offers, options=options, where="objective")
    _refuse_mixed_rows(recipe, objective, networks)
    if isinstance(objective, BringsSides) and (taken := set(objective.sides) & set(FILES)):
        raise RecipeError(f"objective: '{choice.name}' calls a side '{min(taken)}'; a checkpoint has that already")
    return objective


def _build_terms(recipe: Recipe, data: Data) -> list[WeightedTerm]:
    offers: dict[str, Callable[[], Any]] = {"codecs": lambda: data.codecs, "data": lambda: data}
    return [
        WeightedTerm(
            term.name,
            term.weight,
            registry.build_from("term", term.name, offers, options=term.options, where="objective.terms"),
        )
        for term in recipe.objective.terms
    ]


def _refuse_mixed_rows(recipe: Recipe, objective: Objective, networks: Networks) -> None:
    penalised = isinstance(objective, Adversarial) and objective.gan_loss and objective.gan_loss.penalty is not None
    if penalised and any(mixes_rows(of_domain) for of_domain in networks.discriminators if of_domain is not None):
        assert recipe.gan_loss is not None
        raise RecipeError(
            f"gan_loss: '{recipe.gan_loss.name}' needs a discriminator whose rows do not mix: "
            "set discriminator.norm=instance (Gulrajani et al. 2017, section 4)"
        )


def build_optimizer(recipe: Recipe, parameters: list[Tensor], learning_rate: float) -> torch.optim.Optimizer:
    """The recipe's optimizer over some parameters.

    Raises:
        RecipeError: no such optimizer, or options that it refuses.
    """
    offers: dict[str, Callable[[], Any]] = {
        "parameters": lambda: parameters,
        "learning_rate": lambda: learning_rate,
        "betas": lambda: recipe.train.betas,
    }
    choice = recipe.train.optimizer
    built: torch.optim.Optimizer = registry.build_from(
        "optimizer", choice.name, offers, options=choice.options, where="train.optimizer"
    )
    return built


def _takes_seed(choice: PartChoice) -> bool:
    return "seed" in registry.options(registry.part("objective", choice.name, "objective").factory)
