"""ResNet generators: pytorch-CycleGAN-and-pix2pix's, CUT's, pix2pixHD's global one, and PyTorch-GAN's.

What the keys leave open is decided so, and said in `Imported.notes`: dropout shows as a gap in the blocks' numbering,
its probability does not; how features are enlarged before a convolution does not show either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor

from cyclekit.image.importing.layers import Imported, Layer, Recognised, norm_of
from cyclekit.image.resnet import BlurredDoubling, BlurredHalving, Downsampling, Upsampling

STAGE = {"strided": 3, "antialiased": 4}
"""Modules of a downsampling stage: convolution, norm, activation, and a blur if any."""

BEFORE: dict[Upsampling, int] = {"transposed": 0, "nearest": 1, "antialiased": 1, "resize": 2}
"""Modules of an upsampling stage before its convolution: what enlarges, and padding if any."""


def read_resnet(tensors: Mapping[str, Tensor]) -> Recognised:
    """The options and layers of a ResNet.

    Raises:
        LookupError: the layers after the first do not follow.
    """
    outside_blocks = sorted(
        int(match.group(1))
        for key, tensor in tensors.items()
        if (match := re.fullmatch(r"model\.(\d+)\.weight", key)) and tensor.dim() == 4
    )
    in_blocks = [
        (match.group(1), match.group(2), int(match.group(3)))
        for key, tensor in tensors.items()
        if (match := re.fullmatch(r"model\.(\d+)\.([a-z_]+)\.(\d+)\.weight", key)) and tensor.dim() == 4
    ]
    blocks = len({block for block, _, _ in in_blocks})
    block_name = in_blocks[0][1] if in_blocks else "conv_block"
    # The second convolution of a block is its fifth module, and its sixth where dropout stands before it.
    dropout = 0.5 if any(position == 6 for _, _, position in in_blocks) else 0.0
    stages = len(outside_blocks) // 2 - 1  # the stem, the head, and as many up as down
    if stages < 0:
        raise LookupError("too few layers")
    # Without blocks the blur of the first upsampling may stand there, which has 4x4 values.
    blur = tensors.get("model.7.filt") if stages else None
    downsampling: Downsampling = "antialiased" if blur is not None and blur.shape[-1] == 3 else "strided"
    enlarging = 4 + stages * STAGE[downsampling] + blocks
    notes = []
    upsampling: Upsampling = "transposed"
    if stages:
        before = outside_blocks[1 + stages] - enlarging
        if before == 1:
            upsampling = "antialiased" if f"model.{enlarging}.filt" in tensors else "nearest"
        elif before == 2:
            upsampling = "resize"
    if upsampling == "nearest":
        notes.append("the file does not say how it enlarges: by repeating, as PyTorch-GAN does")
        if tensors["model.1.weight"].shape[1] != 3:
            notes.append("PyTorch-GAN pads by as many pixels as there are channels: edges may differ")
    if upsampling == "resize":
        notes.append("the file does not say how it enlarges: taken as bilinear, then reflected padding")
    if dropout:
        notes.append("the blocks have dropout; the file does not say how much: 0.5 as published")
    options: dict[str, Any] = {
        "width": tensors["model.1.weight"].shape[0],
        "blocks": blocks,
        "downsamplings": stages,
        "dropout": dropout,
        "downsampling": downsampling,
        "upsampling": upsampling,
    }
    how: dict[str, Any] = {"downsampling": downsampling, "upsampling": upsampling}
    layers = list(resnet_layers(blocks, stages, dropout=bool(dropout), block_name=block_name, **how))
    options |= norm_of(tensors, layers)
    source, target = tensors["model.1.weight"].shape[1], tensors[f"{layers[-1].convolution}.weight"].shape[0]
    blurs: dict[str, Tensor] = {}
    if downsampling == "antialiased":
        blurs |= {f"model.{7 + 4 * stage}.filt": BlurredHalving().kernel for stage in range(stages)}
    if upsampling == "antialiased":
        blurs |= {f"model.{enlarging + 4 * stage}.filt": BlurredDoubling().kernel for stage in range(stages)}
    return Recognised(Imported("generator", "resnet", options, source, target, {}, notes), layers, blurs)


def resnet_layers(
    blocks: int,
    downsamplings: int,
    *,
    dropout: bool,
    block_name: str = "conv_block",
    downsampling: Downsampling = "strided",
    upsampling: Upsampling = "transposed",
) -> Iterator[Layer]:
    """A ResNet's layers. The file counts every module: padding, convolution, norm, activation, each block one."""
    yield Layer("stem", "model.1", "model.2")
    position = 4
    for stage in range(downsamplings):
        yield Layer(f"down.{stage}", f"model.{position}", f"model.{position + 1}")
        position += STAGE[downsampling]
    second = 6 if dropout else 5
    for block in range(blocks):
        name = f"model.{position}.{block_name}"
        yield Layer(f"blocks.{block}.first", f"{name}.1", f"{name}.2")
        yield Layer(f"blocks.{block}.second", f"{name}.{second}", f"{name}.{second + 1}")
        position += 1
    for stage in range(downsamplings):
        convolution = position + BEFORE[upsampling]
        yield Layer(f"up.{stage}", f"model.{convolution}", f"model.{convolution + 1}")
        position = convolution + 3
    yield Layer("head", f"model.{position + 1}")
