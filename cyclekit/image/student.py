"""The student: a small generator of pictures, made to be distilled from a large one and to run live on a processor.

What costs a ResNet its time are 7x7 convolutions and instance norm at the full resolution. Here squares of pixels are
unshuffled into channels first (Shi et al. 2016, section 3.2), so that nothing but a sum happens there, and the norm is
batch norm, which is a part of the convolutions once training is over.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cyclekit.core.batch import Batch
from cyclekit.image.codec import ImageCodec
from cyclekit.image.identity_start import begin_with_nothing, check_identity_start
from cyclekit.image.levels import check_sides
from cyclekit.registry import register


@register("generator", "student")
class StudentGenerator(nn.Module):
    """Pixel-unshuffle, one halving, residual blocks, one doubling with a skip across, pixel-shuffle."""

    def __init__(
        self,
        source: ImageCodec,
        target: ImageCodec,
        *,
        width: int = 32,
        blocks: int = 6,
        factor: int = 4,
        depthwise: bool = True,
        start: Literal["identity", "random"] = "identity",
    ) -> None:
        """Build the layers.

        Args:
            width: channels at a `factor`-th of the picture's side; twice as many at half of that.
            blocks: residual blocks at the lower resolution.
            factor: side of the squares of pixels that become channels.
            depthwise: whether the lower resolution's convolutions are one of each channel by itself and one of all
                channels at each place (Howard et al. 2017, MobileNets), which take an eighth of the multiplications.
            start: "identity" adds what the network makes to the input, and begins with nothing.

        Raises:
            ValueError: an option out of range, or an identity start with other channels out than in.
        """
        super().__init__()
        if min(width, factor) < 1 or blocks < 0:
            raise ValueError(f"width and factor >= 1, blocks >= 0; got {width}, {factor}, {blocks}")
        check_identity_start(start, source, target)
        self.start, self.factor = start, factor
        self.multiple = 2 * factor
        """Height and width must be multiples of this."""
        self.smallest = self.multiple
        """The smallest height and width."""
        squares = factor**2
        self.stem = _layer(source.channels * squares, width)
        self.down = _layer(width, 2 * width, stride=2)
        self.blocks = nn.Sequential(*(StudentBlock(2 * width, depthwise) for _ in range(blocks)))
        self.up = _layer(2 * width, 4 * width, depthwise=depthwise)
        self.head = nn.Conv2d(width, target.channels * squares, 3, padding=1)
        self.after_initialisation()

    def after_initialisation(self) -> None:
        """Make the last convolution zero where the network starts as the identity."""
        if self.start == "identity":
            begin_with_nothing(self.head)

    def forward(self, source: Batch, target: Batch | None = None) -> Batch:
        """Translate pictures: (B, C of source, H, W) to (B, C of target, H, W) in [-1, 1]; `target` is not used.

        Raises:
            ValueError: height or width is no multiple of `multiple`.
        """
        check_sides(source.data, self.multiple, "student")
        fine = self.stem(F.pixel_unshuffle(source.data, self.factor))
        coarse = self.blocks(self.down(fine))
        made = self.head(F.pixel_shuffle(self.up(coarse), 2) + fine)
        made = F.pixel_shuffle(made, self.factor)
        if self.start == "random":
            return Batch(torch.tanh(made))
        return Batch(_clipped(source.data + made))


class StudentBlock(nn.Module):
    """Two layers beside a skip, the second without an activation."""

    def __init__(self, width: int, depthwise: bool) -> None:
        super().__init__()
        self.first = _layer(width, width, depthwise=depthwise)
        self.second = _layer(width, width, depthwise=depthwise, activation=False)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) to the same."""
        return features + self.second(self.first(features))


def _layer(
    channels: int, width: int, *, stride: int = 1, depthwise: bool = False, activation: bool = True
) -> nn.Sequential:
    """A 3x3 convolution, batch norm, ReLU if any: under these names in a checkpoint."""
    layer = nn.Sequential()
    if depthwise:
        layer.add_module("each", nn.Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False))
        layer.add_module("norm_of_each", nn.BatchNorm2d(channels))
        layer.add_module("convolution", nn.Conv2d(channels, width, 1, bias=False))
    else:
        layer.add_module("convolution", nn.Conv2d(channels, width, 3, stride, 1, bias=False))
    layer.add_module("norm", nn.BatchNorm2d(width))
    if activation:
        layer.add_module("activation", nn.ReLU())
    return layer


def _clipped(pictures: Tensor) -> Tensor:
    """Within [-1, 1], by a function whose gradient is 1 everywhere: what lies outside is to learn the way back."""
    clipped = pictures.clamp(-1, 1)
    return pictures + (clipped - pictures).detach() if torch.is_grad_enabled() else clipped
