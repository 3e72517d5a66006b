"""One training step as the published code computes it (junyanz/pytorch-CycleGAN-and-pix2pix), written plainly.

Every forward is its own, nothing is fused or stacked, weight gradients of the discriminators are switched off by hand.
`train_step.py` measures cyclekit's step against it, and `tests/training/test_golden.py` compares what is learned.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cyclekit.core.batch import Batch, Pair
from cyclekit.core.parts import Networks

Criterion = Callable[[Batch, bool], Tensor]
"""scores, whether they shall be real -> scalar"""


def adam(networks: list[nn.Module]) -> torch.optim.Adam:
    """The published optimizer: rate 0.0002, momentum 0.5."""
    return torch.optim.Adam([p for network in networks for p in network.parameters()], 2e-4, (0.5, 0.999))


def least_squares(scores: Batch, real: bool) -> Tensor:
    """Mean squared distance to 1 or 0, `gan_mode: lsgan`."""
    return F.mse_loss(scores.data, torch.full_like(scores.data, float(real)))


def cross_entropy(scores: Batch, real: bool) -> Tensor:
    """Cross-entropy on raw scores, `gan_mode: vanilla`."""
    return F.binary_cross_entropy_with_logits(scores.data, torch.full_like(scores.data, float(real)))


class PublishedCycleGAN:
    """`CycleGANModel.optimize_parameters`, under the names of cyclekit: `discriminator_b` is the published D_A."""

    def __init__(
        self, networks: Networks, criterion: Criterion = least_squares, cycle: float = 10.0, identity: float = 5.0
    ) -> None:
        self.to_b, self.to_a = networks.generators.b, networks.generators.a
        self.discriminator_b, self.discriminator_a = networks.discriminators.b[0], networks.discriminators.a[0]
        self.criterion, self.weights = criterion, {"adversarial": 1.0, "cycle": cycle, "identity": identity}
        self.generator_adam = adam([self.to_b, self.to_a])
        self.discriminator_adam = adam([self.discriminator_b, self.discriminator_a])

    def __call__(self, real: Pair[Batch]) -> dict[str, Tensor]:
        """Forward, generators, discriminators. Returns the raw terms by cyclekit's names."""
        fake_b = self.to_b(real.a)
        back_a = self.to_a(fake_b)
        fake_a = self.to_a(real.b)
        back_b = self.to_b(fake_a)
        requires_grad([self.discriminator_b, self.discriminator_a], False)
        self.generator_adam.zero_grad()
        terms = {}
        if self.weights["identity"]:
            terms["identity.b"] = l1(self.to_b(real.b), real.b)
            terms["identity.a"] = l1(self.to_a(real.a), real.a)
        terms["adversarial.b"] = self.criterion(self.discriminator_b(fake_b), True)
        terms["adversarial.a"] = self.criterion(self.discriminator_a(fake_a), True)
        terms["cycle.a"], terms["cycle.b"] = l1(back_a, real.a), l1(back_b, real.b)
        sum(self.weights[name.split(".")[0]] * term for name, term in terms.items()).backward()
        self.generator_adam.step()
        requires_grad([self.discriminator_b, self.discriminator_a], True)
        self.discriminator_adam.zero_grad()
        terms["discriminator.b"] = self.judged(self.discriminator_b, real.b, fake_b)
        terms["discriminator.a"] = self.judged(self.discriminator_a, real.a, fake_a)
        self.discriminator_adam.step()
        return {name: term.detach() for name, term in terms.items()}

    def judged(self, discriminator: nn.Module, real: Batch, fake: Batch) -> Tensor:
        """One discriminator's own backward. The pool gives back what it is given until it holds 50 pictures."""
        loss = 0.5 * (self.criterion(discriminator(real), True) + self.criterion(discriminator(fake.detach()), False))
        loss.backward()
        return loss


class PublishedPix2Pix:
    """`Pix2PixModel.optimize_parameters`: the discriminator first, then the generator."""

    def __init__(self, networks: Networks, criterion: Criterion = cross_entropy) -> None:
        self.to_b, self.discriminator = networks.generators.b, networks.discriminators.b[0]
        self.criterion = criterion
        self.generator_adam, self.discriminator_adam = adam([self.to_b]), adam([self.discriminator])

    def __call__(self, real: Pair[Batch]) -> dict[str, Tensor]:
        """Forward, discriminator, generator. Returns the raw terms by cyclekit's names."""
        fake = self.to_b(real.a)
        self.discriminator_adam.zero_grad()
        of_fake = self.criterion(self.discriminator(fake.detach(), real.a), False)
        judged = 0.5 * (of_fake + self.criterion(self.discriminator(real.b, real.a), True))
        judged.backward()
        self.discriminator_adam.step()
        requires_grad([self.discriminator], False)
        self.generator_adam.zero_grad()
        terms = {"adversarial.b": self.criterion(self.discriminator(fake, real.a), True), "l1.b": l1(fake, real.b)}
        (terms["adversarial.b"] + 100 * terms["l1.b"]).backward()
        self.generator_adam.step()
        requires_grad([self.discriminator], True)
        return {name: term.detach() for name, term in (terms | {"discriminator.b": judged}).items()}


def l1(output: Batch, target: Batch) -> Tensor:
    """Mean absolute difference."""
    return F.l1_loss(output.data, target.data)


def requires_grad(networks: list[nn.Module], wanted: bool) -> None:
    """Switch weight gradients on or off."""
    for network in networks:
        network.requires_grad_(wanted)
