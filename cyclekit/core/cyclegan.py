"""CycleGAN (Zhu et al. 2017), for anything a Batch can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from cyclekit.core.adversarial import Negative, adversarial_loss, apart, discriminator_loss
from cyclekit.core.batch import Batch, Pair, scaled_gradient
from cyclekit.core.controller import WeightController
from cyclekit.core.losses import GANLoss
from cyclekit.core.parts import Bootstrap, Loss, Networks, Noise, Outputs, Preservation
from cyclekit.core.replay import ReplayBuffer
from cyclekit.core.terms import WeightedTerm, with_terms
from cyclekit.registry import register

Reconstruction = Callable[[Batch, Batch], Tensor]


@register("objective", "cyclegan")
class CycleGAN:
    """Two generators that must fool the discriminators of both domains and undo each other.

    loss = adversarial * GAN(fake) + cycle * |reconstructed - real| + identity * |same - real|      (eq. 3, section 5.2)

    and, where a modality knows what a translation should keep, + preservation * what it lost. A weight of 0 is not
    computed. With noise, identity is denoising autoencoding; with a cycle that passes no gradient
    through the fake, the cycle is back-translation.
    """

    discriminators_first = False
    makes = ("a", "b")
    conditional = False
    dials = (
        "adversarial", "cycle", "identity", "preservation", "cross_domain_negatives", "cycle_gradient", "bootstrapped",
    )  # fmt: skip

    def __init__(
        self,
        gan_loss: GANLoss,
        reconstruction: Reconstruction,
        noise: Noise | None = None,
        bootstrap: Bootstrap | None = None,
        preserved: Preservation | None = None,
        terms: Sequence[WeightedTerm] = (),
        *,
        adversarial: float = 1.0,
        cycle: float = 10.0,
        identity: float = 5.0,
        preservation: float = 0.0,
        cycle_gradient: float = 1.0,
        cross_domain_negatives: float = 0.0,
        adversarial_target: float | None = None,
        bootstrapped: float = 0.0,
        teacher_forcing: bool = False,
        replay: int = 50,
        shared_forward: bool = True,
        seed: int = 0,
    ) -> None:
        """Choose the weights.

        Args:
            noise: spoils what identity must restore; None for identity as published.
            bootstrap: makes the fakes of a stage that is bootstrapped.
            preserved: tells how much a translation lost of what it should keep.
            terms: further ones of the generators' loss.
            cycle: 10 as published (section 7.1).
            identity: absolute. The published 0.5 is relative to the cycle's 10 (section 5.2), so 5 here.
            preservation: weight of what a translation loses; 0 as published.
            cycle_gradient: share of the cycle's gradient that passes through the fake into its generator: 1 CycleGAN,
                0 back-translation (Sennrich et al. 2016).
            cross_domain_negatives: weight of the other domain's real rows as negatives, beside a fake's 1: a
                discriminator that knows them cannot be satisfied by copies (the conditional critic of Dai et al. 2019,
                3.3).
            adversarial_target: the adversarial term to aim at: the weight rises while the term is above it and falls
                while it is below, see `WeightController`; None holds the weight.
            bootstrapped: 1 to take the fakes from `bootstrap`, 0 from the generators.
            teacher_forcing: whether a reconstruction is shown the original's tokens before each one it gives.
            replay: past fakes kept for each domain; 50 as published (section 4).
            shared_forward: whether a generator's translation and identity, and a discriminator's real and fake rows,
                are computed in one stacked call: the arithmetic of the published code's two calls, rounded differently.
            seed: of the replay buffers' random numbers.

        Raises:
            ValueError: a negative weight, all weights zero, or a weight of preservation with nothing to tell it by.
        """
        weights = {"adversarial": adversarial, "cycle": cycle, "identity": identity}
        others = {"preservation": preservation, "cross_domain_negatives": cross_domain_negatives}
        for name, weight in {**weights, **others}.items():
            if weight < 0:
                raise ValueError(f"{name} is {weight}; a weight is 0 (off) or positive")
        if not any(weights.values()):
            raise ValueError("adversarial, cycle and identity are all 0: nothing to learn from")
        if preservation and preserved is None:
            raise ValueError(f"preservation is {preservation}, and the recipe names no preservation to weigh")
        if not 0 <= cycle_gradient <= 1:
            raise ValueError(f"cycle_gradient is {cycle_gradient}; it is a share, from 0 to 1")
        self.gan_loss, self.reconstruction, self.noise, self.bootstrap = gan_loss, reconstruction, noise, bootstrap
        self.preserved, self.terms = preserved, terms
        self.adversarial, self.cycle, self.identity, self.preservation = adversarial, cycle, identity, preservation
        self.cycle_gradient, self.cross_domain_negatives = cycle_gradient, cross_domain_negatives
        self.bootstrapped, self.teacher_forcing, self.shared_forward = bootstrapped, teacher_forcing, shared_forward
        self.controller = None if adversarial_target is None else WeightController(adversarial_target)
        self.buffers = Pair(ReplayBuffer(replay, seed), ReplayBuffer(replay, seed + 1))
        self.replay_buffers = tuple(self.buffers)

    def outputs(self, generators: Pair[nn.Module], real: Pair[Batch]) -> Outputs:
        """Translate both ways, there and back; a generator's translation and identity may share a forward."""
        fake_b, same_b = self._translated(generators.b, real.a, real.b, "b")
        back_a = self._back(generators.a, fake_b, real.a)
        fake_a, same_a = self._translated(generators.a, real.b, real.a, "a")
        back_b = self._back(generators.b, fake_a, real.b)
        if self.identity and same_b is None:
            # Last, as in the published code: the order in which gradients add up is part of its rounding.
            same_b, same_a = self._same(generators.b, real.b, "b"), self._same(generators.a, real.a, "a")
        return Outputs(real, Pair(fake_a, fake_b), Pair(back_a, back_b), Pair(same_a, same_b))

    @property
    def _stacks(self) -> bool:
        """Whether identity is the translation's forward with other rows."""
        return self.shared_forward and self.noise is None and not self.teacher_forcing

    def _translated(
        self, generator: nn.Module, source: Batch, own: Batch, domain: str
    ) -> tuple[Batch | None, Batch | None]:
        """The translation, and the identity where it shares the forward."""
        if not (self.adversarial or self.cycle or self.preservation):
            return None, None
        if self.identity and self._stacks and not self.bootstrapped:
            fake, same = apart(generator, source, own)
            return fake, same
        # Back-translation alone needs no graph through the fake, and a sentence is drawn far faster without one.
        learns = bool(self.adversarial or self.preservation or self.cycle_gradient)
        with torch.set_grad_enabled(torch.is_grad_enabled() and learns):
            if self.bootstrapped:
                if self.bootstrap is None:
                    raise ValueError("bootstrapped is on, and the recipe names no bootstrap")
                return self.bootstrap(source, "b" if domain == "a" else "a", generator), None
            return generator(source), None

    def _back(self, generator: nn.Module, fake: Batch | None, original: Batch) -> Batch | None:
        if not self.cycle or fake is None:
            return None
        return generator(scaled_gradient(fake, self.cycle_gradient), original if self.teacher_forcing else None)

    def _same(self, generator: nn.Module, real: Batch, domain: str) -> Batch:
        spoiled = real if self.noise is None else self.noise(real, domain)
        return generator(spoiled, real if self.teacher_forcing else None)

    def generator_loss(self, networks: Networks, outputs: Outputs) -> Loss | None:
        """Fool the discriminators, return to where you came from, leave alone what is already there."""
        terms: dict[str, Tensor] = {}
        for domain in Pair._fields:
            real, fake, back, same = (getattr(pair, domain) for pair in outputs)
            if self.adversarial:
                discriminators = getattr(networks.discriminators, domain)
                terms[f"adversarial.{domain}"] = adversarial_loss(self.gan_loss, discriminators, fake)
            if self.preservation and fake is not None:
                if self.preserved is None:  # a stage may turn the dial where the recipe has nothing to weigh
                    raise ValueError("preservation is on, and the recipe names no preservation")
                source = "b" if domain == "a" else "a"
                terms[f"preservation.{domain}"] = self.preserved(getattr(outputs.real, source), source, fake)
            if back is not None:
                terms[f"cycle.{domain}"] = self.reconstruction(back, real)
            if same is not None:
                terms[f"identity.{domain}"] = self.reconstruction(same, real)
        if not terms:
            return None
        total: Tensor = sum(self._weight(name) * term for name, term in terms.items())  # type: ignore[assignment]
        if self.controller is not None and self.adversarial:
            terms["adversarial weight"] = self.adversarial * self.controller.factor
            self.controller.update((terms["adversarial.a"] + terms["adversarial.b"]) / 2)
        return with_terms(Loss(total, terms), self.terms, outputs)

    def discriminator_loss(self, networks: Networks, outputs: Outputs) -> Loss | None:
        """Tell real rows from fakes of now and of the past, and from the other domain's real rows."""
        if not self.adversarial and not self.cross_domain_negatives:
            return None
        terms = {}
        for domain in Pair._fields:
            real, other = getattr(outputs.real, domain), getattr(outputs.real.swapped, domain)
            fake, buffer = getattr(outputs.fake, domain), getattr(self.buffers, domain)
            negatives = [] if fake is None else [Negative(buffer(fake.detach()))]
            if self.cross_domain_negatives:
                negatives.append(Negative(other, self.cross_domain_negatives))
            discriminators = getattr(networks.discriminators, domain)
            terms[f"discriminator.{domain}"] = discriminator_loss(
                self.gan_loss, discriminators, real, negatives, shared_forward=self.shared_forward
            )
        return Loss(sum(terms.values()), terms)  # type: ignore[arg-type]

    def _weight(self, term: str) -> float | Tensor:
        kind = term.split(".")[0]
        if kind == "adversarial" and self.controller is not None:
            return self.adversarial * self.controller.factor
        return getattr(self, kind)

    def state_dict(self) -> dict[str, Tensor]:
        """The replay buffers, and the controller's factor: as they are now, whatever follows."""
        state = {
            f"{domain}.{key}": value
            for domain in Pair._fields
            for key, value in getattr(self.buffers, domain).state_dict().items()
        }
        return state if self.controller is None else {**state, "controller.factor": self.controller.factor.clone()}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Restore the replay buffers and the controller."""
        for domain in Pair._fields:
            own = {key[2:]: value for key, value in state.items() if key.startswith(f"{domain}.")}
            getattr(self.buffers, domain).load_state_dict(own)
        if self.controller is not None:
            self.controller.factor = state["controller.factor"].clone()  # which is changed in place
