"""Whether a network computes on a CUDA card; or a step of sizes alone is to be done as it would be there."""

from __future__ import annotations

from contextlib import AbstractContextManager
from contextvars import ContextVar

from torch import Tensor

from cyclekit.core.context import set_within

_STOOD_IN_FOR = ContextVar("a card is stood in for", default=False)


def on_card(tensor: Tensor) -> bool:
    """Whether what is done with a tensor is done as on a CUDA card."""
    return tensor.is_cuda or _STOOD_IN_FOR.get()


def standing_in(wanted: bool = True) -> AbstractContextManager[None]:
    """Within it everything is done as on a card, where `wanted`: for tensors without numbers, to see what they hold."""
    return set_within(_STOOD_IN_FOR, wanted)
