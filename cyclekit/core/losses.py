"""What the two sides of a GAN minimise, and how far a reconstruction is from its original.

A `GANLoss` is a pair of pure functions over raw scores, of which those of padding are left out before. Scores may be a
single number a row or a map of patches: every function here takes the mean over whatever it is given, so one patch
weighs like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cyclekit.core import processes
from cyclekit.core.batch import Batch
from cyclekit.core.context import set_within
from cyclekit.registry import register


class GANLoss(NamedTuple):
    """What a generator minimises, what a discriminator minimises, and what else the discriminator must obey."""

    generator: Callable[[Tensor], Tensor]
    """fake scores -> scalar"""
    discriminator: Callable[[Tensor, Tensor], Tensor]
    """real scores, fake scores -> scalar"""
    penalty: Callable[[nn.Module, Batch, Batch, Batch | None], Tensor] | None = None
    """discriminator, real, fake, condition -> scalar, added to the discriminator's loss; None for losses without one"""


@register("gan_loss", "lsgan")
def lsgan(*, r1: float = 0.0) -> GANLoss:
    """Least squares to 1 and 0 (Mao et al. 2017, LSGAN, eq. 9; CycleGAN section 4).

    The discriminator's loss carries the factor 0.5 of the published code, which slows it against the generator.

    Args:
        r1: weight of the zero-centred gradient penalty on real rows (`zero_centred_penalty`); 0 for none.

    Raises:
        ValueError: a negative weight.
    """
    return GANLoss(
        generator=lambda fake: _squared_distance(fake, 1.0),
        discriminator=lambda real, fake: 0.5 * (_squared_distance(real, 1.0) + _squared_distance(fake, 0.0)),
        penalty=_weighed_r1(r1),
    )


@register("gan_loss", "bce")
def bce(*, r1: float = 0.0) -> GANLoss:
    """Cross-entropy on raw scores, non-saturating (Goodfellow et al. 2014, section 3; pix2pix section 3.1).

    Args:
        r1: as for `lsgan`.

    Raises:
        ValueError: a negative weight.
    """
    return GANLoss(
        generator=lambda fake: _cross_entropy(fake, 1.0),
        discriminator=lambda real, fake: 0.5 * (_cross_entropy(real, 1.0) + _cross_entropy(fake, 0.0)),
        penalty=_weighed_r1(r1),
    )


@register("gan_loss", "hinge")
def hinge(*, r1: float = 0.0) -> GANLoss:
    """Margins of 1 around 0 (Lim and Ye 2017, Geometric GAN; Miyato et al. 2018, section 4).

    Args:
        r1: as for `lsgan`.

    Raises:
        ValueError: a negative weight.
    """
    return GANLoss(
        generator=lambda fake: -fake.mean(),
        discriminator=lambda real, fake: 0.5 * (F.relu(1 - real).mean() + F.relu(1 + fake).mean()),
        penalty=_weighed_r1(r1),
    )


@register("gan_loss", "wgan_gp")
def wgan_gp(*, penalty_weight: float = 10.0) -> GANLoss:
    """Wasserstein distance with a gradient penalty (Gulrajani et al. 2017, eq. 3 and algorithm 1).

    Args:
        penalty_weight: weight of (gradient norm - 1)^2; 10 in the paper.

    Raises:
        ValueError: a weight that is not positive, which would leave the critic unbounded.
    """
    if penalty_weight <= 0:
        raise ValueError(f"penalty_weight is {penalty_weight}; it must be positive, or the critic is unbounded")
    return GANLoss(
        generator=lambda fake: -fake.mean(),
        discriminator=lambda real, fake: fake.mean() - real.mean(),
        penalty=lambda *given: penalty_weight * gradient_penalty(*given),
    )


_TWICE = ContextVar("differentiated twice", default=False)


def differentiated_twice() -> bool:
    """Whether a network computes now for a gradient of a gradient: a kernel that has only one must not serve."""
    return _TWICE.get()


def gradient_penalty(discriminator: nn.Module, real: Batch, fake: Batch, condition: Batch | None = None) -> Tensor:
    """Mean over rows of (norm of the score's gradient - 1)^2, at random points between real and fake rows.

    Raises:
        ValueError: rows that cannot be mixed (token ids, or real and fake of different shapes).
    """
    if not real.data.is_floating_point() or real.data.shape != fake.data.shape:
        raise ValueError(
            "a gradient penalty needs real and fake rows of one continuous shape; "
            f"got {tuple(real.data.shape)} {real.data.dtype} and {tuple(fake.data.shape)} {fake.data.dtype}"
        )
    share = torch.rand([real.size] + [1] * (real.data.dim() - 1), device=real.data.device, dtype=real.data.dtype)
    between = share * real.data + (1 - share) * fake.data
    return (_gradients(discriminator, real._replace(data=between), condition).norm(dim=1) - 1).square().mean()


def zero_centred_penalty(discriminator: nn.Module, real: Batch, condition: Batch | None = None) -> Tensor:
    """Mean over real rows of the score's squared gradient norm: R1 (Mescheder et al. 2018, eq. 9, without the 1/2).

    It keeps a discriminator from growing ever steeper around the data. It costs about another step of the
    discriminator. Scores are means over patches, so that the gradient is small and the weight large: the 10 of
    StyleGAN2 is for one score a picture.

    Raises:
        ValueError: rows that have no gradient (token ids).
    """
    if not real.data.is_floating_point():
        raise ValueError(f"r1 needs rows of continuous values, got {real.data.dtype}")
    return _gradients(discriminator, real, condition).square().sum(1).mean()


def _gradients(discriminator: nn.Module, rows: Batch, condition: Batch | None) -> Tensor:
    """Of each row's score by its values, (B, all of them), to be differentiated again.

    The score of a row is the mean over its patches: what is bounded is what the loss averages.
    """
    at = rows.data.detach().requires_grad_()
    with set_within(_TWICE, True):
        answer = discriminator(rows._replace(data=at), condition)
        scores = answer.data.flatten(1).mean(1) if answer.mask is None else _row_means(answer.data, answer.mask)
    (gradient,) = torch.autograd.grad(scores.sum(), at, create_graph=True)
    return gradient.flatten(1)


def _weighed_r1(weight: float) -> Callable[[nn.Module, Batch, Batch, Batch | None], Tensor] | None:
    if weight < 0:
        raise ValueError(f"r1 is {weight}; it is a weight, 0 or more")
    if weight == 0:
        return None
    return lambda discriminator, real, fake, condition: weight * zero_centred_penalty(discriminator, real, condition)


@register("reconstruction", "l1")
def l1() -> Callable[[Batch, Batch], Tensor]:
    """Mean absolute difference over what is not padded (CycleGAN eq. 2; pix2pix eq. 3)."""

    def distance(output: Batch, target: Batch) -> Tensor:
        if not output.data.is_floating_point():
            raise ValueError("l1 compares continuous values, and these rows are ids; choose another reconstruction")
        real = target.real_only(target.data)
        mean = F.l1_loss(output.real_only(output.data), real)
        return mean if target.mask is None else processes.of_all(mean, real.numel())

    return distance


def _row_means(scores: Tensor, mask: Tensor) -> Tensor:
    """The mean of each row's real places: (B, T, ...) and (B, T) to (B,)."""
    of_places = scores.flatten(2).mean(2) if scores.dim() > 2 else scores
    return torch.where(mask, of_places, 0.0).sum(1) / mask.sum(1)


def _squared_distance(scores: Tensor, target: float) -> Tensor:
    return (scores - target).square().mean()


def _cross_entropy(scores: Tensor, target: float) -> Tensor:
    return F.binary_cross_entropy_with_logits(scores, torch.full_like(scores, target))
