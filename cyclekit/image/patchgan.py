"""Discriminators that judge pictures patch by patch: PatchGAN, single pixels, and PatchGANs at several scales."""

from __future__ import annotations

from collections import OrderedDict
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from cyclekit.core.batch import Batch
from cyclekit.image.codec import ImageCodec
from cyclekit.image.normalising import fuses, without_bias
from cyclekit.registry import register

Norm = Literal["instance", "batch", "none"]

SLOPE = 0.2
"""Of the leaky ReLU below zero, as in the published discriminators."""


@register("discriminator", "patchgan")
class PatchDiscriminator(nn.Module):
    """One score for each overlapping patch; 70x70 px with three layers (pix2pix 3.2.2 and 6.1.2; CycleGAN 7.2)."""

    def __init__(
        self,
        judged: ImageCodec,
        condition: ImageCodec | None = None,
        *,
        width: int = 64,
        layers: int = 3,
        norm: Norm = "instance",
        affine: bool = False,
        spectral_norm: bool = False,
    ) -> None:
        """Build the layers.

        Args:
            width: channels of the first layer; they double from layer to layer, up to eight times as many.
            layers: how often height and width are halved: 1 to 6 see patches of 16, 34, 70, 142, 286, 574 px.
            norm: CycleGAN uses instance norm, pix2pix batch norm. The first and the last layer have none.
            affine: whether instance norm learns a scale and a shift. Batch norm always does.
            spectral_norm: bound every layer's gain by 1 (Miyato et al. 2018); usually together with norm "none".

        Raises:
            ValueError: an option out of range.
        """
        super().__init__()
        if width < 1 or layers < 1:
            raise ValueError(f"width >= 1 and layers >= 1; got {width} and {layers} (for single pixels take 'pixel')")
        if affine and norm == "none":
            raise ValueError("affine belongs to a norm; norm is 'none'")
        self.layers = layers
        self.smallest = 3 * 2**layers
        """The smallest height and width that give a score."""

        channels = _joined_channels(judged, condition)
        widths = [width * min(2**layer, 8) for layer in range(layers + 1)]
        self.stages = nn.Sequential(_layer(nn.Conv2d(channels, width, 4, 2, 1), "none", False, spectral_norm))
        for layer in range(1, layers + 1):
            # As published, the last of these no longer halves.
            stride = 2 if layer < layers else 1
            convolution = nn.Conv2d(widths[layer - 1], widths[layer], 4, stride, 1, bias=norm != "batch")
            self.stages.append(_layer(convolution, norm, affine, spectral_norm))
        self.head = nn.Sequential(OrderedDict(convolution=_bounded(nn.Conv2d(widths[-1], 1, 4, 1, 1), spectral_norm)))

    @property
    def receptive_field(self) -> int:
        """The side, in pixels, of the patch that one score is about."""
        side = 4 + 3  # the two convolutions that do not halve
        for _ in range(self.layers):
            side = 2 * side + 2
        return side

    def forward(self, sample: Batch, condition: Batch | None = None) -> Batch:
        """Score every patch: (B, C, H, W), and the condition's (B, C, H, W) if any, to raw scores (B, 1, h, w).

        Raises:
            ValueError: a picture smaller than `smallest`.
        """
        data = _joined(sample, condition)
        height, width = data.shape[-2:]
        if min(height, width) < self.smallest:
            raise ValueError(
                f"a PatchGAN with {self.layers} layers needs pictures of at least {self.smallest} px a side, got "
                f"{width}x{height}: set fewer layers or larger pictures"
            )
        for stage in self.stages:
            data = _staged(stage, data)
        return Batch(self.head(data))


@register("discriminator", "pixel")
class PixelDiscriminator(nn.Module):
    """One score for each pixel, from its colour alone: the 1x1 PatchGAN (pix2pix 6.1.2)."""

    receptive_field = 1
    smallest = 2

    def __init__(
        self,
        judged: ImageCodec,
        condition: ImageCodec | None = None,
        *,
        width: int = 64,
        norm: Norm = "instance",
        affine: bool = False,
        spectral_norm: bool = False,
    ) -> None:
        """Build the three layers.

        Args:
            width: channels of the first layer; the second has twice as many.
            norm: of the second layer, the only one that has a norm.
            affine: whether instance norm learns a scale and a shift. Batch norm always does.
            spectral_norm: bound every layer's gain by 1 (Miyato et al. 2018); usually together with norm "none".

        Raises:
            ValueError: an option out of range.
        """
        super().__init__()
        if width < 1:
            raise ValueError(f"width >= 1; got {width}")
        if affine and norm == "none":
            raise ValueError("affine belongs to a norm; norm is 'none'")
        channels = _joined_channels(judged, condition)
        second = nn.Conv2d(width, 2 * width, 1, bias=norm != "batch")
        self.stages = nn.Sequential(
            _layer(nn.Conv2d(channels, width, 1), "none", False, spectral_norm),
            _layer(second, norm, affine, spectral_norm),
        )
        self.head = nn.Sequential(OrderedDict(convolution=_bounded(nn.Conv2d(2 * width, 1, 1), spectral_norm)))

    def forward(self, sample: Batch, condition: Batch | None = None) -> Batch:
        """Score every pixel: (B, C, H, W), and the condition's (B, C, H, W) if any, to raw scores (B, 1, H, W)."""
        return Batch(self.head(self.stages(_joined(sample, condition))))


@register("discriminator", "multiscale")
class MultiscaleDiscriminator(nn.ModuleList):
    """Several PatchGANs, each on the picture halved once more than for the one before (pix2pixHD 3.2)."""

    def __init__(
        self,
        judged: ImageCodec,
        condition: ImageCodec | None = None,
        *,
        scales: int = 3,
        width: int = 64,
        layers: int = 3,
        norm: Norm = "instance",
        affine: bool = False,
        spectral_norm: bool = False,
    ) -> None:
        """Build `scales` PatchGANs; all other options are each PatchGAN's own.

        Raises:
            ValueError: an option out of range.
        """
        if scales < 1:
            raise ValueError(f"scales >= 1; got {scales}")
        super().__init__(
            PooledDiscriminator(
                PatchDiscriminator(
                    judged,
                    condition,
                    width=width,
                    layers=layers,
                    norm=norm,
                    affine=affine,
                    spectral_norm=spectral_norm,
                ),
                halvings=scale,
            )
            for scale in range(scales)
        )


class PooledDiscriminator(nn.Module):
    """A PatchGAN that sees its input average-pooled, `halvings` times, as pix2pixHD does it (3.2)."""

    def __init__(self, discriminator: PatchDiscriminator, halvings: int) -> None:
        super().__init__()
        self.discriminator = discriminator
        self.register_load_state_dict_pre_hook(_named_as_now)
        self.halvings = halvings
        self.smallest = (discriminator.smallest - 1) * 2**halvings + 1
        """The smallest height and width that give a score: pooling rounds odd sizes up."""
        self.halve = nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False)

    @property
    def receptive_field(self) -> int:
        """The side, in pixels of the unpooled picture, of the patch that one score is about."""
        side = self.discriminator.receptive_field
        for _ in range(self.halvings):
            side = 2 * side + 1
        return side

    def forward(self, sample: Batch, condition: Batch | None = None) -> Batch:
        """Score pooled patches: (B, C, H, W), and the condition's (B, C, H, W) if any, to raw scores (B, 1, h, w)."""
        for _ in range(self.halvings):
            sample = sample.map(self.halve)
            condition = None if condition is None else condition.map(self.halve)
        return self.discriminator(sample, condition)


def _named_as_now(module: nn.Module, state: dict[str, Tensor], prefix: str, *_: object) -> None:
    """Checkpoints of older versions call a pooled PatchGAN a judge."""
    before = f"{prefix}judge."
    for key in [key for key in state if key.startswith(before)]:
        state[f"{prefix}discriminator.{key.removeprefix(before)}"] = state.pop(key)


def _staged(stage: nn.Module, data: Tensor) -> Tensor:
    """One stage of a discriminator; where a fused kernel serves, norm and activation are one."""
    norm = getattr(stage, "norm", None)
    if min(data.shape[-2:]) < 8 or not fuses(norm, data):
        return stage(data)
    from cyclekit.image.fused_norm import normalised

    return normalised(without_bias(stage, data), slope=SLOPE)[0]


def _joined_channels(judged: ImageCodec, condition: ImageCodec | None) -> int:
    return judged.channels + (condition.channels if condition else 0)


def _joined(sample: Batch, condition: Batch | None) -> Tensor:
    """The condition's channels, if any, before the sample's: the order of pix2pix's published weights."""
    return sample.data if condition is None else torch.cat([condition.data, sample.data], dim=1)


def _layer(convolution: nn.Conv2d, norm: Norm, affine: bool, spectral_norm: bool) -> nn.Sequential:
    """Convolution, norm if any, leaky ReLU: under these names in a checkpoint."""
    layer = nn.Sequential(OrderedDict(convolution=_bounded(convolution, spectral_norm)))
    if norm == "instance":
        layer.add_module("norm", nn.InstanceNorm2d(convolution.out_channels, affine=affine))
    elif norm == "batch":
        layer.add_module("norm", nn.BatchNorm2d(convolution.out_channels))
    layer.add_module("activation", nn.LeakyReLU(SLOPE, inplace=True))
    return layer


def _bounded(convolution: nn.Conv2d, spectral_norm: bool) -> nn.Module:
    return parametrizations.spectral_norm(convolution) if spectral_norm else convolution
