"""The levels of the U-Net and the encoder-decoder: every depth, the sizes they take, and options out of range."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit import registry
from cyclekit.image.encoder_decoder import EncoderDecoderGenerator
from cyclekit.image.unet import UNetGenerator
from tests.image.networks import COLOUR, GREY, pictures


@pytest.mark.parametrize("make", [UNetGenerator, EncoderDecoderGenerator])
@given(
    depth=st.integers(2, 6),
    times=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    norm=st.sampled_from(["instance", "batch", "none"]),
    upsampling=st.sampled_from(["transposed", "resize"]),
    dropout=st.sampled_from([0.0, 0.5]),
)
@settings(max_examples=15, deadline=None)
def test_every_multiple_of_the_smallest_size_comes_back_as_it_went_in(make, depth, times, norm, upsampling, dropout):
    network = make(COLOUR, GREY, width=2, depth=depth, norm=norm, upsampling=upsampling, dropout=dropout)
    assert network.multiple == network.smallest == 2**depth
    height, width = (network.multiple * time for time in times)
    output = network(pictures(1, 3, height, width)).data
    assert output.shape == (1, 1, height, width)
    assert output.abs().max() <= 1
    output.sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize(("make", "words"), [(UNetGenerator, "U-Net"), (EncoderDecoderGenerator, "encoder-decoder")])
@pytest.mark.parametrize(("height", "width"), [(16, 20), (20, 16)])
def test_other_sizes_are_refused_with_the_multiple(make, words, height, width):
    message = rf"this {words} needs sides that are multiples of 8 \(2\*\*depth\), got {width}x{height}: pad or resize"
    with pytest.raises(ValueError, match=message):
        make(COLOUR, COLOUR, width=2, depth=3)(pictures(1, 3, height, width))


@pytest.mark.parametrize("name", ["unet", "encoder_decoder"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 0}, "width >= 1 and depth >= 2; got 0 and 8"),
        ({"depth": 1}, "width >= 1 and depth >= 2; got 64 and 1"),
        ({"dropout": -0.1}, "dropout is a probability from 0 to below 1, got -0.1"),
        ({"norm": "none", "affine": True}, "affine belongs to a norm"),
        ({"upsampling": "nearest"}, "wants one of 'transposed', 'resize'"),
    ],
)
def test_refusals(name, options, message):
    with pytest.raises(registry.RecipeError, match=message):
        registry.build("generator", name, COLOUR, COLOUR, options=options)
