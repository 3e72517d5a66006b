"""U-Net generators of pytorch-CycleGAN-and-pix2pix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor

from cyclekit.image.importing.layers import Imported, Layer, Recognised, norm_of


def read_unet(tensors: Mapping[str, Tensor]) -> Recognised:
    """The options and layers of a U-Net.

    Raises:
        LookupError: the layers after the first do not follow.
    """
    depth, level = 1, "model.model.1"
    while f"{level}.model.1.weight" in tensors:
        depth, level = depth + 1, f"{level}.model.3"
    layers = list(unet_layers(depth))
    options: dict[str, Any] = {"width": tensors["model.model.0.weight"].shape[0], "depth": depth, "dropout": 0.5}
    options |= norm_of(tensors, layers)
    notes = [
        "the file does not say whether the U-Net had dropout: 0.5 as published; it acts in training mode only, but in "
        "that pix2pix as published also translates"
    ]
    source, target = tensors["model.model.0.weight"].shape[1], tensors["model.model.3.weight"].shape[1]
    return Recognised(Imported("generator", "unet", options, source, target, {}, notes), layers, {})


def unet_layers(depth: int) -> Iterator[Layer]:
    """A U-Net's layers. The file nests each level inside the one around it."""
    yield Layer("down.0", "model.model.0")
    for level in range(1, depth):
        around = "model.model.1" + ".model.3" * (level - 1)
        innermost = level == depth - 1
        yield Layer(f"down.{level}", f"{around}.model.1", None if innermost else f"{around}.model.2")
        up = 3 if innermost else 5
        yield Layer(f"up.{depth - 1 - level}", f"{around}.model.{up}", f"{around}.model.{up + 1}")
    yield Layer(f"up.{depth - 1}", "model.model.3")
