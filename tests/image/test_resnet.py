"""The ResNet generator: the published network exactly, any size, and the identity start."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit import registry
from cyclekit.core.batch import Batch
from cyclekit.core.initialise import kaiming, normal, orthogonal, xavier
from cyclekit.image.resnet import ResNetGenerator, resnet_6blocks, resnet_9blocks
from tests.image.networks import COLOUR, GREY, assert_output_of_the_reference, parameters, pictures


def test_published_parameter_counts():
    with torch.device("meta"):
        assert parameters(resnet_9blocks(COLOUR, COLOUR)) == 11_378_179
        assert parameters(resnet_6blocks(COLOUR, COLOUR)) == 7_837_699
        assert parameters(ResNetGenerator(COLOUR, COLOUR, norm="batch", dropout=0.5)) == 11_383_427


def test_output_of_the_reference():
    assert_output_of_the_reference("resnet9_batch_dropout.safetensors", "resnet9_batch_dropout_net_G.pth")


@given(
    height=st.integers(9, 24),
    width=st.integers(9, 24),
    blocks=st.integers(0, 2),
    downsamplings=st.integers(0, 3),
    norm=st.sampled_from(["instance", "batch", "none"]),
    upsampling=st.sampled_from(["transposed", "resize"]),
    start=st.sampled_from(["random", "identity"]),
)
@settings(max_examples=25, deadline=None)
def test_any_size_comes_back_as_it_went_in(height, width, blocks, downsamplings, norm, upsampling, start):
    network = ResNetGenerator(
        COLOUR,
        COLOUR,
        width=2,
        blocks=blocks,
        downsamplings=downsamplings,
        norm=norm,
        upsampling=upsampling,
        start=start,
    )
    output = network(pictures(2, 3, height, width))
    assert output.data.shape == (2, 3, height, width)
    assert output.data.abs().max() <= 1
    assert output.mask is None
    output.data.sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize("downsamplings", [0, 1, 2, 3])
def test_the_smallest_size_works_in_training_and_one_less_is_refused(downsamplings):
    network = ResNetGenerator(COLOUR, GREY, width=2, blocks=1, downsamplings=downsamplings)
    size = network.smallest
    assert network(pictures(1, 3, size, size)).data.shape == (1, 1, size, size)
    with pytest.raises(ValueError, match=f"at least {size} px a side, got {size}x{size - 1}"):
        network(pictures(1, 3, size - 1, size))


def test_sizes_that_are_multiples_lose_nothing():
    """Padding a picture to the multiple and cropping back moves only what is near the new edge."""
    network = ResNetGenerator(COLOUR, COLOUR, width=4, blocks=1, norm="none").eval()
    assert network.multiple == 4
    whole = pictures(1, 3, 64, 64)
    with torch.no_grad():
        expected = network(whole).data[..., :20, :20]
        torch.testing.assert_close(network(Batch(whole.data[..., :62, :63])).data[..., :20, :20], expected)


@pytest.mark.parametrize("initialisation", [normal, xavier, kaiming, orthogonal])
@pytest.mark.parametrize("codec", [COLOUR, GREY])
def test_identity_start_gives_every_byte_back_whatever_the_initialisation(initialisation, codec):
    network = ResNetGenerator(codec, codec, width=4, blocks=1, start="identity")
    initialisation()(network)
    every_byte = torch.arange(256).float().div(127.5).sub(1).reshape(1, 1, 16, 16).expand(1, codec.channels, -1, -1)
    output = network(Batch(every_byte)).data
    assert torch.equal(output.add(1).mul(127.5).round(), every_byte.add(1).mul(127.5).round())


def test_identity_start_is_finite_and_learns_in_bfloat16():
    network = ResNetGenerator(COLOUR, COLOUR, width=4, blocks=1, start="identity")
    white_above = torch.cat([torch.ones(1, 3, 8, 16), pictures(1, 3, 8, 16).data], dim=2).bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        output = network(Batch(white_above)).data
        output.sum().backward()
    assert output.isfinite().all()
    assert all(p.grad.isfinite().all() for p in network.parameters() if p.grad is not None)
    assert network.head.convolution.weight.grad.abs().sum() > 0


def test_dropout_acts_in_training_only():
    network = ResNetGenerator(COLOUR, COLOUR, width=4, blocks=1, dropout=0.5)
    batch = pictures(1, 3, 16, 16)
    assert not torch.equal(network(batch).data, network(batch).data)
    network.eval()
    assert torch.equal(network(batch).data, network(batch).data)


def test_rows_do_not_see_each_other_under_instance_norm():
    network = ResNetGenerator(COLOUR, COLOUR, width=4, blocks=2)
    batch = pictures(3, 3, 16, 16)
    alone = torch.cat([network(row).data for row in batch.rows()])
    torch.testing.assert_close(network(batch).data, alone, rtol=1e-4, atol=1e-5)


def test_resize_upsampling_leaves_no_checkerboard():
    """Of constant features a transposed convolution makes a grid; a resize-convolution makes none."""

    def roughness(upsampling: str) -> float:
        torch.manual_seed(0)
        network = ResNetGenerator(COLOUR, COLOUR, width=4, blocks=0, norm="none", upsampling=upsampling).eval()
        with torch.no_grad():
            flat = network(Batch(torch.zeros(1, 3, 64, 64))).data[..., 28:-28, 28:-28]
        return (flat - flat.mean((2, 3), keepdim=True)).abs().max().item()

    assert roughness("resize") < 1e-6
    assert roughness("transposed") > 1e-3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": 0}, "width >= 1, blocks >= 0, downsamplings >= 0; got 0, 9, 2"),
        ({"blocks": -1}, "got 64, -1, 2"),
        ({"dropout": 1.0}, "dropout is a probability from 0 to below 1, got 1.0"),
        ({"norm": "none", "affine": True}, "affine belongs to a norm"),
        ({"start": "identity"}, "as many channels out as in; got 3 in and 1 out"),
        ({"norm": "layer"}, "wants one of 'instance', 'batch', 'none'"),
        ({"block": 6}, "has no option 'block'; did you mean 'blocks'"),
    ],
)
def test_refusals_name_the_key_and_what_would_work(options, message):
    with pytest.raises(registry.RecipeError, match=f"generator.*{message}"):
        registry.build("generator", "resnet", COLOUR, GREY, options=options)


@pytest.mark.parametrize(("name", "blocks"), [("resnet_6blocks", 6), ("resnet_9blocks", 9)])
def test_presets(name, blocks):
    network = registry.build("generator", name, COLOUR, COLOUR, options={"width": 2})
    assert len(network.blocks) == blocks
    assert list(network.state_dict()) == list(ResNetGenerator(COLOUR, COLOUR, width=2, blocks=blocks).state_dict())
