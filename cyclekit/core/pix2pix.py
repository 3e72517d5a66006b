"""pix2pix (Isola et al. 2017), for aligned pairs of anything a Batch can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from cyclekit.core.adversarial import Negative, adversarial_loss, discriminator_loss
from cyclekit.core.batch import Batch, Pair
from cyclekit.core.cyclegan import Reconstruction
from cyclekit.core.losses import GANLoss
from cyclekit.core.parts import Loss, Networks, Outputs
from cyclekit.core.terms import WeightedTerm, with_terms
from cyclekit.registry import register


@register("objective", "pix2pix")
class Pix2Pix:
    """One generator, a to b; its discriminators see the input beside the output.

    loss = adversarial * GAN(fake | input) + l1 * |fake - real|      (eq. 4)

    As much L1 as possible, and a learned loss for what L1 blurs. A weight of 0 is not computed.
    """

    discriminators_first = True
    makes = ("b",)
    conditional = True
    dials = ("adversarial", "l1")
    replay_buffers = ()

    def __init__(
        self,
        gan_loss: GANLoss,
        reconstruction: Reconstruction,
        terms: Sequence[WeightedTerm] = (),
        *,
        adversarial: float = 1.0,
        l1: float = 100.0,
    ) -> None:
        """Choose the weights.

        Args:
            l1: weight of the reconstruction; 100 as published (section 3.3).

        Raises:
            ValueError: a negative weight, or both zero.
        """
        if adversarial < 0 or l1 < 0 or not (adversarial or l1):
            raise ValueError(
                f"adversarial is {adversarial} and l1 is {l1}; weights are 0 (off) or positive, not both 0"
            )
        self.gan_loss, self.reconstruction = gan_loss, reconstruction
        self.adversarial, self.l1, self.terms = adversarial, l1, terms

    def outputs(self, generators: Pair[nn.Module], real: Pair[Batch]) -> Outputs:
        """Translate a to b."""
        nothing: Pair[Batch | None] = Pair(None, None)
        return Outputs(real, fake=Pair(None, generators.b(real.a)), reconstructed=nothing, identity=nothing)

    def generator_loss(self, networks: Networks, outputs: Outputs) -> Loss | None:
        """Fool the discriminators, and stay near the true answer."""
        fake, real = _made(outputs), outputs.real
        terms: dict[str, Tensor] = {}
        total: Tensor | float = 0.0
        if self.adversarial:
            terms["adversarial.b"] = adversarial_loss(self.gan_loss, networks.discriminators.b, fake, condition=real.a)
            total = total + self.adversarial * terms["adversarial.b"]
        if self.l1:
            terms["l1.b"] = self.reconstruction(fake, real.b)
            total = total + self.l1 * terms["l1.b"]
        return with_terms(Loss(total, terms), self.terms, outputs)  # type: ignore[arg-type]

    def discriminator_loss(self, networks: Networks, outputs: Outputs) -> Loss | None:
        """Tell (input, real) from (input, fake)."""
        if not self.adversarial:
            return None
        fake, real = _made(outputs).detach(), outputs.real
        loss = discriminator_loss(self.gan_loss, networks.discriminators.b, real.b, [Negative(fake)], condition=real.a)
        return Loss(loss, {"discriminator.b": loss})

    def state_dict(self) -> dict[str, Tensor]:
        """Nothing to keep: pix2pix has no replay buffer (published pool size 0)."""
        return {}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Nothing to restore."""


def _made(outputs: Outputs) -> Batch:
    assert outputs.fake.b is not None, "pix2pix always makes b"
    return outputs.fake.b
