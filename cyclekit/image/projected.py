"""The projected discriminator: small heads on features of a network that already sees (Sauer et al. 2021).

A discriminator that must first learn what an edge is spends most of a short training on it. Here EfficientNet-Lite0,
trained on ImageNet, looks; its weights stay as they are, and only the heads learn. As in Projected GANs, fixed random
1x1 convolutions mix the channels of each layer (cross-channel mixing, 3.2), and each layer also sees the mixture of the
deeper ones (cross-scale mixing), so that no head can look at a few convenient channels alone.

What is judged in these features must not be measured in them: see the metrics in EfficientNet-Lite2 features.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations

from cyclekit.core.batch import Batch
from cyclekit.image.codec import ImageCodec
from cyclekit.image.features import SPACES, network_of
from cyclekit.measuring.metric import MetricUnavailable
from cyclekit.registry import register

STEM = -1
"""The place of the network's first convolution in a list of its layers; 0 to 15 are its blocks."""

MIXING_SEED = 17

SHALLOW = 3
"""Layers before this block are at a quarter of the input's side or more: their heads halve it first."""


@register("discriminator", "projected")
class ProjectedDiscriminator(nn.Module):
    """Patch scores by one head for each of several layers of a frozen EfficientNet-Lite0."""

    deviations: Tensor

    def __init__(
        self,
        judged: ImageCodec,
        condition: ImageCodec | None = None,
        *,
        layers: tuple[int, ...] = (STEM, 2, 4, 10),
        width: int = 64,
        enlarged: float = 2.0,
        shift: float = 0.125,
        spectral_norm: bool = True,
    ) -> None:
        """Build the heads, and look up the weights.

        Args:
            layers: the layers that are judged, in order: -1 for the first convolution, 0 to 15 for the blocks.
            width: channels of the mixtures and of the heads.
            enlarged: factor by which pictures are enlarged first: what a stroke is at 96 px, the network knows at 192.
            shift: share of the side by which training pictures are moved at random, so that a small set is not learned
                by heart (differentiable augmentation, Zhao et al. 2020).
            spectral_norm: bound the gain of every head's layers by 1 (Miyato et al. 2018), as Projected GANs do.

        Raises:
            ValueError: an option out of range, the network's weights are missing, or pictures it cannot see.
        """
        super().__init__()
        if not layers or list(layers) != sorted(set(layers)) or layers[0] < STEM or layers[-1] > 15:
            raise ValueError(f"layers are different numbers from -1 to 15 in order, got {list(layers)}")
        if width < 1 or enlarged <= 0 or not 0 <= shift < 0.5:
            raise ValueError(
                f"width >= 1, enlarged > 0 and shift from 0 to below 0.5; got {width}, {enlarged} and {shift}"
            )
        for codec in (judged, condition):
            if codec is not None and codec.channels not in (1, 3):
                raise ValueError(f"the projected discriminator sees 1 or 3 channels; this data has {codec.channels}")
        self.enlarged, self.shift = enlarged, shift
        self.smallest = 32
        self.seeing = FrozenLite0(layers)
        seen = 1 if condition is None else 2
        random = torch.Generator().manual_seed(MIXING_SEED)
        self.mixtures = nn.ModuleList(Mixture(seen * channels, width, random) for channels in self.seeing.channels)
        self.across = nn.ModuleList(Mixture(width, width, random) for _ in layers[1:])
        self.heads = nn.ModuleList(_head(width, 2 if layer < SHALLOW else 1, spectral_norm) for layer in layers)
        self.register_buffer("deviations", torch.ones(len(layers)))
        with torch.no_grad():
            example = self._mixed([self.seeing(_cloudy(random))] * seen)
            self.deviations.copy_(torch.stack([found.std() for found in example]))
        self.to(memory_format=torch.channels_last)

    def forward(self, sample: Batch, condition: Batch | None = None) -> Batch:
        """Score patches: (B, C, H, W), and the condition's (B, C, H, W) if any, to raw scores (B, heads, h, w).

        Every head's map is repeated to the size of the largest, so that each head counts alike.

        Raises:
            ValueError: a picture smaller than `smallest`.
        """
        height, width = sample.data.shape[-2:]
        if min(height, width) < self.smallest:
            raise ValueError(
                f"the projected discriminator needs at least {self.smallest} px a side, got {width}x{height}"
            )
        shown = [batch.data.expand(-1, 3, -1, -1) for batch in (sample, condition) if batch is not None]
        maps = self._mixed([self.seeing(_enlarged(pictures, self.enlarged)) for pictures in self._shifted(shown)])
        scores = [head(found / deviation) for head, found, deviation in zip(self.heads, maps, self.deviations)]
        largest = scores[0].shape[-2:]
        return Batch(torch.cat([F.interpolate(score, size=largest, mode="nearest") for score in scores], dim=1))

    def _mixed(self, seen: Sequence[Sequence[Tensor]]) -> list[Tensor]:
        """Each layer's mixture of its own channels and of the deeper layers' mixtures: (B, width, h, w) for each."""
        maps = [mixture(torch.cat(found, dim=1)) for mixture, found in zip(self.mixtures, zip(*seen))]
        for place in reversed(range(len(maps) - 1)):
            deeper = F.interpolate(self.across[place](maps[place + 1]), size=maps[place].shape[-2:], mode="bilinear")
            maps[place] = maps[place] + deeper
        return maps

    def _shifted(self, pictures: Sequence[Tensor]) -> Sequence[Tensor]:
        """While training, all moved by the same few pixels across and down, with mirrored edges."""
        height, width = pictures[0].shape[-2:]
        most = int(self.shift * min(height, width))
        if not self.training or not most:
            return pictures
        if pictures[0].is_cuda:  # drawn there: nobody waits, and a captured step draws anew at every replay
            down, across = (torch.randint(2 * most + 1, (1,), device=pictures[0].device) - most for _ in range(2))
            rows, columns = _mirrored(down, height), _mirrored(across, width)
            return [one.index_select(-2, rows).index_select(-1, columns) for one in pictures]
        down, across = torch.randint(2 * most + 1, (2,)).tolist()
        padded = (F.pad(one, (most, most, most, most), mode="reflect") for one in pictures)
        return [one[..., down : down + height, across : across + width] for one in padded]


def _mirrored(shift: Tensor, size: int) -> Tensor:
    """Which of `size` rows stand where after a shift (1,) by fewer, with mirrored edges: (size,) int64."""
    place = (torch.arange(size, device=shift.device) + shift).abs()
    return torch.where(place >= size, 2 * (size - 1) - place, place)


class Mixture(nn.Module):
    """A fixed random 1x1 convolution. Saved with the network, since random numbers differ between versions."""

    weight: Tensor

    def __init__(self, channels: int, width: int, random: torch.Generator) -> None:
        super().__init__()
        weight = torch.randn(width, channels, 1, 1, generator=random) / math.sqrt(channels)
        self.register_buffer("weight", weight)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, h, w) to (B, width, h, w)."""
        return F.conv2d(features, self.weight)


class FrozenLite0(nn.Module):
    """The first layers of EfficientNet-Lite0 with their batch norms folded in, which neither learn nor are saved."""

    channels: list[int]
    """Of each of the layers."""

    def __init__(self, layers: Sequence[int]) -> None:
        super().__init__()
        self.layers = tuple(layers)
        try:
            network = network_of(SPACES["lite0"])
        except MetricUnavailable as missing:
            raise ValueError(f"the projected discriminator {missing}") from missing
        self.stem = nn.Sequential(_folded(network._conv_stem, network._bn0), nn.ReLU6())
        blocks = [_Block(block) for block in network._blocks[: max(layers) + 1]]
        self.blocks = nn.ModuleList(blocks)
        self.channels = [32 if layer == STEM else blocks[layer].channels for layer in layers]

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Pictures (B, 3, H, W) in [-1, 1], which is how the network was shown them, to (B, C, h, w) for each layer."""
        features, found = self.stem(pictures), []
        if STEM in self.layers:
            found.append(features)
        for place, block in enumerate(self.blocks):
            features = block(features)
            if place in self.layers:
                found.append(features)
        return found


class _Block(nn.Module):
    """An inverted bottleneck of EfficientNet-Lite: no squeeze and excitation, ReLU6."""

    def __init__(self, block: Any) -> None:
        super().__init__()
        self.layers = nn.Sequential()
        if block._block_args.expand_ratio != 1:
            self.layers.extend([_folded(block._expand_conv, block._bn0), nn.ReLU6()])
        self.layers.extend(
            [_folded(block._depthwise_conv, block._bn1), nn.ReLU6(), _folded(block._project_conv, block._bn2)]
        )
        self.channels: int = block._project_conv.out_channels
        settings = block._block_args
        self.skips = settings.id_skip and settings.stride == 1 and settings.input_filters == settings.output_filters

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, h, w) to the same, or to half of height and width."""
        made = self.layers(features)
        return features + made if self.skips else made


class _FrozenConvolution(nn.Module):
    """A convolution whose weights are buffers that no checkpoint holds: they come from their package each time."""

    weight: Tensor
    bias: Tensor

    def __init__(self, weight: Tensor, bias: Tensor, stride: int, groups: int) -> None:
        super().__init__()
        self.register_buffer("weight", weight, persistent=False)
        self.register_buffer("bias", bias, persistent=False)
        self.stride, self.groups, self.size = stride, groups, weight.shape[-1]

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, h, w) to (B, C', h, w) divided by the stride, rounded up."""
        if self.stride == 1:
            return F.conv2d(features, self.weight, self.bias, 1, self.size // 2, groups=self.groups)
        # TensorFlow's "same", with which the weights were learned, pads the right and the bottom first.
        height, width = features.shape[-2:]
        down, across = (max(0, (-side % self.stride) + self.size - self.stride) for side in (height, width))
        padded = F.pad(features, (across // 2, across - across // 2, down // 2, down - down // 2))
        return F.conv2d(padded, self.weight, self.bias, self.stride, groups=self.groups)


def _folded(convolution: Any, norm: nn.BatchNorm2d) -> _FrozenConvolution:
    """A convolution and the batch norm behind it as one convolution: in use both are linear."""
    assert norm.running_var is not None
    assert norm.running_mean is not None
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    weight, bias = convolution.weight * scale[:, None, None, None], norm.bias - norm.running_mean * scale
    return _FrozenConvolution(weight.detach(), bias.detach(), convolution.stride[0], convolution.groups)


def _head(width: int, stride: int, spectral_norm: bool) -> nn.Sequential:
    convolutions = [
        nn.Conv2d(width, width, 3, stride, 1),
        nn.Conv2d(width, width, 3, 1, 1),
        nn.Conv2d(width, 1, 1),
    ]
    first, second, last = (parametrizations.spectral_norm(one) if spectral_norm else one for one in convolutions)
    return nn.Sequential(first, nn.LeakyReLU(0.2), second, nn.LeakyReLU(0.2), last)


def _cloudy(random: torch.Generator) -> Tensor:
    """A picture of noise at all scales, as photographs have it, (1, 3, 128, 128): to tell how large features get."""
    layers = (torch.randn(1, 3, side, side, generator=random) for side in (2, 4, 8, 16, 32, 64, 128))
    return torch.tanh(sum(0.4 * F.interpolate(layer, size=(128, 128), mode="bilinear") for layer in layers))  # type: ignore[arg-type]


def _enlarged(pictures: Tensor, factor: float) -> Tensor:
    if factor != 1:
        pictures = F.interpolate(pictures, scale_factor=factor, mode="bilinear")
    return pictures.contiguous(memory_format=torch.channels_last)
