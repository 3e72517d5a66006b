"""The encoder-decoder generator: all that passes goes through the bottleneck (pix2pix 3.2.1 and 6.1.1, figure 3)."""

from __future__ import annotations

from collections import OrderedDict
from typing import Literal

import torch
from torch import nn

from cyclekit.core.batch import Batch
from cyclekit.image.codec import ImageCodec
from cyclekit.registry import register

Norm = Literal["instance", "batch", "none"]


@register("generator", "encoder_decoder")
class EncoderDecoderGenerator(nn.Module):
    """Halves the picture `depth` times, then doubles it `depth` times: the U-Net without its skips."""

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
            depth: number of levels. The picture's sides must be multiples of 2**depth. What the network can keep of a
                picture shrinks with it: at depth 8 a 256 px picture passes as 512 numbers.
            affine: whether instance norm learns a scale and a shift. Batch norm always does.
            dropout: probability in the decoder's widest levels except the innermost.
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
        self.down = nn.Sequential()
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

        self.up = nn.Sequential()
        for level in reversed(range(depth)):
            channels = widths[level]
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
                f"this encoder-decoder needs sides that are multiples of {self.multiple} (2**depth), got "
                f"{width}x{height}: pad or resize the pictures, or set a smaller depth"
            )
        return Batch(torch.tanh(self.up(self.down(source.data))))


def _add_norm(layer: nn.Sequential, norm: Norm, width: int, affine: bool) -> None:
    if norm == "instance":
        layer.add_module("norm", nn.InstanceNorm2d(width, affine=affine))
    elif norm == "batch":
        layer.add_module("norm", nn.BatchNorm2d(width))
