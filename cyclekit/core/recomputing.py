"""Memory for time: what a network computes on the way is forgotten, and computed again when its gradient is wanted.

Two ways: a network's repeated blocks forget what is inside them (`train.checkpointing`; Chen et al. 2016, "Training
deep nets with sublinear memory cost"); or a network works on a share of its rows at a time (`train.accumulate`). The
second is what others do by several small steps whose gradients add up. Here losses and replay buffers see the whole
batch, as they would without, so that the step is that of the whole batch for every objective.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from cyclekit.core.batch import Batch, Product, concat, split
from cyclekit.core.parts import Featured, Searching


def recompute_blocks(network: nn.Module) -> int:
    """Have a network's repeated blocks forget what is inside them; how many now do.

    They are the members, at least two and all of one class, of a `ModuleList` or `Sequential`; torch's own layers,
    which have nothing inside, do not count.
    """
    found = [block for block in repeated_blocks(network) if not recomputes(block)]  # generators may share some
    for block in found:
        block.forward = _Forgetful(block, block.forward)
    return len(found)


def repeated_blocks(network: nn.Module) -> Iterator[nn.Module]:
    """See `recompute_blocks`."""
    for holder in network.modules():
        if not isinstance(holder, nn.ModuleList | nn.Sequential):
            continue
        members = list(holder)
        kinds = {type(member) for member in members}
        if len(members) > 1 and len(kinds) == 1 and not kinds.pop().__module__.startswith("torch."):
            yield from members


def recomputes(network: nn.Module) -> bool:
    """Whether blocks below a network forget what is inside them."""
    return any(isinstance(vars(module).get("forward"), _Forgetful) for module in network.modules())


def work_in_parts(network: nn.Module, parts: int) -> None:
    """Have a network work on its rows in so many parts, one after the other, and forget what is inside each.

    Its answers are those that it gives to all rows at once, unless its rows mix (batch norm) or it draws random
    numbers. Where no gradient is wanted it takes them at once.
    """
    names = ["score"] if isinstance(network, Searching) else ["forward"]  # what it draws leaves nothing to forget
    names += ["features"] if isinstance(network, Featured) else []
    for name in names:
        method = getattr(network, name)
        if not isinstance(method, nn.Module):
            setattr(network, name, _InParts(network, method, parts))


class _Forgetful:
    """A forward pass that keeps its arguments and nothing else."""

    def __init__(self, network: nn.Module, forward: Callable[..., Any]) -> None:
        self.network, self.forward = network, forward

    def __call__(self, *given: Any, **named: Any) -> Any:
        if not torch.is_grad_enabled():
            return self.forward(*given, **named)
        again = _Again(self.network)
        return checkpoint(self.forward, *given, use_reentrant=False, context_fn=lambda: (nullcontext(), again), **named)


class _InParts(_Forgetful):
    """A forward pass in parts, on Batches of rows."""

    def __init__(self, network: nn.Module, forward: Callable[..., Any], parts: int) -> None:
        super().__init__(network, forward)
        self.parts = parts

    def __call__(self, *given: Any, **named: Any) -> Any:
        sizes = _shares(next(each for each in given if isinstance(each, Batch)).size, self.parts)
        if len(sizes) == 1 or not torch.is_grad_enabled():
            return super().__call__(*given, **named)
        shared = [_split(each, sizes) if isinstance(each, Batch) else [each] * len(sizes) for each in given]
        return _together([super(_InParts, self).__call__(*part, **named) for part in zip(*shared)])


def _shares(rows: int, parts: int) -> list[int]:
    """How many rows each part has: as many as the others, or one less."""
    most = -(-rows // parts)
    return [size for size in (min(most, rows - start) for start in range(0, rows, most))]


def _split(batch: Batch, sizes: list[int]) -> list[Batch]:
    """`split`, with the logits of each row's tokens."""
    parts = split(batch, sizes)
    if not isinstance(batch.logits, Tensor):
        return parts
    counts = [part.data.shape[0] * part.data.shape[1] if part.mask is None else int(part.mask.sum()) for part in parts]
    return [part._replace(logits=logits) for part, logits in zip(parts, batch.logits.split(counts))]


def _together(answers: list[Any]) -> Any:
    """What a network answered to parts, as one answer."""
    first = answers[0]
    if isinstance(first, Batch):
        return concat(answers)
    if isinstance(first, Product):
        return Product(torch.cat([answer.state for answer in answers]), first.weight)
    return torch.cat(answers) if isinstance(first, Tensor) else [torch.cat(layers) for layers in zip(*answers)]


class _Again:
    """A second pass over the same rows: modules in the mode of the first, whose running statistics have followed."""

    def __init__(self, network: nn.Module) -> None:
        self.modes = [(module, module.training) for module in network.modules()]
        self.norms = [module for module, _ in self.modes if isinstance(module, nn.modules.batchnorm._BatchNorm)]

    def __enter__(self) -> None:
        self.now = [module.training for module, _ in self.modes]
        self.momenta = [norm.momentum for norm in self.norms]
        for module, mode in self.modes:
            module.training = mode
        for norm in self.norms:
            norm.momentum = 0.0

    def __exit__(self, *error: object) -> None:
        for (module, _), mode in zip(self.modes, self.now):
            module.training = mode
        for norm, momentum in zip(self.norms, self.momenta):
            norm.momentum = momentum
