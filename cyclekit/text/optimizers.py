"""Optimizers for generators of hundreds of millions of weights, as pretrained ones of sentences are."""

from __future__ import annotations

import logging

import torch
from torch import Tensor

from cyclekit.core.optimizers import Betas
from cyclekit.registry import register


@register("optimizer", "adamw_8bit")
def adamw_8bit(
    parameters: list[Tensor], learning_rate: float, betas: Betas, *, weight_decay: float = 0.01
) -> torch.optim.Optimizer:
    """AdamW whose moments are 8-bit numbers with a scale for each 256 (Dettmers et al. 2022): 2 bytes a weight, not 8.

    Tensors of fewer than 4,096 numbers keep float32 moments. Needs `bitsandbytes`.

    Args:
        weight_decay: share of a weight that a step at the rate 1 takes away.

    Raises:
        ValueError: a decay below 0, or `bitsandbytes` is not installed.
    """
    quiet_bitsandbytes()
    try:
        from bitsandbytes.optim import AdamW8bit
    except ImportError as error:
        raise ValueError("needs the package bitsandbytes: pip install 'cyclekit[finetune]'") from error

    class Flat(AdamW8bit):
        """With a state of plain tensors, as every checkpoint has: its own way wraps them for FSDP."""

        state_dict = torch.optim.Optimizer.state_dict

    built: torch.optim.Optimizer = Flat(parameters, lr=learning_rate, betas=betas, weight_decay=weight_decay)
    return built


def quiet_bitsandbytes() -> None:
    """Have it not complain, once it is imported, of a kernel that only weights of 4 bits need."""
    logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
