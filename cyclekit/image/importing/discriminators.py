"""Discriminators of pytorch-CycleGAN-and-pix2pix: PatchGANs and pixel discriminators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor

from cyclekit.image.importing.layers import Imported, Layer, Recognised, norm_of

SHARES = {1: (0, 1), 3: (0, 3), 2: (1, 1), 4: (1, 3), 6: (3, 3)}
"""Channels that a discriminator reads -> of its condition, and of the picture that it judges."""


def read_patchgan(tensors: Mapping[str, Tensor]) -> Recognised:
    """The options and layers of a PatchGAN.

    Raises:
        LookupError: the layers after the first do not follow, or it reads an unknown number of channels.
    """
    depth = sum(tensor.dim() == 4 for tensor in tensors.values()) - 2
    layers = list(patchgan_layers(depth))
    options = {"width": tensors["model.0.weight"].shape[0], "layers": depth, **norm_of(tensors, layers)}
    return _discriminator("patchgan", options, tensors["model.0.weight"].shape[1], layers)


def read_pixel(tensors: Mapping[str, Tensor]) -> Recognised:
    """The options and layers of a pixel discriminator.

    Raises:
        LookupError: it reads an unknown number of channels.
    """
    layers = list(pixel_layers())
    options = {"width": tensors["net.0.weight"].shape[0], **norm_of(tensors, layers)}
    return _discriminator("pixel", options, tensors["net.0.weight"].shape[1], layers)


def _discriminator(part: str, options: dict[str, Any], channels: int, layers: list[Layer]) -> Recognised:
    if channels not in SHARES:
        raise LookupError(f"it reads {channels} channels; known are 1 and 3, or two of them joined")
    condition, judged = SHARES[channels]
    notes = []
    if condition:
        notes.append(
            f"{channels} channels: taken as pix2pix's, a condition of {condition} before a judged picture of {judged}"
        )
    return Recognised(Imported("discriminator", part, options, condition, judged, {}, notes), layers, {})


def patchgan_layers(layers: int) -> Iterator[Layer]:
    """A PatchGAN's layers."""
    yield Layer("stages.0", "model.0")
    for layer in range(1, layers + 1):
        yield Layer(f"stages.{layer}", f"model.{3 * layer - 1}", f"model.{3 * layer}")
    yield Layer("head", f"model.{3 * layers + 2}")


def pixel_layers() -> Iterator[Layer]:
    """A pixel discriminator's layers."""
    yield Layer("stages.0", "net.0")
    yield Layer("stages.1", "net.2", "net.3")
    yield Layer("head", "net.5")
