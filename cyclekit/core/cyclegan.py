"""CycleGAN (Zhu et al. 2017), for anything a Batch can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor, nn

from cyclekit.core.batch import Batch, Pair
from cyclekit.core.judging import apart, fooling, telling_apart
from cyclekit.core.losses import GANLoss
from cyclekit.core.parts import Loss, Networks, Outputs
from cyclekit.core.replay import ReplayBuffer
from cyclekit.registry import register

Reconstruction = Callable[[Batch, Batch], Tensor]


@register("objective", "cyclegan")
class CycleGAN:
    """Two generators that must fool two panels of discriminators and undo each other.

    loss = adversarial * GAN(fake) + cycle * |reconstructed - real| + identity * |same - real|      (eq. 3, section 5.2)

    A weight of 0 is not computed.
    """

    discriminators_first = False
    makes = ("a", "b")
    conditional = False

    def __init__(
        self,
        gan_loss: GANLoss,
        reconstruction: Reconstruction,
        *,
        adversarial: float = 1.0,
        cycle: float = 10.0,
        identity: float = 5.0,
        replay: int = 50,
        shared_forward: bool = True,
        seed: int = 0,
    ) -> None:
        """Choose the weights.

        Args:
            cycle: 10 as published (section 7.1).
            identity: absolute. The published 0.5 is relative to the cycle's 10 (section 5.2), so 5 here.
            replay: past fakes kept for each domain; 50 as published (section 4).
            shared_forward: whether a generator's translation and identity, and a judge's real and fake rows, are
                computed in one stacked call: the arithmetic of the published code's two calls, rounded differently.
            seed: of the replay buffers' random numbers.

        Raises:
            ValueError: a negative weight, or all weights zero.
        """
        weights = {"adversarial": adversarial, "cycle": cycle, "identity": identity}
        for name, weight in weights.items():
            if weight < 0:
                raise ValueError(f"{name} is {weight}; a weight is 0 (off) or positive")
        if not any(weights.values()):
            raise ValueError("adversarial, cycle and identity are all 0: nothing to learn from")
        self.gan_loss, self.reconstruction = gan_loss, reconstruction
        self.adversarial, self.cycle, self.identity = adversarial, cycle, identity
        self.shared_forward = shared_forward
        self.buffers = Pair(ReplayBuffer(replay, seed), ReplayBuffer(replay, seed + 1))

    def outputs(self, generators: Pair[nn.Module], real: Pair[Batch]) -> Outputs:
        """Translate both ways, there and back; a generator's translation and identity may share a forward."""
        fake_b, same_b = self._translated(generators.b, real.a, real.b)
        back_a = generators.a(fake_b) if self.cycle else None
        fake_a, same_a = self._translated(generators.a, real.b, real.a)
        back_b = generators.b(fake_a) if self.cycle else None
        if self.identity and not self.shared_forward:
            # Last, as in the published code: the order in which gradients add up is part of its rounding.
            same_b, same_a = generators.b(real.b), generators.a(real.a)
        return Outputs(real, Pair(fake_a, fake_b), Pair(back_a, back_b), Pair(same_a, same_b))

    def _translated(self, generator: nn.Module, source: Batch, own: Batch) -> tuple[Batch, Batch | None]:
        """The translation, and the identity where it shares the forward."""
        if self.identity and self.shared_forward:
            return apart(generator, source, own)
        return generator(source), None

    def generator_loss(self, networks: Networks, outputs: Outputs) -> Loss:
        """Fool the panels, return to where you came from, leave alone what is already there."""
        terms: dict[str, Tensor] = {}
        for domain in Pair._fields:
            real, fake, back, same = (getattr(pair, domain) for pair in outputs)
            if self.adversarial:
                panel = getattr(networks.discriminators, domain)
                terms[f"adversarial.{domain}"] = fooling(self.gan_loss, panel, fake)
            if back is not None:
                terms[f"cycle.{domain}"] = self.reconstruction(back, real)
            if same is not None:
                terms[f"identity.{domain}"] = self.reconstruction(same, real)
        return Loss(sum(self._weight(name) * term for name, term in terms.items()), terms)  # type: ignore[arg-type]

    def discriminator_loss(self, networks: Networks, outputs: Outputs) -> Loss | None:
        """Tell real rows from fakes of now and of the past."""
        if not self.adversarial:
            return None
        terms = {}
        for domain in Pair._fields:
            real, fake = getattr(outputs.real, domain), getattr(outputs.fake, domain)
            past = getattr(self.buffers, domain)(fake.detach())
            panel = getattr(networks.discriminators, domain)
            terms[f"discriminator.{domain}"] = telling_apart(
                self.gan_loss, panel, real, past, shared_forward=self.shared_forward
            )
        return Loss(sum(terms.values()), terms)  # type: ignore[arg-type]

    def _weight(self, term: str) -> float:
        return getattr(self, term.split(".")[0])

    def state_dict(self) -> dict[str, Tensor]:
        """The replay buffers."""
        return {
            f"{domain}.{key}": value
            for domain in Pair._fields
            for key, value in getattr(self.buffers, domain).state_dict().items()
        }

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Restore the replay buffers."""
        for domain in Pair._fields:
            own = {key[2:]: value for key, value in state.items() if key.startswith(f"{domain}.")}
            getattr(self.buffers, domain).load_state_dict(own)
