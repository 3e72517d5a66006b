"""Optimizers by name: `train.optimizer`. Each is handed one side's parameters, its rate and `train.betas`."""

from __future__ import annotations

import torch
from torch import Tensor

from cyclekit.registry import register

Betas = tuple[float, float]


@register("optimizer", "adam")
def adam(parameters: list[Tensor], learning_rate: float, betas: Betas) -> torch.optim.Optimizer:
    """Adam (Kingma and Ba 2015), as published for CycleGAN and pix2pix."""
    return torch.optim.Adam(parameters, lr=learning_rate, betas=betas, fused=True)


@register("optimizer", "adamw")
def adamw(
    parameters: list[Tensor], learning_rate: float, betas: Betas, *, weight_decay: float = 0.01
) -> torch.optim.Optimizer:
    """Adam with weight decay that its moments do not see (Loshchilov and Hutter 2019).

    Args:
        weight_decay: share of a weight that a step at the rate 1 takes away.

    Raises:
        ValueError: a decay below 0.
    """
    return torch.optim.AdamW(parameters, lr=learning_rate, betas=betas, weight_decay=weight_decay, fused=True)


@register("optimizer", "radam")
def radam(parameters: list[Tensor], learning_rate: float, betas: Betas) -> torch.optim.Optimizer:
    """Adam whose first steps wait for its second moments: a warm-up without a setting (Liu et al. 2020)."""
    return torch.optim.RAdam(parameters, lr=learning_rate, betas=betas)
