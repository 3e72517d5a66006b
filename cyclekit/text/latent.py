"""A discriminator of what the encoder reads: two languages' sentences shall be read as if they were of one.

Lample et al. 2018, "Unsupervised Machine Translation Using Monolingual Corpora Only", section 2.3: a decoder that has
learned to write French from what was read of French writes it from what was read of English, if nobody can tell the two
readings apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cyclekit.core import processes
from cyclekit.core.batch import Batch, Pair
from cyclekit.core.cyclegan import CycleGAN
from cyclekit.core.losses import GANLoss
from cyclekit.core.parts import Bootstrap, Loss, Networks, Noise, Outputs, Preservation, Side
from cyclekit.core.terms import WeightedTerm
from cyclekit.registry import register

SMOOTHED = 0.1
"""How far from certain the discriminator shall be (Lample et al. 2018, section 4.3)."""


@runtime_checkable
class ShowsReading(Protocol):
    """A generator that shows what its encoder makes of a source."""

    read_width: int
    """Numbers of a state."""

    def read(self, source: Batch) -> Tensor:
        """The encoder's states (B, T, read_width)."""
        ...


@register("objective", "latent_cyclegan")
class LatentCycleGAN(CycleGAN):
    """CycleGAN with one more player, which tells from an encoder's states which domain was read.

    loss = CycleGAN's + latent * how surely each state is told to be of its own domain

    The discriminators of sentences stay what they are; the new one learns at the generators' rate.
    """

    dials = (*CycleGAN.dials, "latent")  # type: ignore[assignment]  # one name longer

    def __init__(
        self,
        gan_loss: GANLoss,
        reconstruction: Callable[[Batch, Batch], Tensor],
        generators: Pair[Any],
        noise: Noise | None = None,
        bootstrap: Bootstrap | None = None,
        preserved: Preservation | None = None,
        terms: Sequence[WeightedTerm] = (),
        *,
        latent: float = 1.0,
        latent_hidden: int = 256,
        adversarial: float = 0.0,
        cycle: float = 1.0,
        identity: float = 1.0,
        preservation: float = 0.0,
        cycle_gradient: float = 0.0,
        cross_domain_negatives: float = 0.0,
        adversarial_target: float | None = None,
        bootstrapped: float = 0.0,
        teacher_forcing: bool = True,
        replay: int = 50,
        shared_forward: bool = True,
        seed: int = 0,
    ) -> None:
        """Choose the weights; all but two options are those of `cyclegan`.

        Args:
            latent: weight of being told apart by the encoder's states; 1 as published.
            latent_hidden: width of the discriminator's two hidden layers (published: three of 1,024).

        Raises:
            ValueError: a negative weight, no width, or a generator that does not show what it reads.
        """
        super().__init__(
            gan_loss, reconstruction, noise, bootstrap, preserved, terms, adversarial=adversarial, cycle=cycle,
            identity=identity, preservation=preservation, cycle_gradient=cycle_gradient,
            cross_domain_negatives=cross_domain_negatives, adversarial_target=adversarial_target,
            bootstrapped=bootstrapped, teacher_forcing=teacher_forcing, replay=replay, shared_forward=shared_forward,
            seed=seed,
        )  # fmt: skip
        if latent < 0 or latent_hidden < 1:
            raise ValueError(f"latent is {latent}, latent_hidden {latent_hidden}: 0 or more, and at least 1")
        reader = generators.b
        if not isinstance(reader, ShowsReading):
            raise ValueError("needs a generator that shows what its encoder reads; set generator=transformer")
        width = reader.read_width
        self.latent = latent
        self.discriminator = nn.Sequential(
            nn.Linear(width, latent_hidden), nn.LeakyReLU(0.2),
            nn.Linear(latent_hidden, latent_hidden), nn.LeakyReLU(0.2),
            nn.Linear(latent_hidden, 1),
        )  # fmt: skip
        self.sides: Mapping[str, Side] = {"latent": Side(self.discriminator, self.latent_loss)}

    def generator_loss(self, networks: Networks, outputs: Outputs) -> Loss | None:
        """CycleGAN's, and have each domain's sentences read as the other's would be."""
        loss = super().generator_loss(networks, outputs)
        if loss is None or not self.latent:
            return loss
        fooled = self._told(networks, outputs, Pair(1.0, 0.0))
        return Loss(loss.total + self.latent * fooled, {**loss.terms, "latent": fooled})

    def latent_loss(self, networks: Networks, outputs: Outputs) -> Loss | None:
        """Tell states of domain a (0) from those of b (1)."""
        if not self.latent:
            return None
        told = self._told(networks, outputs, Pair(SMOOTHED, 1 - SMOOTHED), learning=False)
        return Loss(told, {"latent discriminator": told})

    def _told(self, networks: Networks, outputs: Outputs, targets: Pair[float], *, learning: bool = True) -> Tensor:
        """Cross-entropy of its scores of what both domains' real rows are read as, with these targets."""
        losses = []
        for real, reader, target in zip(outputs.real, networks.generators.swapped, targets):
            with torch.set_grad_enabled(learning and torch.is_grad_enabled()):
                read = reader.read(real)
            scores = real.real(self.discriminator(read)).float()
            mean = F.binary_cross_entropy_with_logits(scores, torch.full_like(scores, target))
            losses.append(processes.of_all(mean, scores.numel()))
        return sum(losses[1:], losses[0]) / 2
