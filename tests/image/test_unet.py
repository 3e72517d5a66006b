"""The U-Net generator: the published network exactly, every depth, and its sizes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file
from torch import nn

from cyclekit import registry
from cyclekit.core.batch import Batch
from cyclekit.image.codec import ImageCodec
from cyclekit.image.unet import UNetGenerator, unet_128, unet_256
from cyclekit.image.weights import read_weights

GOLDEN = Path(__file__).parent.parent / "golden"
COLOUR, GREY = ImageCodec(channels=3), ImageCodec(channels=1)


def pictures(*shape: int) -> Batch:
    return Batch(torch.rand(shape, generator=torch.Generator().manual_seed(0)) * 2 - 1)


def test_published_parameter_counts():
    with torch.device("meta"):
        assert sum(p.numel() for p in unet_256(COLOUR, COLOUR).parameters()) == 54_413_955
        assert sum(p.numel() for p in unet_128(COLOUR, COLOUR).parameters()) == 41_828_995


def test_output_of_the_reference():
    golden = load_file(GOLDEN / "unet_256_instance.safetensors")
    network = read_weights(GOLDEN / "unet_256_instance_net_G.pth").build().eval()
    with torch.no_grad():
        output = network(Batch(golden["input"])).data
    torch.testing.assert_close(output, golden["output"], rtol=0, atol=1e-5)


@given(
    depth=st.integers(2, 6),
    times=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    norm=st.sampled_from(["instance", "batch", "none"]),
    upsampling=st.sampled_from(["transposed", "resize"]),
    dropout=st.sampled_from([0.0, 0.5]),
)
@settings(max_examples=15, deadline=None)
def test_every_multiple_of_the_smallest_size_comes_back_as_it_went_in(depth, times, norm, upsampling, dropout):
    network = UNetGenerator(COLOUR, GREY, width=2, depth=depth, norm=norm, upsampling=upsampling, dropout=dropout)
    assert network.multiple == network.smallest == 2**depth
    height, width = (network.multiple * time for time in times)
    output = network(pictures(1, 3, height, width)).data
    assert output.shape == (1, 1, height, width)
    assert output.abs().max() <= 1
    output.sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_other_sizes_are_refused_with_the_multiple():
    with pytest.raises(ValueError, match=r"multiples of 8 \(2\*\*depth\), got 20x16: pad or resize"):
        UNetGenerator(COLOUR, COLOUR, width=2, depth=3)(pictures(1, 3, 16, 20))


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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 1}, "width >= 1 and depth >= 2; got 64 and 1"),
        ({"dropout": -0.1}, "dropout is a probability from 0 to below 1, got -0.1"),
        ({"norm": "none", "affine": True}, "affine belongs to a norm"),
        ({"upsampling": "nearest"}, "wants one of 'transposed', 'resize'"),
    ],
)
def test_refusals(options, message):
    with pytest.raises(registry.RecipeError, match=message):
        registry.build("generator", "unet", COLOUR, COLOUR, options=options)


@pytest.mark.parametrize(("name", "depth"), [("unet_128", 7), ("unet_256", 8)])
def test_presets(name, depth):
    network = registry.build("generator", name, COLOUR, COLOUR, options={"width": 2})
    assert network.multiple == int(name.removeprefix("unet_"))
    assert len(network.down) == len(network.up) == depth
