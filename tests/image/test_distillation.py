"""Distillation: crops at the same places, what needs no network, and a student that learns."""

from itertools import combinations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from cyclekit.core.batch import Batch
from cyclekit.image.codec import ImageCodec
from cyclekit.image.distillation import (
    Adversary,
    Settings,
    Shown,
    colour_matrix,
    crops,
    distil,
    multiplications,
    psnr,
    recoloured,
    settle,
)
from cyclekit.image.resnet import ResNetGenerator
from cyclekit.image.student import StudentGenerator
from cyclekit.measuring.metric import MetricUnavailable
from tests.image.networks import COLOUR

PLAIN = Settings(steps=120, crop=32, learning_rate=5e-3, features=0, adversarial=0)


def clouds(count, side=32, seed=0):
    """Smooth pictures (N, 3, H, W) in [-1, 1]."""
    random = torch.Generator().manual_seed(seed)
    small = torch.rand(count, 3, side // 8, side // 8, generator=random) * 1.8 - 0.9
    return nn.functional.interpolate(small, size=(side, side), mode="bilinear")


@given(seed=st.integers(0, 1000), side=st.sampled_from([8, 16, 32]))
def test_crops_are_of_the_same_places(seed, side):
    source = torch.arange(3 * 32 * 32).float().reshape(1, 3, 32, 32) / 3072
    found = crops(Shown(source, source * 2), Settings(crop=side, batch_size=3), torch.Generator().manual_seed(seed))
    assert found.source.shape == (3, 3, side, side)
    assert torch.equal(found.source * 2, found.wanted)


@given(seed=st.integers(0, 1000))
def test_a_colour_matrix_finds_the_colours_that_were_changed_by_one(seed):
    random = torch.Generator().manual_seed(seed)
    matrix = torch.randn(4, 3, generator=random, dtype=torch.double)
    matrix /= matrix.abs().sum(0).max()  # so that nothing is clipped
    source = clouds(2, seed=seed)
    wanted = recoloured(source, matrix)
    assert torch.allclose(recoloured(source, colour_matrix(Shown(source, wanted))), wanted, atol=1e-4)


def test_psnr_is_of_the_range_from_minus_one_to_one():
    assert psnr([torch.zeros(1, 3, 4, 4)], [torch.full((1, 3, 4, 4), 0.2)]) == pytest.approx(20.0)


def test_multiplications_are_those_of_the_convolutions():
    student = StudentGenerator(COLOUR, COLOUR, width=24, depthwise=False)
    stem, down, up, head = 48 * 24 * 9 * 64**2, 24 * 48 * 9 * 32**2, 48 * 96 * 9 * 32**2, 24 * 48 * 9 * 64**2
    assert multiplications(student, 3) == stem + down + 12 * 48 * 48 * 9 * 32**2 + up + head
    # The 56.8e9 of GAN Compression count a transposed convolution's outputs, three of four of which are no products.
    assert multiplications(ResNetGenerator(COLOUR, COLOUR), 3) == pytest.approx(49.55e9, rel=0.01)


def test_a_student_learns_what_neither_copying_nor_one_matrix_gives():
    source = clouds(24)
    wanted = 0.9 - 1.8 * source.roll(1, 1).abs()  # of another channel, and no line
    torch.manual_seed(0)
    student = StudentGenerator(COLOUR, COLOUR, width=16, blocks=1, factor=2, depthwise=False)
    done = []
    distil(student, Shown(source[:16], wanted[:16]), PLAIN, lambda count, total: done.append((count, total)))
    assert done[-1] == (120, 120)
    assert not student.training
    held_out, asked = source[16:].split(1), wanted[16:].split(1)
    with torch.no_grad():
        near = psnr([student(Batch(one)).data for one in held_out], asked)
    matrix = colour_matrix(Shown(source[:16], wanted[:16]))
    assert near > psnr([recoloured(one, matrix) for one in held_out], asked) + 3
    assert near > psnr(held_out, asked) + 3


def test_frozen_features_and_a_discriminator_count_too():
    pytest.importorskip("efficientnet_lite_pytorch")
    source, results = clouds(4, 32), []
    for weights in ({}, {"features": 1}, {"adversarial": 1}, {"features": 1, "adversarial": 1}):
        torch.manual_seed(0)
        student = StudentGenerator(COLOUR, COLOUR, width=4, blocks=1)
        distil(student, Shown(source, -source), PLAIN._replace(steps=3, batch_size=2, **weights))
        results.append(student.head.weight.detach().clone())
    assert not any(torch.equal(one, other) for one, other in combinations(results, 2))


def test_an_adversary_learns_to_tell_what_is_made_and_is_not_moved_by_who_is_to_fool_it():
    pytest.importorskip("efficientnet_lite_pytorch")
    torch.manual_seed(0)
    adversary = Adversary(3, 32, 20)
    made, real = clouds(4).requires_grad_(), clouds(4, seed=1).flip(1) * 0.3
    before = adversary.fooled(made).detach()
    for _ in range(20):
        adversary.learn(made, real)
    told = adversary.fooled(made)
    assert told > before + 0.5
    held = [weight.grad for weight in adversary.network.parameters()]
    told.backward()
    assert made.grad is not None
    assert all(one is other for one, other in zip(held, (w.grad for w in adversary.network.parameters())))


def test_pictures_that_frozen_networks_do_not_see_are_refused():
    pytest.importorskip("efficientnet_lite_pytorch")
    student, bands = StudentGenerator(COLOUR, ImageCodec(4), width=2, start="random"), torch.zeros(1, 4, 32, 32)
    for weights, words in (({"features": 1}, "1 or 3 channels"), ({"adversarial": 1}, "1 or 3 channels")):
        with pytest.raises(MetricUnavailable, match=words):
            distil(student, Shown(clouds(1), bands), PLAIN._replace(**weights))
    with pytest.raises(MetricUnavailable, match="crops of 32 px at least, got 24"):
        distil(student, Shown(clouds(1), clouds(1)), PLAIN._replace(crop=24, adversarial=1))


def test_statistics_are_those_of_whole_pictures_afterwards():
    torch.manual_seed(0)
    student = StudentGenerator(COLOUR, COLOUR, width=4, blocks=1, start="random")
    pictures = clouds(8)
    settle(student, pictures)
    norm = student.stem.norm
    seen = student.stem.convolution(nn.functional.pixel_unshuffle(pictures, 4))
    assert torch.allclose(norm.running_mean, seen.mean((0, 2, 3)), atol=1e-5)
    assert torch.allclose(norm.running_var, seen.var((0, 2, 3)), rtol=1e-3)
    assert norm.momentum == 0.1


@pytest.mark.parametrize("crop", [12, 40])
def test_crops_that_do_not_fit_are_refused(crop):
    with pytest.raises(ValueError, match=f"a crop of {crop} px is a multiple of 8 and no larger"):
        distil(StudentGenerator(COLOUR, COLOUR, width=2), Shown(clouds(1), clouds(1)), PLAIN._replace(crop=crop))


def test_statistics_stay_as_they_are_once_they_were_taken():
    torch.manual_seed(0)
    student = StudentGenerator(COLOUR, COLOUR, width=4, blocks=1)
    distil(student, Shown(clouds(8), clouds(8)), PLAIN._replace(steps=10))
    assert student.stem.norm.num_batches_tracked == 1, "of all pictures at once, and of no crops since"
