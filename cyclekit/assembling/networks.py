"""Networks of both domains: as one module, their parameters, and how they stand outside of training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from cyclekit.core.batch import Pair
from cyclekit.core.ema import MovingAverage
from cyclekit.core.parts import BringsSides, Networks, Objective
from cyclekit.core.recomputing import recompute_blocks, work_in_parts
from cyclekit.recipe.schema import Recipe
from cyclekit.registry import RecipeError


def modules(pair: Pair[Any]) -> nn.ModuleDict:
    """A Pair of modules as one module with the keys "a" and "b"; sides without a network are left out."""
    return nn.ModuleDict({domain: module for domain, module in pair._asdict().items() if module is not None})


def pair_of(networks: nn.ModuleDict) -> Pair[nn.Module | None]:
    """Undo `modules`."""
    return Pair(*(dict(networks).get(domain) for domain in Pair._fields))


def unique_parameters(networks: Iterable[nn.Module | None]) -> list[Tensor]:
    """Every trainable parameter once, also where networks share some."""
    return [weight for weight in _weights(networks) if weight.requires_grad]


def parameter_counts(networks: Networks) -> Mapping[str, int]:
    """How many parameters each side has."""
    return {side: sum(p.numel() for p in unique_parameters(pair)) for side, pair in networks._asdict().items()}


def averages_of_sides(objective: Objective, decay: float) -> dict[str, MovingAverage[nn.Module]]:
    """Moving averages of an objective's own sides that want one, by the sides' names."""
    own = objective.sides if isinstance(objective, BringsSides) else {}
    return {name: MovingAverage(side.networks, decay) for name, side in own.items() if side.averaged}


def kept_counts(networks: Networks) -> Mapping[str, int]:
    """How many weights of each side do not learn, of the sides that have such."""
    kept = {
        side: sum(w.numel() for w in _weights(pair) if not w.requires_grad) for side, pair in networks._asdict().items()
    }
    return {side: count for side, count in kept.items() if count}


def bytes_before_activations(networks: Networks) -> int:
    """What all weights take, with a float32 gradient and Adam's two moments for each that learns."""
    every = _weights([*networks.generators, *networks.discriminators])
    return sum(weight.numel() * (weight.element_size() + (12 if weight.requires_grad else 0)) for weight in every)


def _weights(networks: Iterable[nn.Module | None]) -> list[Tensor]:
    """Every weight once, whether it learns or not."""
    every = [weight for network in networks if network is not None for weight in network.parameters()]
    return list({id(weight): weight for weight in every}.values())


def rows_together(test_time: str, wanted: int) -> int:
    """How many rows may share a batch outside of training.

    With `test_time` "train" a row's norm is of the batch's statistics: beside others it would come out differently.
    """
    return 1 if test_time == "train" else wanted


@contextmanager
def as_used(networks: Iterable[nn.Module | None], test_time: str) -> Iterator[None]:
    """Networks outside of training; afterwards they are as they were.

    Args:
        test_time: "eval", or "train", which is pix2pix as published: norm by the batch's own statistics, dropout as
            noise. Running statistics stay as they are in both.
    """
    modes = [(module, module.training) for n in networks if n is not None for module in n.modules()]
    norms = [module for module, _ in modes if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for module, _ in modes:
        module.training = test_time == "train"
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode
        for norm, momentum in zip(norms, momenta):
            norm.momentum = momentum


def spare_memory(recipe: Recipe, networks: Networks) -> None:
    """Have networks compute again what they would keep, where the recipe wants that.

    Raises:
        RecipeError: the generators have no blocks to do so with.
    """
    generators = [generator for generator in networks.generators if generator is not None]
    if recipe.train.checkpointing and not sum(recompute_blocks(generator) for generator in generators):
        raise RecipeError(
            f"train.checkpointing: generator '{recipe.generator.name}' has no repeated blocks to compute again; set "
            "train.checkpointing=false, and train.accumulate where memory does not suffice"
        )
    if recipe.train.accumulate > 1:
        discriminators = [one for of_domain in networks.discriminators if of_domain is not None for one in of_domain]
        for network in [*generators, *discriminators]:
            work_in_parts(network, recipe.train.accumulate)
