"""Generators of other toolkits, built from plain torch modules as they are published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from hypothesis import assume
from torch import Tensor, nn

from cyclekit.core.batch import Batch
from cyclekit.image.importing import read_weights

Norm = Callable[[int], nn.Module]


def instance(width: int) -> nn.Module:
    return nn.InstanceNorm2d(width)


class Block(nn.Module):
    """A residual block; `name` is what the toolkit calls its layers."""

    def __init__(self, width: int, norm: Norm, name: str, dropout: bool, bias: bool) -> None:
        super().__init__()
        half = [nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3, bias=bias), norm(width), nn.ReLU()]
        other = [nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3, bias=bias), norm(width)]
        self.name = name
        setattr(self, name, nn.Sequential(*half, *([nn.Dropout(0.5)] if dropout else []), *other))

    def forward(self, features: Tensor) -> Tensor:
        return features + getattr(self, self.name)(features)


class Downsample(nn.Module):
    """CUT's blur and halving."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        line = torch.tensor([1.0, 2.0, 1.0])
        square = line[:, None] * line
        self.register_buffer("filt", (square / square.sum())[None, None].repeat(channels, 1, 1, 1))
        self.pad = nn.ReflectionPad2d(1)

    def forward(self, features: Tensor) -> Tensor:
        return nn.functional.conv2d(self.pad(features), self.filt, stride=2, groups=features.shape[1])


class Upsample(nn.Module):
    """CUT's doubling and blur."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        line = torch.tensor([1.0, 3.0, 3.0, 1.0])
        square = line[:, None] * line
        self.register_buffer("filt", (square / square.sum() * 4)[None, None].repeat(channels, 1, 1, 1))
        self.pad = nn.ReplicationPad2d(1)

    def forward(self, features: Tensor) -> Tensor:
        doubled = nn.functional.conv_transpose2d(
            self.pad(features), self.filt, stride=2, padding=2, groups=features.shape[1]
        )
        return doubled[:, :, 1:, 1:][:, :, :-1, :-1]


class ForeignResNet(nn.Module):
    """The ResNet of pytorch-CycleGAN-and-pix2pix, and of those that changed how it halves and doubles."""

    def __init__(
        self,
        source: int = 3,
        target: int = 3,
        *,
        width: int = 4,
        blocks: int = 2,
        stages: int = 2,
        norm: Norm = instance,
        down: str = "strided",
        up: str = "transposed",
        block_name: str = "conv_block",
        dropout: bool = False,
    ) -> None:
        super().__init__()
        bias = norm is not nn.BatchNorm2d
        layers: list[nn.Module] = [
            nn.ReflectionPad2d(3),
            nn.Conv2d(source, width, 7, bias=bias),
            norm(width),
            nn.ReLU(),
        ]
        for stage in range(stages):
            wide = width * 2 ** (stage + 1)
            stride = 2 if down == "strided" else 1
            layers += [nn.Conv2d(wide // 2, wide, 3, stride, 1, bias=bias), norm(wide), nn.ReLU()]
            layers += [Downsample(wide)] if down == "antialiased" else []
        layers += [Block(width * 2**stages, norm, block_name, dropout, bias) for _ in range(blocks)]
        for stage in reversed(range(stages)):
            wide = width * 2 ** (stage + 1)
            enlarging: dict[str, list[nn.Module]] = {
                "transposed": [nn.ConvTranspose2d(wide, wide // 2, 3, 2, 1, 1, bias=bias)],
                "nearest": [nn.Upsample(scale_factor=2), nn.Conv2d(wide, wide // 2, 3, 1, 1, bias=bias)],
                "antialiased": [Upsample(wide), nn.Conv2d(wide, wide // 2, 3, 1, 1, bias=bias)],
                "resize": [
                    nn.Upsample(scale_factor=2, mode="bilinear"),
                    nn.ReflectionPad2d(1),
                    nn.Conv2d(wide, wide // 2, 3, bias=bias),
                ],
            }
            layers += [*enlarging[up], norm(wide // 2), nn.ReLU()]
        layers += [nn.ReflectionPad2d(3), nn.Conv2d(width, target, 7), nn.Tanh()]
        self.model = nn.Sequential(*layers)

    def forward(self, pictures: Tensor) -> Tensor:
        return self.model(pictures)


def drawn(network: nn.Module, seed: int = 0) -> nn.Module:
    """The network in eval mode with weights that make a difference everywhere."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            values = torch.randn(parameter.shape, generator=generator)
            fan_in = parameter[0].numel()
            scale = fan_in**-0.5 if parameter.dim() > 1 else 0.3
            parameter.copy_(scale * values + (parameter.dim() == 1 and not name.endswith("bias")))
    return network.eval()


def assert_same_outputs(file: Path, foreign: nn.Module, channels: int = 3, key: str | None = None) -> None:
    """What is read from a file makes of pictures what the foreign network makes of them, far below 1/255."""
    imported = read_weights(file, key=key, kind="generator")
    pictures = torch.rand(2, channels, 32, 40, generator=torch.Generator().manual_seed(1)) * 2 - 1
    with torch.no_grad():
        expected = foreign.eval()(pictures)
        made = imported.build().eval()(Batch(pictures)).data
    assume(bool(expected.std() > 0.01))  # outputs that are all alike would prove nothing
    torch.testing.assert_close(made, expected, rtol=0, atol=1e-4)
