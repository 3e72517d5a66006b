"""The U-Net generator: encoder, decoder, and a skip at every size (Ronneberger et al. 2015; pix2pix 6.1.1)."""

from __future__ import annotations

from collections import OrderedDict
from typing import Literal

import torch
from torch import Tensor, nn

from cyclekit.core.batch import Batch
from cyclekit.image.codec import ImageCodec
from cyclekit.registry import register

Norm = Literal["instance", "batch", "none"]


@register("generator", "unet")
class UNetGenerator(nn.Module):
    """Halves the picture `depth` times, doubles it `depth` times, and hands each size's features across."""

    def __init__(
        self,
        source: ImageCodec,
        target: ImageCodec,
        *,
        width: int = 64,
        depth: int = 8,
        norm: Norm = "batch",
        affine: bool = False,
        dropout: float = 0.5,
        upsampling: Literal["transposed", "resize"] = "transposed",
    ) -> None:
        """Build the levels; the defaults are pix2pix's for 256 px.

        Args:
            width: channels of the outermost level; they double from level to level, up to eight times as many.
            depth: number of levels. The picture's sides must be multiples of 2**depth: 8 for 256 px, 7 for 128 px.
            affine: whether instance norm learns a scale and a shift. Batch norm always does.
            dropout: probability in the decoder's widest levels except the innermost: pix2pix's only source of noise.
            upsampling: "transposed" convolutions as published, or "resize": bilinear, then a convolution, which leaves
                no checkerboard (Odena et al. 2016).

        Raises:
            ValueError: an option out of range.
        """
        super().__init__()
        if width < 1 or depth < 2:
            raise ValueError(f"width >= 1 and depth >= 2; got {width} and {depth}")
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout is a probability from 0 to below 1, got {dropout}")
        if affine and norm == "none":
            raise ValueError("affine belongs to a norm; norm is 'none'")
        self.multiple = 2**depth
        """Height and width must be multiples of this."""
        self.smallest = self.multiple
        """The smallest height and width."""

        widths = [width * min(2**level, 8) for level in range(depth)]
        innermost = depth - 1
        self.down = nn.ModuleList()
        for level in range(depth):
            # The outermost level sees the picture itself, which needs no activation; the innermost one ends at a single
            # pixel for the smallest picture, where a norm has nothing to compare.
            channels = widths[level - 1] if level else source.channels
            layer = nn.Sequential()
            if level:
                layer.add_module("activation", nn.LeakyReLU(0.2))
            layer.add_module("convolution", nn.Conv2d(channels, widths[level], 4, 2, 1, bias=norm != "batch"))
            if 0 < level < innermost:
                _add_norm(layer, norm, widths[level], affine)
            self.down.append(layer)

        self.up = nn.ModuleList()
        for level in reversed(range(depth)):
            # Below the innermost level there is no skip; all others take the level's own features and what came up.
            channels = widths[level] if level == innermost else 2 * widths[level]
            out = widths[level - 1] if level else target.channels
            layer = nn.Sequential(OrderedDict(activation=nn.ReLU()))
            if upsampling == "resize":
                layer.add_module("resize", nn.Upsample(scale_factor=2, mode="bilinear"))
                layer.add_module("convolution", nn.Conv2d(channels, out, 3, 1, 1, bias=norm != "batch" or level == 0))
            else:
                doubling = nn.ConvTranspose2d(channels, out, 4, 2, 1, bias=norm != "batch" or level == 0)
                layer.add_module("convolution", doubling)
            if level:
                _add_norm(layer, norm, out, affine)
            if dropout and 4 <= level < innermost:
                layer.add_module("dropout", nn.Dropout(dropout))
            self.up.append(layer)

    def forward(self, source: Batch, target: Batch | None = None) -> Batch:
        """Translate pictures: (B, C of source, H, W) to (B, C of target, H, W) in [-1, 1]; `target` is not used.

        Raises:
            ValueError: height or width is no multiple of `multiple`.
        """
        height, width = source.data.shape[-2:]
        if height % self.multiple or width % self.multiple:
            raise ValueError(
                f"this U-Net needs sides that are multiples of {self.multiple} (2**depth), got {width}x{height}: "
                "pad or resize the pictures, or set a smaller depth"
            )
        features = source.data
        skips: list[Tensor] = []
        for layer in self.down:
            features = layer(features)
            skips.append(features)
        features = self.up[0](skips.pop())
        for layer in self.up[1:]:
            features = layer(torch.cat([skips.pop(), features], dim=1))
        return Batch(torch.tanh(features))


@register("generator", "unet_128")
def unet_128(source: ImageCodec, target: ImageCodec, *, width: int = 64) -> UNetGenerator:
    """pix2pix's generator for 128 px (6.1.1). To change anything but its width, take `unet`."""
    return UNetGenerator(source, target, width=width, depth=7)


@register("generator", "unet_256")
def unet_256(source: ImageCodec, target: ImageCodec, *, width: int = 64) -> UNetGenerator:
    """pix2pix's generator for 256 px (6.1.1). To change anything but its width, take `unet`."""
    return UNetGenerator(source, target, width=width, depth=8)


def _add_norm(layer: nn.Sequential, norm: Norm, width: int, affine: bool) -> None:
    if norm == "instance":
        layer.add_module("norm", nn.InstanceNorm2d(width, affine=affine))
    elif norm == "batch":
        layer.add_module("norm", nn.BatchNorm2d(width))
