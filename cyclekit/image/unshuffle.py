"""The unshuffle generator: a small U-Net on pixel-unshuffled pictures, without norms, that repaints within minutes.

Three choices make it learn in few steps. Pixels are unshuffled (Shi et al. 2016, section 3.2): the full resolution
costs nothing, and a brush stroke of a few pixels is a few channels. There is no norm over the picture, which makes
droplets (Karras et al. 2020, StyleGAN2, section 2); weights are demodulated instead, so that signals keep their size.
Learning rates are equalised (Karras et al. 2018, section 4.1): layers take ten times the rate of the published ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cyclekit.core.batch import Batch
from cyclekit.image.codec import ImageCodec
from cyclekit.image.identity_start import beside_input, check_identity_start
from cyclekit.registry import register

SLOPE = 0.2
GAIN = 1.4
"""What a leaky ReLU of this slope takes from a signal's size, given back."""


@register("generator", "unshuffle")
class UnshuffleGenerator(nn.Module):
    """Pixel-unshuffle, residual blocks at two resolutions with a skip between them, pixel-shuffle."""

    def __init__(
        self,
        source: ImageCodec,
        target: ImageCodec,
        *,
        width: int = 48,
        blocks: int = 4,
        outer_blocks: int = 1,
        factor: int = 2,
        upsampling: Literal["shuffle", "smoothed"] = "shuffle",
        start: Literal["identity", "random"] = "identity",
    ) -> None:
        """Build the layers.

        Args:
            width: channels at a `factor`-th of the picture's side; twice as many at half of that.
            blocks: residual blocks at the lower resolution.
            outer_blocks: residual blocks at the higher resolution before the halving; one more follows the doubling.
            factor: side of the squares of pixels that become channels.
            upsampling: "shuffle" frees each pixel from its neighbours, and may leave a grid whose period is `factor`.
                "smoothed" averages what is made over such squares twice, which no grid of that period passes
                (Sugawara et al. 2018); fine detail then comes from the input, if it starts as the identity.
            start: "identity" adds what the network makes to the input, before the last tanh, and begins with nothing.

        Raises:
            ValueError: an option out of range, or an identity start with other channels out than in.
        """
        super().__init__()
        if min(width, factor) < 1 or min(blocks, outer_blocks) < 0:
            raise ValueError(
                f"width and factor >= 1, blocks and outer_blocks >= 0; got {width}, {factor}, {blocks}, {outer_blocks}"
            )
        check_identity_start(start, source, target)
        self.start, self.factor, self.upsampling = start, factor, upsampling
        self.multiple = 2 * factor
        """Height and width that are multiples of this pass without padding."""
        self.smallest = self.multiple + 1
        """The smallest height and width: reflection needs a few pixels."""
        squares = factor**2
        self.stem = EqualisedConvolution(source.channels * squares, width)
        self.outer = nn.Sequential(*(DemodulatedBlock(width) for _ in range(outer_blocks)))
        self.down = EqualisedConvolution(width, 2 * width, stride=2, demodulated=True)
        self.blocks = nn.Sequential(*(DemodulatedBlock(2 * width) for _ in range(blocks)))
        self.up = EqualisedConvolution(2 * width, width, demodulated=True)
        self.last = nn.Sequential(*(DemodulatedBlock(width) for _ in range(outer_blocks + 1)))
        self.head = EqualisedConvolution(width, target.channels * squares)
        if start == "identity":
            nn.init.zeros_(self.head.weight)

    def forward(self, source: Batch, target: Batch | None = None) -> Batch:
        """Translate pictures: (B, C of source, H, W) to (B, C of target, H, W) in [-1, 1]; `target` is not used.

        Raises:
            ValueError: a picture smaller than `smallest`.
        """
        pictures = source.data
        height, width = pictures.shape[-2:]
        if min(height, width) < self.smallest:
            raise ValueError(f"this network needs pictures of at least {self.smallest} px a side, got {width}x{height}")
        fine = self.outer(self.stem(self._squares(pictures)))
        coarse = self.up(activated(self.blocks(self.down(activated(fine)))))
        coarse = F.interpolate(coarse, size=fine.shape[-2:], mode="bilinear")
        made = self.head(activated(self.last((coarse + fine) * math.sqrt(0.5))))
        before_tanh = F.pixel_shuffle(made, self.factor).float()
        if self.upsampling == "smoothed":
            before_tanh = smoothed_over_squares(before_tanh, self.factor)
        before_tanh = before_tanh[..., :height, :width]
        if self.start == "identity":
            before_tanh = beside_input(before_tanh, pictures)
        return Batch(torch.tanh(before_tanh))

    def features(self, source: Batch, layers: Sequence[int]) -> list[Tensor]:
        """What some layers of the encoder answer, each (B, C, H, W); the decoder is not computed.

        Layers are counted from the unshuffled pixels (0) and the stem (1): then each outer block, the halving, and
        each block at the lower resolution.

        Raises:
            ValueError: there is no such layer before the decoder.
        """
        counted = [self._squares, self.stem, *self.outer, lambda fine: self.down(activated(fine)), *self.blocks]
        if not layers or not 0 <= min(layers) <= max(layers) < len(counted):
            raise ValueError(f"layers {list(layers)}: this generator's encoder has the layers 0 to {len(counted) - 1}")
        answer, found = source.data, {}
        for number, layer in enumerate(counted[: max(layers) + 1]):
            answer = layer(answer)
            if number in layers:
                found[number] = answer
        return [found[number] for number in layers]

    def _squares(self, pictures: Tensor) -> Tensor:
        """Pixels (B, C, H, W) as channels, after reflection to sides that are multiples."""
        height, width = pictures.shape[-2:]
        padding = (0, -width % self.multiple, 0, -height % self.multiple)
        whole = F.pad(pictures, padding, mode="reflect") if any(padding) else pictures
        return 2 * F.pixel_unshuffle(whole, self.factor)


class EqualisedConvolution(nn.Module):
    """A 3x3 convolution whose weights are kept with deviation 1 and scaled as they are used (Karras et al. 2018, 4.1).

    Args:
        demodulated: scale the weights of each output channel to length 1, so that signals keep their size however the
            weights grow (StyleGAN2, section 2.2, without a style); otherwise by the root of the number of inputs.
    """

    def __init__(self, channels: int, width: int, *, stride: int = 1, demodulated: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(width, channels, 3, 3))
        self.bias = nn.Parameter(torch.zeros(width))
        self.stride, self.demodulated = stride, demodulated

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) to (B, width, H, W), by mirrored edges; a stride of 2 halves height and width."""
        if self.demodulated:
            length = self.weight.square().sum((1, 2, 3), keepdim=True)
            weight = self.weight * torch.rsqrt(length + 1e-8)
        else:
            weight = self.weight / math.sqrt(self.weight[0].numel())
        # A bias counts as one of about a hundred inputs: at the weights' own rate it would run ahead of them.
        return F.conv2d(F.pad(features, (1, 1, 1, 1), mode="reflect"), weight, 0.1 * self.bias, self.stride)


class DemodulatedBlock(nn.Module):
    """Two demodulated convolutions beside a skip, their sum weighed by a learned number that begins small."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = EqualisedConvolution(width, width, demodulated=True)
        self.second = EqualisedConvolution(width, width, demodulated=True)
        self.share = nn.Parameter(torch.full((1,), 0.3))

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) to the same."""
        return features + self.share * self.second(activated(self.first(activated(features))))


def smoothed_over_squares(pictures: Tensor, side: int) -> Tensor:
    """Average (B, C, H, W) over squares of so many pixels a side, twice, by mirrored edges: the same size, no shift."""
    for padding in ((side - 1, 0, side - 1, 0), (0, side - 1, 0, side - 1)):
        pictures = F.avg_pool2d(F.pad(pictures, padding, mode="reflect"), side, stride=1)
    return pictures


def activated(features: Tensor) -> Tensor:
    """A leaky ReLU that keeps a signal's size."""
    return GAIN * F.leaky_relu(features, SLOPE)
