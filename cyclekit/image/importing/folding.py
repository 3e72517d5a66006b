"""Spectral norm and weight norm store a weight in parts; here the parts become the weight that the layer uses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor


class Form(NamedTuple):
    """The names of one way to store a weight in parts, behind the layer's name."""

    norm: str
    parts: tuple[str, ...]


FORMS = (
    # The older names are those of torch.nn.utils.spectral_norm, the longer ones of torch.nn.utils.parametrizations.
    Form("spectral norm", ("weight_orig", "weight_u", "weight_v")),
    Form(
        "spectral norm",
        ("parametrizations.weight.original", "parametrizations.weight.0._u", "parametrizations.weight.0._v"),
    ),
    Form("weight norm", ("weight_g", "weight_v")),
    Form("weight norm", ("parametrizations.weight.original0", "parametrizations.weight.original1")),
)

TRANSPOSED = re.compile(r"(^|\.)model\.(\d\.)?model\.[35]$")
"""A U-Net's upsampling layers, the only square transposed convolutions that are read here."""


def folded(tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    """Tensors with plain weights in place of normed ones, and a sentence about each kind of norm that was folded.

    The weights are what the layers use in eval mode.

    Raises:
        LookupError: parts of a weight that do not belong together.
    """
    plain = dict(tensors)
    counts: dict[str, int] = {}
    for form in FORMS:
        first = f".{form.parts[0]}"
        for key in [key for key in plain if f".{key}".endswith(first)]:
            layer = key.removesuffix(form.parts[0])
            names = [layer + part for part in form.parts]
            if not all(name in plain for name in names):
                continue
            parts = [plain.pop(name) for name in names]
            layer = layer.rstrip(".")
            try:
                fold = _spectral(layer, *parts) if form.norm == "spectral norm" else _weight_norm(*parts)
            except (RuntimeError, IndexError) as error:
                shapes = ", ".join(f"{name} {tuple(part.shape)}" for name, part in zip(names, parts))
                raise LookupError(f"the parts of a weight in {form.norm} do not belong together: {shapes}") from error
            plain[f"{layer}.weight" if layer else "weight"] = fold
            counts[form.norm] = counts.get(form.norm, 0) + 1
    notes = [
        f"{norm} became plain weights, in {count} {'layer' if count == 1 else 'layers'}: the same outputs; training "
        "that goes on has no such norm"
        for norm, count in counts.items()
    ]
    return plain, notes


def _spectral(layer: str, weight: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """The weight over its largest singular value, as u and v estimate it (Miyato et al. 2018)."""
    square = weight.shape[0] == weight.shape[1]
    by_second = TRANSPOSED.search(layer) is not None if square else u.numel() == weight.shape[1]
    matrix = weight.transpose(0, 1) if by_second else weight
    return weight / torch.dot(u, torch.mv(matrix.flatten(1), v))


def _weight_norm(length: Tensor, direction: Tensor) -> Tensor:
    """The direction at its length, filter by filter (Salimans and Kingma 2016)."""
    within = [dimension for dimension in range(direction.dim()) if length.shape[dimension] == 1]
    return direction * (length / torch.linalg.vector_norm(direction, dim=within, keepdim=True))
