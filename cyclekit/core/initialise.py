"""How a network's weights begin: the four initialisations of the field, for any modality."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd
from torch.nn.utils import parametrize

METHODS: dict[str, Callable[[Tensor, float], Tensor]] = {
    "normal": lambda weight, gain: nn.init.normal_(weight, 0.0, gain),  # DCGAN (Radford et al. 2016), section 4
    "xavier": lambda weight, gain: nn.init.xavier_normal_(weight, gain),
    "kaiming": lambda weight, _: nn.init.kaiming_normal_(weight),  # scales itself to the layer, so there is no gain
    "orthogonal": lambda weight, gain: nn.init.orthogonal_(weight, gain),
}
POWER_ITERATIONS = 15


@torch.no_grad()
def initialise(network: nn.Module, method: str = "normal", gain: float = 0.02) -> None:
    """Draw a network's first weights in place.

    Convolutions and linear layers are drawn by `method`, with biases 0; batch norm scales are drawn around 1. All
    other layers keep what they began with. At the end each module that has a method `after_initialisation()` is asked
    to restore what it must begin with, such as a last convolution of zeros.

    Args:
        method: one of `METHODS`. CycleGAN 7.1 and pix2pix 6.2 use "normal" with 0.02.
        gain: the standard deviation for "normal", the gain for "xavier" and "orthogonal"; "kaiming" has none.

    Raises:
        ValueError: unknown method, or a gain below zero.
    """
    if method not in METHODS:
        raise ValueError(f"no initialisation is called '{method}'; there are: {', '.join(METHODS)}")
    if gain < 0:
        raise ValueError(f"an initialisation's gain must not be negative, got {gain}")
    for module in network.modules():
        if isinstance(module, _ConvNd | nn.Linear):
            _draw(module, method, gain)
        elif isinstance(module, _BatchNorm) and module.affine:
            nn.init.normal_(module.weight, 1.0, gain)
            nn.init.zeros_(module.bias)
    for module in network.modules():
        restore = getattr(module, "after_initialisation", None)
        if restore is not None:
            restore()


def _draw(layer: _ConvNd | nn.Linear, method: str, gain: float) -> None:
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    if not parametrize.is_parametrized(layer, "weight"):
        METHODS[method](layer.weight, gain)
        return
    # Spectral norm keeps the weight under another name, and a running estimate of its largest singular value, which
    # belongs to the old weight now. In training mode each look at the weight is one step of that estimate.
    METHODS[method](layer.parametrizations.weight.original, gain)  # type: ignore[union-attr, arg-type]
    training = layer.training
    layer.train()
    for _ in range(POWER_ITERATIONS):
        _ = layer.weight
    layer.train(training)
