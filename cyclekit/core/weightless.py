"""Networks that are only to be measured: who would load trained weights for them builds the network alone."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from contextvars import ContextVar

from torch import nn

from cyclekit.core.context import set_within

_WITHOUT = ContextVar("trained weights are left where they are", default=False)


def weights_wanted() -> bool:
    """Whether trained weights are to be loaded. Where not, their network is built on torch's "meta" device."""
    return not _WITHOUT.get()


def without_weights(wanted: bool = True) -> AbstractContextManager[None]:
    """Within it trained weights that would have to be read or fetched stay where they are, where `wanted`."""
    return set_within(_WITHOUT, wanted)


def is_weightless(networks: Iterable[nn.Module | None]) -> bool:
    """Whether some of these networks have sizes and no numbers."""
    return any(tensor.is_meta for network in networks if network is not None for tensor in network.parameters())
