"""The discriminators: the published networks exactly, what one score sees, conditions, scales and spectral norm."""

from __future__ import annotations

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cyclekit import registry
from cyclekit.core.batch import Batch
from cyclekit.core.initialise import normal
from cyclekit.image.patchgan import MultiscaleDiscriminator, PatchDiscriminator, PixelDiscriminator, PooledDiscriminator
from tests.image.networks import COLOUR, GREY, assert_output_of_the_reference, parameters, pictures


def test_published_parameter_counts():
    with torch.device("meta"):
        assert parameters(PatchDiscriminator(COLOUR)) == 2_764_737
        assert parameters(PatchDiscriminator(COLOUR, COLOUR, norm="batch")) == 2_768_705
        assert parameters(PatchDiscriminator(COLOUR, layers=1)) == 136_385
        assert parameters(PatchDiscriminator(COLOUR, layers=5)) == 11_154_369
        assert parameters(PixelDiscriminator(COLOUR)) == 8_705


def test_output_of_the_reference():
    assert_output_of_the_reference("d_pixel.safetensors", "d_pixel_net_D.pth")


def test_published_patch_sizes():
    fields = [PatchDiscriminator(COLOUR, width=1, layers=layers).receptive_field for layers in range(1, 7)]
    assert fields == [16, 34, 70, 142, 286, 574]
    assert PatchDiscriminator(COLOUR, width=1)(pictures(1, 3, 256, 256)).data.shape == (1, 1, 30, 30)


@pytest.mark.parametrize(
    "network",
    [
        PatchDiscriminator(COLOUR, width=1, layers=1, norm="none"),
        PatchDiscriminator(COLOUR, width=1, layers=3, norm="none"),
        PixelDiscriminator(COLOUR, width=1, norm="none"),
        PooledDiscriminator(PatchDiscriminator(COLOUR, width=1, layers=1, norm="none"), halvings=2),
    ],
)
def test_the_receptive_field_is_what_one_score_depends_on(network):
    picture = torch.zeros(1, 3, 256, 256, requires_grad=True)
    for parameter in network.parameters():
        nn.init.constant_(parameter, 0.1)
    scores = network(Batch(picture)).data
    scores[0, 0, scores.shape[2] // 2, scores.shape[3] // 2].backward()
    touched = picture.grad.abs().sum((0, 1)).nonzero()
    sides = touched.max(0).values - touched.min(0).values + 1
    assert sides.tolist() == [network.receptive_field] * 2


@given(
    layers=st.integers(1, 4),
    extra=st.tuples(st.integers(0, 9), st.integers(0, 9)),
    norm=st.sampled_from(["instance", "batch", "none"]),
    spectral=st.booleans(),
)
@settings(max_examples=15, deadline=None)
def test_every_size_from_the_smallest_on_is_scored(layers, extra, norm, spectral):
    network = PatchDiscriminator(GREY, COLOUR, width=2, layers=layers, norm=norm, spectral_norm=spectral)
    height, width = (network.smallest + more for more in extra)
    scores = network(pictures(2, 1, height, width), pictures(2, 3, height, width)).data
    assert scores.shape == (2, 1, height // 2**layers - 2, width // 2**layers - 2)
    scores.sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_smaller_pictures_are_refused():
    with pytest.raises(ValueError, match="PatchGAN with 3 layers needs pictures of at least 24 px a side, got 24x23"):
        PatchDiscriminator(COLOUR, width=1)(pictures(1, 3, 23, 24))


@pytest.mark.parametrize("make", [PatchDiscriminator, PixelDiscriminator, MultiscaleDiscriminator])
def test_the_condition_stands_before_the_sample(make):
    made = make(COLOUR, GREY, width=2, norm="none")
    sample, condition = pictures(1, 3, 96, 96), Batch(torch.full((1, 1, 96, 96), 0.5))
    for one in made if isinstance(made, nn.ModuleList) else [made]:
        first = next(module for module in one.modules() if isinstance(module, nn.Conv2d))
        assert first.in_channels == 4
        before = one(sample, condition).data
        nn.init.zeros_(first.weight[:, :1])
        after = one(sample, condition).data
        assert not torch.equal(before, after)
        assert torch.equal(after, one(sample, Batch(-condition.data)).data), "its weights are the first channel's"


def test_pixel_scores_depend_on_their_own_pixel_alone():
    network = PixelDiscriminator(COLOUR, width=4, norm="none")
    batch = pictures(1, 3, 8, 8)
    turned = network(Batch(batch.data.flip(2, 3))).data.flip(2, 3)
    torch.testing.assert_close(network(batch).data, turned)


@pytest.mark.parametrize("scales", [1, 2, 3])
def test_multiscale_is_a_list_of_discriminators_that_pool_for_themselves(scales):
    several = registry.build("discriminator", "multiscale", COLOUR, options={"scales": scales, "width": 2, "layers": 2})
    assert isinstance(several, nn.ModuleList)
    assert len(several) == scales
    batch = pictures(2, 3, 96, 96)
    assert [one(batch).data.shape[-1] for one in several] == [96 // 2**scale // 4 - 2 for scale in range(scales)]
    assert torch.equal(several[0](batch).data, several[0].discriminator(batch).data)
    for one in several:
        smallest = one.smallest
        one(pictures(1, 3, smallest, smallest))
        with pytest.raises(ValueError, match="PatchGAN with 2 layers needs pictures of at least 12 px"):
            one(pictures(1, 3, smallest - 1, smallest))


def test_weights_of_older_checkpoints_load_under_their_names_of_then():
    """As a run loads them: a list of several in a dictionary of domains."""
    made, other = (nn.ModuleDict({"a": MultiscaleDiscriminator(COLOUR, width=2, scales=2)}) for _ in range(2))
    of_then = {key.replace(".discriminator.", ".judge."): value for key, value in made.state_dict().items()}
    assert of_then.keys() != made.state_dict().keys()
    copy.deepcopy(other).load_state_dict(of_then)
    other.load_state_dict(of_then)
    assert all(torch.equal(value, made.state_dict()[key]) for key, value in other.state_dict().items())
    with pytest.raises(RuntimeError, match=r"discriminator\.more"):
        other.load_state_dict({**of_then, "a.0.judge.more": torch.zeros(1)})


def test_pooling_keeps_a_constant_picture_constant():
    """Zeros beyond the edge are not counted, so the border of a bright picture is no darker."""
    halve = PooledDiscriminator(PatchDiscriminator(COLOUR, width=1, layers=1), halvings=1).halve
    assert torch.equal(halve(torch.ones(1, 3, 8, 8)), torch.ones(1, 3, 4, 4))


def test_spectral_norm_bounds_every_convolution_after_initialisation():
    network = PatchDiscriminator(COLOUR, width=4, layers=2, norm="none", spectral_norm=True)
    normal()(network)
    network.eval()
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    assert len(convolutions) == 4
    for convolution in convolutions:
        assert torch.linalg.matrix_norm(convolution.weight.flatten(1), 2).item() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("patchgan", {"layers": 0}, "layers >= 1; got 64 and 0 .for single pixels take 'pixel'"),
        ("patchgan", {"norm": "none", "affine": True}, "affine belongs to a norm"),
        ("pixel", {"width": 0}, "width >= 1; got 0"),
        ("pixel", {"layers": 3}, "discriminator 'pixel' has no option 'layers'"),
        ("multiscale", {"scales": 0}, "scales >= 1; got 0"),
    ],
)
def test_refusals(name, options, message):
    with pytest.raises(registry.RecipeError, match=message):
        registry.build("discriminator", name, COLOUR, options=options)
