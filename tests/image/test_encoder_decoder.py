"""The encoder-decoder: the U-Net's sizes without its skips."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cyclekit import registry
from cyclekit.core.batch import Batch
from cyclekit.image.codec import ImageCodec
from cyclekit.image.encoder_decoder import EncoderDecoderGenerator
from cyclekit.image.unet import UNetGenerator

COLOUR, GREY = ImageCodec(channels=3), ImageCodec(channels=1)


def pictures(*shape: int) -> Batch:
    return Batch(torch.rand(shape, generator=torch.Generator().manual_seed(0)) * 2 - 1)


@given(
    depth=st.integers(2, 6),
    times=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    norm=st.sampled_from(["instance", "batch", "none"]),
    upsampling=st.sampled_from(["transposed", "resize"]),
)
@settings(max_examples=10, deadline=None)
def test_every_multiple_of_the_smallest_size_comes_back_as_it_went_in(depth, times, norm, upsampling):
    network = EncoderDecoderGenerator(COLOUR, GREY, width=2, depth=depth, norm=norm, upsampling=upsampling)
    height, width = (network.multiple * time for time in times)
    output = network(pictures(1, 3, height, width)).data
    assert output.shape == (1, 1, height, width)
    assert output.abs().max() <= 1
    output.sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_other_sizes_are_refused_with_the_multiple():
    with pytest.raises(ValueError, match=r"multiples of 8 \(2\*\*depth\), got 20x16: pad or resize"):
        EncoderDecoderGenerator(COLOUR, COLOUR, width=2, depth=3)(pictures(1, 3, 16, 20))


def test_nothing_passes_but_through_the_bottleneck():
    network = EncoderDecoderGenerator(COLOUR, COLOUR, width=2, depth=3, norm="none").eval()
    nn.init.zeros_(network.up[0].convolution.weight)
    first, second = pictures(2, 3, 8, 8).rows()
    with torch.no_grad():
        assert torch.equal(network(first).data, network(second).data)


def test_it_is_the_unet_but_for_the_skips():
    """The same layers under the same names; only the decoder's inputs, all but the innermost, are half as wide."""
    with torch.device("meta"):
        plain, skipping = EncoderDecoderGenerator(COLOUR, COLOUR), UNetGenerator(COLOUR, COLOUR)
    theirs = skipping.state_dict()
    for name, tensor in plain.state_dict().items():
        wider = name.startswith("up.") and not name.startswith("up.0.") and name.endswith("convolution.weight")
        assert tensor.numel() * (2 if wider else 1) == theirs.pop(name).numel()
    assert not theirs


def test_refusals():
    with pytest.raises(registry.RecipeError, match="depth >= 2; got 64 and 0"):
        registry.build("generator", "encoder_decoder", COLOUR, COLOUR, options={"depth": 0})
