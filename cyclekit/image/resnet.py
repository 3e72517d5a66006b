"""The ResNet generator: downsample, residual blocks, upsample (Johnson et al. 2016; CycleGAN, appendix 7.2)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

from cyclekit.core.batch import Batch
from cyclekit.core.recomputing import recomputes
from cyclekit.image.codec import ImageCodec
from cyclekit.image.identity_start import begin_with_nothing, beside_input, check_identity_start
from cyclekit.image.normalising import fuses, without_bias
from cyclekit.registry import register

Norm = Literal["instance", "batch", "none"]
Downsampling = Literal["strided", "antialiased"]
Upsampling = Literal["transposed", "resize", "nearest", "antialiased"]


@register("generator", "resnet")
class ResNetGenerator(nn.Module):
    """`c7s1-64, d128, d256, R256 x blocks, u128, u64, c7s1-3` in the letters of CycleGAN 7.2."""

    def __init__(
        self,
        source: ImageCodec,
        target: ImageCodec,
        *,
        width: int = 64,
        blocks: int = 9,
        downsamplings: int = 2,
        norm: Norm = "instance",
        affine: bool = False,
        dropout: float = 0.0,
        downsampling: Downsampling = "strided",
        upsampling: Upsampling = "transposed",
        start: Literal["random", "identity"] = "random",
    ) -> None:
        """Build the layers.

        Args:
            width: channels after the first convolution; each downsampling doubles them.
            blocks: residual blocks. CycleGAN 7.2: 6 for 128 px, 9 for 256 px and more.
            downsamplings: how often height and width are halved before the blocks.
            affine: whether instance norm learns a scale and a shift. Batch norm always does.
            dropout: probability inside each block; the published networks that have dropout use 0.5.
            downsampling: "strided" convolutions as published, or "antialiased": a convolution, then every second value
                of the blurred features (Zhang 2019; CUT).
            upsampling: "transposed" convolutions as published. The others enlarge before a convolution, which leaves no
                checkerboard (Odena et al. 2016): "resize" bilinearly, "nearest" by repeating, "antialiased" through a
                blur (CUT).
            start: "identity" begins as the identity: the input joins before the last tanh, the last convolution is 0.

        Raises:
            ValueError: an option out of range, or an identity start between different numbers of channels.
        """
        super().__init__()
        if width < 1 or blocks < 0 or downsamplings < 0:
            raise ValueError(f"width >= 1, blocks >= 0, downsamplings >= 0; got {width}, {blocks}, {downsamplings}")
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout is a probability from 0 to below 1, got {dropout}")
        if affine and norm == "none":
            raise ValueError("affine belongs to a norm; norm is 'none'")
        check_identity_start(start, source, target)
        self.start = start
        self.fusible = norm == "instance" and not affine and not dropout and downsampling == "strided"
        self.multiple = 2**downsamplings
        """Height and width that are multiples of this pass without any rounding."""
        self.smallest = max(4, self.multiple + 1)
        """The smallest height and width: reflection and norm need a few pixels to work on."""

        widths = [width * 2**level for level in range(downsamplings + 1)]
        self.stem = _layer(nn.ReflectionPad2d(3), _convolution(source.channels, width, 7, norm), norm, affine)
        self.down = nn.Sequential(
            *(_downsampling(narrow, wide, norm, affine, downsampling) for narrow, wide in pairwise(widths))
        )
        self.blocks = nn.Sequential(*(ResidualBlock(widths[-1], norm, affine, dropout) for _ in range(blocks)))
        self.up = nn.Sequential(
            *(_upsampling(wide, narrow, norm, affine, upsampling) for wide, narrow in pairwise(reversed(widths)))
        )
        self.head = nn.Sequential(
            OrderedDict(padding=nn.ReflectionPad2d(3), convolution=nn.Conv2d(width, target.channels, 7))
        )
        self.after_initialisation()

    def after_initialisation(self) -> None:
        """Make the last convolution zero where the network starts as the identity."""
        if self.start == "identity":
            begin_with_nothing(self.head)

    def forward(self, source: Batch, target: Batch | None = None) -> Batch:
        """Translate pictures: (B, C of source, H, W) to (B, C of target, H, W) in [-1, 1]; `target` is not used.

        Raises:
            ValueError: a picture smaller than `smallest`.
        """
        height, width = source.data.shape[-2:]
        if min(height, width) < self.smallest:
            raise ValueError(f"this ResNet needs pictures of at least {self.smallest} px a side, got {width}x{height}")
        if self._fuses(source.data):
            before_tanh = self._fused(source.data)
        else:
            features = self.up(self.blocks(self.down(self.stem(source.data))))
            # Downsampling rounds odd sizes up, at the right and at the bottom; those rows and columns go again here.
            before_tanh = self.head(features[..., :height, :width])
        if self.start == "identity":
            before_tanh = beside_input(before_tanh, source.data)
        return Batch(torch.tanh(before_tanh))

    def features(self, source: Batch, layers: Sequence[int]) -> list[Tensor]:
        """What some layers of the encoder answer, each (B, C, H, W); the decoder is not computed.

        Layers are counted as in CUT's published code: of the stem its padding (0), convolution, norm and activation,
        then those of each downsampling, then each residual block as one.

        Raises:
            ValueError: there is no such layer before the decoder.
        """
        counted = [*self.stem, *(layer for down in self.down for layer in down.children()), *self.blocks]
        if not layers or not 0 <= min(layers) <= max(layers) < len(counted):
            raise ValueError(f"layers {list(layers)}: this ResNet's encoder has the layers 0 to {len(counted) - 1}")
        answer, found = source.data, {}
        for number, layer in enumerate(counted[: max(layers) + 1]):
            # Not in place: the answer before an activation may be one that was asked for.
            answer = nn.functional.relu(answer) if isinstance(layer, nn.ReLU) else layer(answer)
            if number in layers:
                found[number] = answer
        return [found[number] for number in layers]

    def _fuses(self, pictures: Tensor) -> bool:
        """Whether the fused kernels serve. The size is asked last: an export, which never fuses, would keep it."""
        fuses_here = self.fusible and not recomputes(self.blocks) and fuses(self.stem[2], pictures)
        return fuses_here and min(pictures.shape[-2:]) >= 4 * self.multiple

    def _fused(self, pictures: Tensor) -> Tensor:
        """The same layers, where everything between two convolutions is one kernel."""
        from cyclekit.image.fused_norm import normalised

        height, width = pictures.shape[-2:]
        padded = self.stem.get_submodule("padding")(pictures)
        downward = [self.stem, *self.down]
        for layer in downward:
            border = 1 if layer is downward[-1] and len(self.blocks) else 0  # the first block's
            features, padded = normalised(without_bias(layer, padded), pad=border, plain=True)
        for block in self.blocks:
            _, padded = normalised(without_bias(block.get_submodule("first"), padded), pad=1)
            convolved = without_bias(block.get_submodule("second"), padded)
            border = 0 if block is self.blocks[-1] else 1  # the next block's
            features, padded = normalised(convolved, slope=1.0, skip=features, pad=border, plain=True)
        # The head's fits only where no downsampling rounded.
        exact = height % self.multiple == width % self.multiple == 0 and len(self.up) > 0
        for layer in self.up:
            enlarged = layer.get_submodule("padding")(features) if hasattr(layer, "padding") else features
            border = 3 if exact and layer is self.up[-1] else 0
            features, padded = normalised(without_bias(layer, enlarged), pad=border)
        return self.head.get_submodule("convolution")(padded) if exact else self.head(features[..., :height, :width])


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around a skip, without activation after the sum (Gross and Wilber 2016)."""

    def __init__(self, width: int, norm: Norm, affine: bool, dropout: float) -> None:
        super().__init__()
        self.first = _layer(nn.ReflectionPad2d(1), _convolution(width, width, 3, norm), norm, affine)
        if dropout:
            self.first.add_module("dropout", nn.Dropout(dropout))
        second = _convolution(width, width, 3, norm)
        self.second = _layer(nn.ReflectionPad2d(1), second, norm, affine, activation=False)

    def forward(self, features: Tensor) -> Tensor:
        """Add what two convolutions make of the features: (B, C, H, W) to (B, C, H, W)."""
        return features + self.second(self.first(features))


@register("generator", "resnet_6blocks")
def resnet_6blocks(source: ImageCodec, target: ImageCodec, *, width: int = 64) -> ResNetGenerator:
    """The published generator for 128 px (CycleGAN 7.2). To change anything but its width, take `resnet`."""
    return ResNetGenerator(source, target, width=width, blocks=6)


@register("generator", "resnet_9blocks")
def resnet_9blocks(source: ImageCodec, target: ImageCodec, *, width: int = 64) -> ResNetGenerator:
    """The published generator for 256 px and more (CycleGAN 7.2). To change anything but its width, take `resnet`."""
    return ResNetGenerator(source, target, width=width, blocks=9)


def _convolution(channels: int, width: int, size: int, norm: Norm, *, stride: int = 1, padding: int = 0) -> nn.Conv2d:
    # Batch norm's shift takes the place of a bias. Plain instance norm has no shift and undoes any bias, but the
    # published weights carry one, so it stays.
    return nn.Conv2d(channels, width, size, stride, padding, bias=norm != "batch")


def _layer(
    padding: nn.Module | None,
    convolution: nn.Conv2d | nn.ConvTranspose2d,
    norm: Norm,
    affine: bool,
    activation: bool = True,
) -> nn.Sequential:
    """Padding if any, convolution, norm if any, ReLU if any: under these names in a checkpoint."""
    layer = nn.Sequential()
    if padding is not None:
        layer.add_module("padding", padding)
    layer.add_module("convolution", convolution)
    if norm == "instance":
        layer.add_module("norm", nn.InstanceNorm2d(convolution.out_channels, affine=affine))
    elif norm == "batch":
        layer.add_module("norm", nn.BatchNorm2d(convolution.out_channels))
    if activation:
        layer.add_module("activation", nn.ReLU(inplace=True))
    return layer


def _downsampling(narrow: int, wide: int, norm: Norm, affine: bool, how: Downsampling) -> nn.Sequential:
    antialiased = how == "antialiased"
    layer = _layer(None, _convolution(narrow, wide, 3, norm, stride=1 if antialiased else 2, padding=1), norm, affine)
    if antialiased:
        layer.add_module("downsampling", BlurredHalving())
    return layer


def _upsampling(wide: int, narrow: int, norm: Norm, affine: bool, how: Upsampling) -> nn.Sequential:
    if how == "transposed":
        doubling = nn.ConvTranspose2d(wide, narrow, 3, stride=2, padding=1, output_padding=1, bias=norm != "batch")
        return _layer(None, doubling, norm, affine)
    if how == "resize":
        resize = nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), nn.ReflectionPad2d(1))
        return _layer(resize, _convolution(wide, narrow, 3, norm), norm, affine)
    # Zeros around the enlarged features, as in the toolkits that these two come from.
    enlarge = nn.Upsample(scale_factor=2) if how == "nearest" else BlurredDoubling()
    return _layer(enlarge, _convolution(wide, narrow, 3, norm, padding=1), norm, affine)


class BlurredHalving(nn.Module):
    """Blur by [1, 2, 1], then every second row and column (Zhang 2019, "Making convolutional networks
    shift-invariant again"; with CUT's reflecting border)."""

    kernel: Tensor

    def __init__(self) -> None:
        super().__init__()
        # The same for every channel, and known: no checkpoint needs it.
        self.register_buffer("kernel", blur_kernel([1.0, 2.0, 1.0]), persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) to (B, C, ceil(H / 2), ceil(W / 2))."""
        channels = features.shape[1]
        padded = nn.functional.pad(features, (1, 1, 1, 1), mode="reflect")
        return nn.functional.conv2d(padded, self.kernel.expand(channels, 1, -1, -1), stride=2, groups=channels)


class BlurredDoubling(nn.Module):
    """Zeros between rows and columns, then a blur by [1, 3, 3, 1] that keeps the brightness: bilinear (as in CUT)."""

    kernel: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("kernel", 4 * blur_kernel([1.0, 3.0, 3.0, 1.0]), persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) to (B, C, 2 H, 2 W)."""
        channels = features.shape[1]
        padded = nn.functional.pad(features, (1, 1, 1, 1), mode="replicate")
        kernel = self.kernel.expand(channels, 1, -1, -1)
        doubled = nn.functional.conv_transpose2d(padded, kernel, stride=2, padding=2, groups=channels)
        return doubled[:, :, 1:-1, 1:-1]


def blur_kernel(weights: list[float]) -> Tensor:
    """A separable blur, (1, 1, N, N); its values sum to 1."""
    line = torch.tensor(weights)
    square = line[:, None] * line[None, :]
    return (square / square.sum())[None, None]
