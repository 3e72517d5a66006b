"""Several processes that train together: N of them with b rows each are one with N x b rows.

Each has its share of every batch, and the mean of their gradients moves the weights of all alike. A mean over rows of
one size is the mean of the shares' means. What is not, because rows have ever new lengths or a decision is made for the
whole batch, asks here. While no step is shared (see `sharing`) every process is by itself, and all of it does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn

from cyclekit.core.batch import Batch
from cyclekit.core.context import set_within
from cyclekit.registry import RecipeError

T = TypeVar("T")

BUCKET = 2**24
"""Numbers that go over the line at once: 64 MB of float32."""

_SHARING = ContextVar("a step is shared", default=False)


class ProcessLost(RecipeError):
    """Another of the processes is gone, so that none can go on."""


def rank() -> int:
    """Which of the processes this is; 0 is the first, which alone writes and speaks."""
    return dist.get_rank() if dist.is_available() and dist.is_initialized() else 0


def world() -> int:
    """How many processes train together; 1 where there is no group."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def sharing() -> AbstractContextManager[None]:
    """A step that all processes do together: what its parts ask here is answered for the whole batch."""
    return set_within(_SHARING, world() > 1)


def sharers() -> int:
    """How many processes share the step that is under way; 1 outside of one."""
    return world() if _SHARING.get() else 1


def summed(count: Tensor) -> Tensor:
    """The sum over the processes that share the step. Carries no gradient."""
    if sharers() == 1:
        return count
    total = count.detach().clone()
    with _talking():
        dist.all_reduce(total)
    return total


def of_all(mean: Tensor, count: int) -> Tensor:
    """This process's part in a mean over things of which each process has another number, such as tokens.

    Args:
        mean: over `count` things of its own.

    Returns:
        A number whose mean over the processes is the mean over the things of all.
    """
    if sharers() == 1:
        return mean
    return mean * (count * sharers() / int(summed(torch.tensor(count))))


def mean(value: Tensor) -> Tensor:
    """The mean of a value over the processes that share the step. Carries no gradient."""
    return value if sharers() == 1 else summed(value.float()) / sharers()


def longest(length: int) -> int:
    """The largest of the lengths that the processes have."""
    if sharers() == 1:
        return length
    most = torch.tensor(length)
    with _talking():
        dist.all_reduce(most, dist.ReduceOp.MAX)
    return int(most)


def gathered(rows: Batch) -> list[Batch]:
    """The rows of all processes (without logits), a Batch for each, in their order; they may differ in shape."""
    if sharers() == 1:
        return [rows]
    data = _gathered(rows.data)
    masks = [None] * len(data) if rows.mask is None else _gathered(rows.mask)
    return [Batch(*both) for both in zip(data, masks)]


@torch.no_grad()
def average(parameters: Sequence[nn.Parameter], terms: dict[str, Tensor]) -> dict[str, Tensor]:
    """Put the mean over the processes in place of the gradients of one side; answers with that of its terms.

    All of it goes over the line together. A parameter that no process has a gradient for stays without.
    """
    if sharers() == 1:
        return terms
    here = [parameter.grad is not None for parameter in parameters]
    gradients = [torch.zeros_like(each) if each.grad is None else each.grad for each in parameters]
    device = parameters[0].device
    anywhere = torch.tensor(here, dtype=torch.float32).to(device)
    values = [term.to(torch.float32, copy=True).reshape(()) for term in terms.values()]
    for bucket in _buckets([*gradients, anywhere, *values]):
        flat = torch.cat([tensor.reshape(-1) for tensor in bucket])
        with _talking():
            dist.all_reduce(flat)
        flat.div_(sharers())
        for tensor, part in zip(bucket, flat.split([tensor.numel() for tensor in bucket])):
            tensor.copy_(part.view_as(tensor))
    if not all(here):
        for parameter, gradient, found in zip(parameters, gradients, anywhere.tolist()):
            parameter.grad = gradient if found else None
    return dict(zip(terms, values))


def tell(value: T) -> T:
    """What the first process says, on all of them; each waits for it, however long that takes."""
    if world() == 1:
        return value
    said = [value]
    with _talking():
        dist.broadcast_object_list(said)
    return said[0]


def most(values: Sequence[float]) -> list[float]:
    """The largest of each value over all processes."""
    if world() == 1:
        return list(values)
    found = torch.tensor(values, dtype=torch.float64)
    with _talking():
        dist.all_reduce(found, dist.ReduceOp.MAX)
    return found.tolist()


def alike(value: str) -> bool:
    """Whether all processes say the same."""
    return len(set(_said_by_all(value))) == 1


def as_the_first(networks: Sequence[nn.Module]) -> None:
    """Give networks the weights and buffers that the first process has."""
    if world() == 1:
        return
    for network in networks:
        for tensor in network.state_dict().values():
            first = tensor.contiguous()
            with _talking():
                dist.broadcast(first, 0)
            tensor.copy_(first)


def wait() -> None:
    """Until all processes are here."""
    _said_by_all("")


@contextmanager
def _talking() -> Iterator[None]:
    """Whatever stops the processes from talking to each other is that one is gone.

    Raises:
        ProcessLost: it is.
    """
    try:
        yield
    except RuntimeError as error:
        raise ProcessLost("another of the processes that train together is gone") from error


def _said_by_all(value: T) -> list[T]:
    if world() == 1:
        return [value]
    said: list[T] = [value] * world()
    with _talking():
        dist.all_gather_object(said, value)
    return said


def _gathered(tensor: Tensor) -> list[Tensor]:
    """A tensor of every process, of one dtype and number of dimensions: as bytes, which every line carries."""
    shape = torch.tensor(tensor.shape)
    shapes = [torch.empty_like(shape) for _ in range(world())]
    with _talking():
        dist.all_gather(shapes, shape)
    sizes = [int(each.prod()) * tensor.element_size() for each in shapes]
    own = tensor.new_zeros(max(sizes), dtype=torch.uint8)
    own[: sizes[rank()]] = tensor.contiguous().view(-1).view(torch.uint8)
    parts = [torch.empty_like(own) for _ in sizes]
    with _talking():
        dist.all_gather(parts, own)
    return [
        part[:size].view(tensor.dtype).view(each.tolist())
        for part, size, each in zip(parts, sizes, shapes, strict=True)
    ]


def _buckets(tensors: Sequence[Tensor]) -> Iterator[list[Tensor]]:
    """Tensors in the order given, as many together as are of one dtype and not too large."""
    for dtype in dict.fromkeys(tensor.dtype for tensor in tensors):
        bucket: list[Tensor] = []
        size = 0
        for tensor in (tensor for tensor in tensors if tensor.dtype == dtype):
            if bucket and size + tensor.numel() > BUCKET:
                yield bucket
                bucket, size = [], 0
            bucket.append(tensor)
            size += tensor.numel()
        yield bucket
