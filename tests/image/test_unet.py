"""The U-Net generator: the published network exactly, its skips, its dropout and its presets."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from cyclekit import registry
from cyclekit.image.unet import UNetGenerator, unet_128, unet_256
from tests.image.networks import COLOUR, assert_output_of_the_reference, parameters, pictures


def test_published_parameter_counts():
    with torch.device("meta"):
        assert parameters(unet_256(COLOUR, COLOUR)) == 54_413_955
        assert parameters(unet_128(COLOUR, COLOUR)) == 41_828_995


def test_output_of_the_reference():
    assert_output_of_the_reference("unet_256_instance.safetensors", "unet_256_instance_net_G.pth")


def test_every_skip_reaches_the_output():
    """Cut off from the levels below, each level still hands the picture across."""
    network = UNetGenerator(COLOUR, COLOUR, width=2, depth=3, norm="none").eval()
    for layer in network.up[:-1]:
        nn.init.zeros_(layer.convolution.weight)
        nn.init.zeros_(layer.convolution.bias)
    first, second = pictures(2, 3, 8, 8).rows()
    with torch.no_grad():
        assert not torch.equal(network(first).data, network(second).data)


@pytest.mark.parametrize(("depth", "dropouts"), [(4, 0), (5, 0), (6, 1), (7, 2), (8, 3)])
def test_dropout_stands_in_the_inner_widest_levels_as_published(depth, dropouts):
    network = UNetGenerator(COLOUR, COLOUR, width=1, depth=depth)
    assert sum(isinstance(module, nn.Dropout) for module in network.modules()) == dropouts
    assert not any(isinstance(module, nn.Dropout) for module in network.up[0])


@pytest.mark.parametrize(("name", "depth"), [("unet_128", 7), ("unet_256", 8)])
def test_presets(name, depth):
    network = registry.build("generator", name, COLOUR, COLOUR, options={"width": 2})
    assert network.multiple == int(name.removeprefix("unet_"))
    assert len(network.down) == len(network.up) == depth
