"""Exponential moving averages, of the generators mostly: steadier pictures than the last step's weights give."""

from __future__ import annotations

import copy
from typing import Generic, TypeVar

import torch
from torch import nn

M = TypeVar("M", bound=nn.Module)


class MovingAverage(Generic[M]):
    """Shadow copies of modules, updated after every step (Karras et al. 2018, section 4.1; Yazici et al. 2019).

    `networks` are real modules on the same device that can be called, saved and loaded like any other.
    """

    def __init__(self, networks: M, decay: float) -> None:
        """Start from the networks as they are.

        Raises:
            ValueError: a decay outside (0, 1).
        """
        if not 0 < decay < 1:
            raise ValueError(f"the moving average's decay is {decay}; it lies between 0 and 1, 0.999 for example")
        self.decay = decay
        self.networks = copy.deepcopy(networks).requires_grad_(False).eval()

    @torch.no_grad()
    def update(self, networks: M, step: int, units: float = 1.0) -> None:
        """Move towards the networks. Early on the decay is lower, so that the random start is soon forgotten.

        Args:
            step: steps done.
            units: how many times the decay falls due: 1 for a step; or how many thousandths of the run a step takes.
        """
        decay = min(self.decay**units, (1 + step) / (10 + step))
        averages: list[torch.Tensor] = list(self.networks.parameters())
        current: list[torch.Tensor] = list(networks.parameters())
        torch._foreach_lerp_(averages, current, 1 - decay)
        buffers: list[torch.Tensor] = list(self.networks.buffers())
        if buffers:
            torch._foreach_copy_(buffers, list(networks.buffers()))
