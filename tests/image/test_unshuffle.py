"""The unshuffle generator: any size, the identity start, and signals that keep their size."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.core.batch import Batch
from cyclekit.core.initialise import kaiming, normal
from cyclekit.image.unshuffle import DemodulatedBlock, EqualisedConvolution, UnshuffleGenerator, smoothed_over_squares
from tests.image.networks import COLOUR, GREY, pictures


@given(
    height=st.integers(9, 30),
    width=st.integers(9, 30),
    factor=st.sampled_from([1, 2, 4]),
    blocks=st.integers(0, 2),
    outer_blocks=st.integers(0, 1),
    upsampling=st.sampled_from(["shuffle", "smoothed"]),
    start=st.sampled_from(["identity", "random"]),
)
@settings(max_examples=25, deadline=None)
def test_any_size_comes_back_as_it_went_in(height, width, upsampling, start, **sizes):
    network = UnshuffleGenerator(COLOUR, COLOUR, width=2, upsampling=upsampling, start=start, **sizes)
    output = network(pictures(2, 3, height, width))
    assert output.data.shape == (2, 3, height, width)
    assert output.data.abs().max() <= 1
    output.data.sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize("factor", [1, 2, 4])
def test_the_smallest_size_works_and_one_less_is_refused(factor):
    network = UnshuffleGenerator(COLOUR, GREY, width=2, factor=factor, start="random")
    size = network.smallest
    assert network(pictures(1, 3, size, size)).data.shape == (1, 1, size, size)
    with pytest.raises(ValueError, match=f"at least {size} px a side, got {size}x{size - 1}"):
        network(pictures(1, 3, size - 1, size))


@pytest.mark.parametrize("initialisation", [normal, kaiming])
@pytest.mark.parametrize("codec", [COLOUR, GREY])
def test_identity_start_gives_every_byte_back_whatever_the_initialisation(initialisation, codec):
    network = UnshuffleGenerator(codec, codec, width=4)
    initialisation()(network)
    levels = torch.arange(256).reshape(1, 1, 16, 16).expand(1, codec.channels, 16, 16)
    output = network(Batch(levels / 127.5 - 1)).data
    assert torch.equal(((output + 1) * 127.5).round().long(), levels)


def test_an_identity_start_with_other_channels_is_refused():
    with pytest.raises(ValueError, match="as many channels out as in; got 3 in and 1 out"):
        UnshuffleGenerator(COLOUR, GREY)


@pytest.mark.parametrize("options", [{"width": 0}, {"factor": 0}, {"blocks": -1}, {"outer_blocks": -1}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match="width and factor >= 1, blocks and outer_blocks >= 0"):
        UnshuffleGenerator(COLOUR, COLOUR, **options)


@given(growth=st.floats(0.1, 1000))
@settings(max_examples=20, deadline=None)
def test_demodulated_weights_keep_a_signals_size_however_they_grow(growth):
    torch.manual_seed(0)
    layer = EqualisedConvolution(32, 32, demodulated=True)
    with torch.no_grad():
        layer.weight.mul_(growth)
        assert 0.8 < float(layer(torch.randn(1, 32, 32, 32)).std()) < 1.2


@given(factor=st.sampled_from([1, 2, 4]), shade=st.floats(0.2, 0.9), seed=st.integers(0, 99))
@settings(max_examples=15, deadline=None)
def test_smoothed_one_shade_stays_one_shade_where_a_shuffle_makes_a_grid_of_it(factor, shade, seed):
    torch.manual_seed(seed)
    network = UnshuffleGenerator(COLOUR, COLOUR, width=4, factor=factor, start="random", upsampling="smoothed")
    plain = Batch(torch.full((1, 3, 24, 24), shade))
    with torch.no_grad():
        even = network(plain).data
        network.upsampling = "shuffle"
        grid = network(plain).data
    even = even[..., factor:-factor, factor:-factor]  # mirrored edges do not go on with a grid of more than 2
    torch.testing.assert_close(even, even[:, :, :1, :1].expand_as(even), atol=1e-5, rtol=0)
    assert factor == 1 or float(grid.std((2, 3)).max()) > 1e-3


def test_smoothing_moves_nothing():
    spot = torch.zeros(1, 1, 21, 21)
    spot[..., 10, 10] = 1
    for side in (1, 2, 4):
        found = smoothed_over_squares(spot, side)
        assert float(found.sum()) == pytest.approx(1)
        for turned in (found.flip(2), found.flip(3), found.transpose(2, 3)):
            torch.testing.assert_close(turned, found)


def test_many_blocks_do_not_blow_up():
    torch.manual_seed(0)
    features = torch.randn(1, 16, 16, 16)
    with torch.no_grad():
        for _ in range(16):
            features = DemodulatedBlock(16)(features)
    assert float(features.std()) < 4


def test_features_are_those_of_the_translation():
    torch.manual_seed(0)
    network = UnshuffleGenerator(COLOUR, COLOUR, width=4, blocks=2, start="random")
    seen, source = [], pictures(2, 3, 13, 18)
    network.blocks.register_forward_hook(lambda _, given, answered: seen.extend([*given, answered]))
    network(source)
    squares, fine, halved, last = network.features(source, [0, 2, 3, 5])
    assert torch.equal(halved, seen[0])
    assert torch.equal(last, seen[1])
    assert torch.equal(squares[:, 0, :6, :9] / 2, source.data[:, 0, 0:12:2, 0:18:2])
    assert (squares.shape, fine.shape) == ((2, 12, 8, 10), (2, 4, 8, 10))
    with pytest.raises(ValueError, match="encoder has the layers 0 to 5"):
        network.features(source, [6])
