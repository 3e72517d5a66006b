import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from cyclekit.core.batch import Batch
from cyclekit.core.losses import bce, gradient_penalty, hinge, l1, lsgan, wgan_gp, zero_centred_penalty

scores = st.lists(st.floats(-20, 20), min_size=1, max_size=6).map(torch.tensor)
LOSSES = [lsgan(), bce(), hinge(), wgan_gp()]


@pytest.mark.parametrize("loss", LOSSES)
@given(fake=scores)
def test_a_generator_wants_higher_scores_below_the_target(loss, fake):
    fake = fake.clamp(max=0.5).requires_grad_()
    (gradient,) = torch.autograd.grad(loss.generator(fake), fake)
    assert (gradient <= 0).all()


@pytest.mark.parametrize("loss", LOSSES)
def test_a_judge_that_is_right_loses_less_than_one_that_is_wrong(loss):
    right = loss.discriminator(torch.tensor([1.0]), torch.tensor([0.0]))
    wrong = loss.discriminator(torch.tensor([0.0]), torch.tensor([1.0]))
    assert right < wrong


def test_values_at_known_scores():
    real, fake = torch.tensor([0.8, 0.6]), torch.tensor([0.1, 0.3])
    assert lsgan().discriminator(real, fake) == pytest.approx(0.5 * ((0.04 + 0.16) / 2 + (0.01 + 0.09) / 2))
    assert lsgan().generator(fake) == pytest.approx((0.81 + 0.49) / 2)
    zero = torch.zeros(3)
    assert bce().discriminator(zero, zero) == pytest.approx(math.log(2))
    assert hinge().discriminator(zero, zero) == pytest.approx(1.0)
    assert wgan_gp().discriminator(torch.ones(2), zero) == pytest.approx(-1.0)


@given(scores)
def test_cross_entropy_is_finite_where_a_sigmoid_would_saturate(fake):
    assert torch.isfinite(bce().discriminator(100 * fake, -100 * fake))


class Linear(nn.Module):
    """A judge whose gradient has a known norm everywhere."""

    def __init__(self, weight):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(weight))

    def forward(self, sample, condition=None):
        return Batch((sample.data.flatten(1) * self.weight).sum(1, keepdim=True))


@given(st.lists(st.floats(-2, 2), min_size=4, max_size=4), st.integers(1, 3))
def test_the_penalty_of_a_linear_judge_is_known(weight, rows):
    real, fake = (Batch(torch.rand(rows, 1, 2, 2)) for _ in range(2))
    penalty = gradient_penalty(Linear(weight), real, fake)
    norm = math.sqrt(sum(w * w for w in weight))
    assert penalty.item() == pytest.approx((norm - 1) ** 2, abs=1e-4)


def test_the_penalty_reaches_the_judges_weights():
    judge = Linear([2.0, 0.0, 0.0, 0.0])
    wgan_gp(penalty_weight=3.0).penalty(
        judge, Batch(torch.rand(2, 1, 2, 2)), Batch(torch.rand(2, 1, 2, 2)), None
    ).backward()
    assert judge.weight.grad[0] == pytest.approx(3.0 * 2 * (2 - 1))  # d/dw of 3 (w - 1)^2


@pytest.mark.parametrize("loss", [lsgan, bce, hinge])
def test_a_zero_centred_penalty_on_real_rows_belongs_to_each_loss(loss):
    assert loss().penalty is None
    real, fake = (Batch(torch.rand(2, 1, 2, 2)) for _ in range(2))
    discriminator = Linear([2.0, -1.0, 0.0, 0.0])
    found = loss(r1=3.0).penalty(discriminator, real, fake, None)
    assert found.item() == pytest.approx(3 * 5)  # the squared norm of its weights
    found.backward()
    assert discriminator.weight.grad.tolist() == pytest.approx([12.0, -6.0, 0.0, 0.0])
    assert real.data.requires_grad is False
    with pytest.raises(ValueError, match="r1 is -1; it is a weight, 0 or more"):
        loss(r1=-1)


def test_a_penalty_needs_rows_that_can_be_mixed():
    ids = Batch(torch.zeros(1, 4, dtype=torch.int64))
    with pytest.raises(ValueError, match="real and fake rows of one continuous shape"):
        gradient_penalty(Linear([1.0]), ids, ids)
    with pytest.raises(ValueError, match=r"r1 needs rows of continuous values, got torch\.int64"):
        zero_centred_penalty(Linear([1.0]), ids)
    with pytest.raises(ValueError, match="must be positive"):
        wgan_gp(penalty_weight=0.0)


def test_l1_is_the_mean_absolute_difference():
    assert l1()(Batch(torch.tensor([[1.0, -1.0]])), Batch(torch.tensor([[0.0, 1.0]]))) == pytest.approx(1.5)
