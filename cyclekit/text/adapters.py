"""Low-rank additions to a trained network's layers (LoRA; Hu et al. 2022), through `peft`."""

from __future__ import annotations

from typing import Any

import torch

from cyclekit.text.optimizers import quiet_bitsandbytes

SCALE = 2
"""What an addition is multiplied by, whatever its rank: so a rate that serves one rank serves the others."""


def add_lora(model: Any, rank: int) -> None:
    """Freeze a network of transformers' and give each of its linear layers an addition that learns, in float32.

    The additions begin with 0. Embeddings and the layer that gives the vocabulary's logits have none.

    Args:
        rank: of the additions; 8 to 64 are usual.

    Raises:
        ValueError: a rank below 1, or `peft` is not installed.
    """
    if rank < 1:
        raise ValueError(f"lora is {rank}; it is a rank, 1 or more, or null for none")
    quiet_bitsandbytes()  # which peft imports where it is there
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError as error:
        raise ValueError("lora: needs the package peft: pip install 'cyclekit[finetune]'") from error
    inject_adapter_in_model(LoraConfig(r=rank, lora_alpha=SCALE * rank, target_modules="all-linear"), model)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.to(torch.float32)
