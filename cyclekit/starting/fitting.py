"""Load what fits of a network's weights, and tell what does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from cyclekit import registry
from cyclekit.recipe.values import PartChoice
from cyclekit.starting.sources import TrainedPart

SHOWN = 6
"""So many names stand in a message; a run's recipe.yaml has all of them."""


class Fit(NamedTuple):
    """What loading weights into a network came to, by the names of its tensors."""

    loaded: list[str]
    fresh: list[str]
    """Not in the source, or of another shape there, with both shapes: as the network began."""
    unused: list[str]
    """In the source, and with no place here."""

    def told(self) -> str:
        """How much was loaded and what was not, in words."""
        whole = len(self.loaded) + len(self.fresh)
        told = f"{len(self.loaded)} of {whole} tensors" if self.fresh else f"all {whole} tensors"
        told += f"; start fresh: {listed(self.fresh)}" if self.fresh else ""
        return told + (f"; have no place here: {listed(self.unused)}" if self.unused else "")


@torch.no_grad()
def fit_tensors(network: nn.Module, tensors: Mapping[str, Tensor]) -> Fit:
    """Copy every tensor of the same name and shape into a network, bit for bit; the others stay as they are."""
    loaded, fresh = [], []
    own = network.state_dict()
    for name, tensor in own.items():
        there = tensors.get(name)
        if there is None:
            fresh.append(name)
        elif there.shape != tensor.shape:
            fresh.append(f"{name} ({_shape(there)} there, {_shape(tensor)} here)")
        else:
            tensor.copy_(there)
            loaded.append(name)
    return Fit(loaded, fresh, [name for name in tensors if name not in own])


def listed(names: Iterable[str]) -> str:
    """Names, or the first few of many."""
    names = list(names)
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def differing_options(kind: str, there: TrainedPart, here: PartChoice) -> dict[str, tuple[Any, Any]]:
    """Options, with the source's value and this recipe's, in which two parts differ; `name` if they are two."""
    if there.name != here.name:
        return {"name": (there.name, here.name)}
    if there.name not in registry.names(kind):
        return {}
    known = registry.options(registry.part(kind, there.name).factory)
    defaults = {key: each.default for key, each in known.items() if each.default is not each.empty}
    theirs, ours = ({**defaults, **options} for options in (there.options, here.options))
    return {key: (theirs.get(key), ours.get(key)) for key in {**theirs, **ours} if theirs.get(key) != ours.get(key)}


def _shape(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape)) or "a number"
