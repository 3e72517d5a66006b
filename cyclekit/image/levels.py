"""Levels that halve a picture and levels that double it: what the U-Net and the encoder-decoder are built of.

An encoder-decoder is the U-Net without its skips (pix2pix 6.1.1): only what a level on the way up takes in differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

Norm = Literal["instance", "batch", "none"]


@dataclass(frozen=True)
class Levels:
    """The options of both networks, which say what they mean, and the levels that come of them.

    Raises:
        ValueError: an option out of range.
    """

    width: int
    depth: int
    norm: Norm
    affine: bool
    dropout: float
    upsampling: Literal["transposed", "resize"]

    def __post_init__(self) -> None:
        if self.width < 1 or self.depth < 2:
            raise ValueError(f"width >= 1 and depth >= 2; got {self.width} and {self.depth}")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout is a probability from 0 to below 1, got {self.dropout}")
        if self.affine and self.norm == "none":
            raise ValueError("affine belongs to a norm; norm is 'none'")

    def down(self, channels: int) -> Iterator[nn.Sequential]:
        """The way down from a picture of `channels`, the outermost level first: each halves height and width."""
        for level in range(self.depth):
            # The outermost level sees the picture itself, which needs no activation; the innermost one ends at a single
            # pixel for the smallest picture, where a norm has nothing to compare.
            layer, out = nn.Sequential(), self._width(level)
            if level:
                layer.add_module("activation", nn.LeakyReLU(0.2))
                channels = self._width(level - 1)
            layer.add_module("convolution", nn.Conv2d(channels, out, 4, 2, 1, bias=self.norm != "batch"))
            if 0 < level < self.depth - 1:
                self._add_norm(layer, out)
            yield layer

    def up(self, channels: int, *, skips: bool) -> Iterator[nn.Sequential]:
        """The way up to a picture of `channels`, the innermost level first: each doubles height and width.

        With `skips` all but the innermost, below which there is none, also take the features that the way down had at
        their size, as many again as come up.
        """
        for level in reversed(range(self.depth)):
            inner = self._width(level) * (2 if skips and level < self.depth - 1 else 1)
            outer = self._width(level - 1) if level else channels
            bias = self.norm != "batch" or level == 0
            layer = nn.Sequential()
            layer.add_module("activation", nn.ReLU())
            if self.upsampling == "resize":
                layer.add_module("resize", nn.Upsample(scale_factor=2, mode="bilinear"))
                layer.add_module("convolution", nn.Conv2d(inner, outer, 3, 1, 1, bias=bias))
            else:
                layer.add_module("convolution", nn.ConvTranspose2d(inner, outer, 4, 2, 1, bias=bias))
            if level:
                self._add_norm(layer, outer)
            if self.dropout and 4 <= level < self.depth - 1:
                layer.add_module("dropout", nn.Dropout(self.dropout))
            yield layer

    def _width(self, level: int) -> int:
        return self.width * min(2**level, 8)

    def _add_norm(self, layer: nn.Sequential, width: int) -> None:
        if self.norm == "instance":
            layer.add_module("norm", nn.InstanceNorm2d(width, affine=self.affine))
        elif self.norm == "batch":
            layer.add_module("norm", nn.BatchNorm2d(width))


def check_sides(pictures: Tensor, multiple: int, network: str) -> None:
    """Refuse pictures (B, C, H, W) that cannot be halved at every level; `network` is what they were given to.

    Raises:
        ValueError: height or width is no multiple of `multiple`.
    """
    height, width = pictures.shape[-2:]
    if height % multiple or width % multiple:
        raise ValueError(
            f"this {network} needs sides that are multiples of {multiple} (2**depth), got {width}x{height}: "
            "pad or resize the pictures, or set a smaller depth"
        )
