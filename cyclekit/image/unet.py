"""The U-Net generator: encoder, decoder, and a skip at every size (Ronneberger et al. 2015; pix2pix 6.1.1)."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from cyclekit.core.batch import Batch
from cyclekit.image.codec import ImageCodec
from cyclekit.image.levels import Levels, Norm, check_sides
from cyclekit.registry import register


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
        levels = Levels(width, depth, norm, affine, dropout, upsampling)
        self.multiple = 2**depth
        """Height and width must be multiples of this."""
        self.smallest = self.multiple
        """The smallest height and width."""
        self.down = nn.ModuleList(levels.down(source.channels))
        self.up = nn.ModuleList(levels.up(target.channels, skips=True))

    def forward(self, source: Batch, target: Batch | None = None) -> Batch:
        """Translate pictures: (B, C of source, H, W) to (B, C of target, H, W) in [-1, 1]; `target` is not used.

        Raises:
            ValueError: height or width is no multiple of `multiple`.
        """
        check_sides(source.data, self.multiple, "U-Net")
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
