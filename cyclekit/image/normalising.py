"""Where the fused kernels of `fused_norm` may take the place of plain layers, and convolutions as they want them."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cyclekit.core.card import on_card
from cyclekit.core.losses import differentiated_twice


def fuses(norm: nn.Module | None, features: Tensor) -> bool:
    """Whether the kernels give what this norm gives of such features: instance norm without a scale, on CUDA.

    A gradient of a gradient (`gan_loss: wgan_gp`) they do not have, and inside a compiled network the compiler fuses.
    """
    plain = isinstance(norm, nn.InstanceNorm2d) and not norm.affine and not norm.track_running_stats
    if not plain or not on_card(features) or torch.compiler.is_compiling() or differentiated_twice():
        return False
    return _triton_is_there()


def without_bias(layer: nn.Module, features: Tensor) -> Tensor:
    """A layer's convolution, before instance norm, which would only take its bias out again."""
    convolution = layer.get_submodule("convolution")
    if isinstance(convolution, nn.ConvTranspose2d):
        sizes = convolution.stride, convolution.padding, convolution.output_padding, convolution.groups
        return F.conv_transpose2d(features, convolution.weight, None, *sizes, convolution.dilation)  # type: ignore[arg-type]
    assert isinstance(convolution, nn.Conv2d)
    sizes = convolution.stride, convolution.padding, convolution.dilation, convolution.groups
    return F.conv2d(features, convolution.weight, None, *sizes)  # type: ignore[arg-type]


@cache
def _triton_is_there() -> bool:
    try:
        import triton  # noqa: F401
    except ImportError:  # torch for CUDA on Linux brings it; elsewhere the layers run one by one
        return False
    return True
