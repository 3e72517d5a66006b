"""How a network's weights begin: the initialisations of the field, for any modality.

Each part is a function from options to a function that draws a network's weights in place. Convolutions and linear
layers are drawn as the part's name says, with biases 0; batch norm's scales are drawn around 1; all other layers keep
what they began with. At the end each module that has a method `after_initialisation()` restores what it must begin
with, such as a last convolution of zeros.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd
from torch.nn.utils import parametrize

from cyclekit.core.capabilities import AfterInitialisation
from cyclekit.registry import register

Initialise = Callable[[nn.Module], None]
POWER_ITERATIONS = 15


@register("initialisation", "normal")
def normal(*, gain: float = 0.02) -> Initialise:
    """Weights from N(0, gain) (DCGAN, Radford et al. 2016, section 4; CycleGAN 4; pix2pix 6.2)."""
    return _initialise(lambda weight: nn.init.normal_(weight, 0.0, gain), gain)


@register("initialisation", "xavier")
def xavier(*, gain: float = 0.02) -> Initialise:
    """Normal weights, scaled by the layer's inputs and outputs, times gain (Glorot and Bengio 2010)."""
    return _initialise(lambda weight: nn.init.xavier_normal_(weight, gain), gain)


@register("initialisation", "kaiming")
def kaiming(*, gain: float = 0.02) -> Initialise:
    """Normal weights, scaled by the layer's inputs for ReLU (He et al. 2015); `gain` is batch norm's alone."""
    return _initialise(lambda weight: nn.init.kaiming_normal_(weight), gain)


@register("initialisation", "orthogonal")
def orthogonal(*, gain: float = 0.02) -> Initialise:
    """Orthogonal weights, times gain (Saxe et al. 2014)."""
    return _initialise(lambda weight: nn.init.orthogonal_(weight, gain), gain)


@register("initialisation", "keep")
def keep() -> Initialise:
    """Every network stays as it built itself: for networks that bring trained weights, or know better."""
    return lambda network: None


def _initialise(draw: Callable[[Tensor], Tensor], gain: float) -> Initialise:
    if gain < 0:
        raise ValueError(f"gain must not be negative, got {gain}")

    @torch.no_grad()
    def initialise(network: nn.Module) -> None:
        for module in network.modules():
            if isinstance(module, _ConvNd | nn.Linear):
                _draw_layer(module, draw)
            elif isinstance(module, _BatchNorm) and module.affine:
                nn.init.normal_(module.weight, 1.0, gain)
                nn.init.zeros_(module.bias)
        for module in network.modules():
            if isinstance(module, AfterInitialisation):
                module.after_initialisation()

    return initialise


def _draw_layer(layer: _ConvNd | nn.Linear, draw: Callable[[Tensor], Tensor]) -> None:
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    if not parametrize.is_parametrized(layer, "weight"):
        draw(layer.weight)
        return
    # Spectral norm keeps the weight under another name, and a running estimate of its largest singular value, which
    # belongs to the old weight now. In training mode each look at the weight is one step of that estimate.
    draw(layer.parametrizations.weight.original)  # type: ignore[union-attr, arg-type]
    training = layer.training
    layer.train()
    for _ in range(POWER_ITERATIONS):
        _ = layer.weight
    layer.train(training)
