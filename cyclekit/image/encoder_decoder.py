"""The encoder-decoder generator: all that passes goes through the bottleneck (pix2pix 3.2.1 and 6.1.1, figure 3)."""

from __future__ import annotations

from typing import Literal

import torch
from torch import nn

from cyclekit.core.batch import Batch
from cyclekit.image.codec import ImageCodec
from cyclekit.image.levels import Levels, Norm, check_sides
from cyclekit.registry import register


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
        levels = Levels(width, depth, norm, affine, dropout, upsampling)
        self.multiple = 2**depth
        """Height and width must be multiples of this."""
        self.smallest = self.multiple
        """The smallest height and width."""
        self.down = nn.Sequential(*levels.down(source.channels))
        self.up = nn.Sequential(*levels.up(target.channels, skips=False))

    def forward(self, source: Batch, target: Batch | None = None) -> Batch:
        """Translate pictures: (B, C of source, H, W) to (B, C of target, H, W) in [-1, 1]; `target` is not used.

        Raises:
            ValueError: height or width is no multiple of `multiple`.
        """
        check_sides(source.data, self.multiple, "encoder-decoder")
        return Batch(torch.tanh(self.up(self.down(source.data))))
