"""Steps done with sizes alone: numbers with a point have none, and what is held at once is counted.

torch's own fake tensors know shape, type and device, and nothing else; a step on them takes seconds and no memory,
whatever its size. Where a step decides something by whole numbers (which tokens are padding, how long the longest
sentence is) these are real. What would be drawn from numbers that are not there is 0: no sentence ends before it must.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter, tree_map_only


class Held(TorchDispatchMode):
    """Counts the bytes of all tensors that come about within it, for as long as anybody holds them.

    A view takes nothing, and what an operation needs only while it runs is not seen.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        """Bytes that are held."""
        self.peak = 0
        """The most that were."""
        self._known: dict[int, weakref.ref[Any]] = {}

    def __torch_dispatch__(
        self, func: Any, types: Iterable[type], args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        answer = func(*args, **(kwargs or {}))
        for tensor in tree_iter(answer):
            if isinstance(tensor, Tensor):
                self.count(tensor)
        return answer

    def count(self, tensor: Tensor) -> None:
        """Count a tensor's memory, unless it is counted already."""
        storage = tensor.untyped_storage()
        key = id(storage)
        if (known := self._known.get(key)) is not None and known() is storage:
            return
        size = storage.nbytes()

        def gone(reference: object) -> None:
            self.now -= size
            if self._known.get(key) is reference:
                del self._known[key]

        self._known[key] = weakref.ref(storage, gone)
        self.now += size
        self.peak = max(self.peak, self.now)


class Sizes(TorchDispatchMode):
    """Within it new tensors of numbers with a point are fake, and what is computed of them; all others are real."""

    def __init__(self) -> None:
        super().__init__()
        # At its first backward autograd counts the devices: in fake mode it would find one, start threads for it, and
        # no forked child of this process could learn any more.
        torch.ones((), requires_grad=True).backward()
        self.fake = FakeTensorMode(allow_non_fake_inputs=True)

    def __torch_dispatch__(
        self, func: Any, types: Iterable[type], args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is torch.ops.aten._local_scalar_dense.default and isinstance(args[0], FakeTensor):
            return 0.0
        if func in INDEXING:
            args = [args[0], [place for index in args[1] for place in _places(index)], *args[2:]]
        given = [tensor for tensor in tree_iter((args, kwargs)) if isinstance(tensor, Tensor)]
        if given and not any(isinstance(tensor, FakeTensor) for tensor in given):
            return func(*args, **kwargs)
        with self.fake:
            answer = func(*args, **kwargs)
        if not given and not any(_has_a_point(tensor) for tensor in tree_iter(answer)):
            return func(*args, **kwargs)
        return tree_map_only(FakeTensor, _decided, answer)


INDEXING = {
    torch.ops.aten.index.Tensor,
    torch.ops.aten.index_put.default,
    torch.ops.aten.index_put_.default,
    torch.ops.aten._unsafe_index.Tensor,
    torch.ops.aten._index_put_impl_.default,
}
"""What takes a mask for places, whose number only the mask tells."""


def _places(index: Tensor | None) -> Sequence[Tensor | None]:
    """A mask as the places where it is True, a tensor for each of its dimensions; others as they are."""
    return [index] if index is None or index.dtype != torch.bool else index.nonzero().unbind(1)


def _has_a_point(tensor: Any) -> bool:
    return isinstance(tensor, Tensor) and tensor.is_floating_point()


def _decided(tensor: FakeTensor) -> Tensor:
    """Whole numbers that came of fake ones, as real ones: all 0."""
    if tensor.is_floating_point() or tensor.is_complex():
        return tensor
    return torch.zeros(tensor.shape, dtype=tensor.dtype)
