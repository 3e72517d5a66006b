"""The states of optimizers, as a checkpoint holds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

MACHINES_OWN = ("fused", "foreach", "capturable")


def flat_optimizers(optimizers: Mapping[str, torch.optim.Optimizer]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Optimizers' states as named tensors, and what is not a tensor (rates, betas) for JSON."""
    tensors: dict[str, Tensor] = {}
    rest: dict[str, Any] = {}
    for side, optimizer in optimizers.items():
        packed = optimizer.state_dict()
        # A rate that a captured step reads is a tensor; a checkpoint holds the number.
        rest[side] = [
            {name: float(value) if isinstance(value, Tensor) else value for name, value in group.items()}
            for group in packed["param_groups"]
        ]
        for parameter, moments in packed["state"].items():
            tensors |= {f"{side}.{parameter}.{name}": torch.as_tensor(value) for name, value in moments.items()}
    return tensors, rest


def restore_optimizers(
    optimizers: Mapping[str, torch.optim.Optimizer], tensors: Mapping[str, Tensor], rest: Mapping[str, Any]
) -> None:
    """Undo `flat_optimizers`."""
    for side, optimizer in optimizers.items():
        moments: dict[int, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            owner, parameter, name = key.split(".", 2)
            if owner == side:
                moments.setdefault(int(parameter), {})[name] = value
        # How the arithmetic runs is this machine's choice, not that of the one that wrote the checkpoint.
        own = [{name: group[name] for name in MACHINES_OWN if name in group} for group in optimizer.param_groups]
        groups = [{**group, **kept} for group, kept in zip(rest[side], own, strict=True)]
        optimizer.load_state_dict({"state": moments, "param_groups": groups})
