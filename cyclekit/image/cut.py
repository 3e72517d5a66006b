"""Contrastive unpaired translation (CUT, Park et al. 2020): one direction, and no way back.

In place of a cycle, a patch of the translation must be told to belong to the source's patch at the same place, among
others of the same picture, by what the generator's own encoder sees of both (PatchNCE, section 3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cyclekit.core.adversarial import Negative, adversarial_loss, discriminator_loss
from cyclekit.core.batch import Batch, Pair
from cyclekit.core.capabilities import sides_taken
from cyclekit.core.losses import GANLoss
from cyclekit.core.parts import Featured, Loss, Networks, Outputs, Side
from cyclekit.core.replay import ReplayBuffer
from cyclekit.core.terms import WeightedTerm, with_terms
from cyclekit.image.codec import ImageCodec
from cyclekit.registry import register


@register("objective", "cut")
class CUT:
    """One generator, a to b, that fools its discriminators and keeps every patch recognisable.

    loss = adversarial * GAN(fake) + nce * PatchNCE(a, fake b) + nce_identity * PatchNCE(b, G(b))      (eq. 5)

    The generator must show what its encoder's layers answer (`Featured`); the heads that compare them learn with it.
    """

    discriminators_first = True
    makes = ("b",)
    conditional = False
    dials = ("adversarial", "nce", "nce_identity")
    replay_buffers: tuple[ReplayBuffer, ...] = ()
    """None: all that a step draws, it draws on the device, so that a graph may replay it."""

    def __init__(
        self,
        gan_loss: GANLoss,
        generators: Pair[nn.Module | None],
        codecs: Pair[ImageCodec],
        terms: Sequence[WeightedTerm] = (),
        *,
        adversarial: float = 1.0,
        nce: float = 0.5,
        nce_identity: float = 0.5,
        layers: list[int] = [0, 4, 8, 12, 16],  # noqa: B006  (an option's default, read by name and never changed)
        patches: int = 256,
        temperature: float = 0.07,
        width: int = 256,
        flip: bool = False,
    ) -> None:
        """Choose the weights; the defaults are CUT's published ones, FastCUT is nce 10, nce_identity 0 and flip.

        Args:
            nce, nce_identity: the published code takes the mean of both terms, each of weight 1: 0.5 here.
            layers: of the generator's encoder, see its `features`.
            patches: places compared in each layer of a picture.
            temperature: what similarities are divided by (section 3.2).
            width: of the two-layer heads.
            flip: translate mirrored pictures half of the time, and compare with what is not mirrored (FastCUT).

        Raises:
            ValueError: a weight below 0, adversarial 0, or a generator without `features` or without these layers.
        """
        if min(adversarial, nce, nce_identity) < 0 or not adversarial:
            raise ValueError(
                f"adversarial is {adversarial}, nce {nce}, nce_identity {nce_identity}: weights are 0 or more"
            )
        if patches < 2 or temperature <= 0 or width < 1:
            raise ValueError(f"patches is {patches}, temperature {temperature}, width {width}: at least 2, above 0, 1")
        generator: Any = generators.b
        if not isinstance(generator, Featured):
            raise ValueError("needs a generator that shows what its layers answer; set generator=resnet or unshuffle")
        self.gan_loss, self.terms = gan_loss, terms
        self.adversarial, self.nce, self.nce_identity = adversarial, nce, nce_identity
        self.layers: tuple[int, ...] = tuple(layers)
        self.patches, self.temperature, self.flip = patches, temperature, flip
        self.flipped: Tensor | None = None
        """Whether the last `outputs` were made of mirrored pictures: () bool, on the device; None: they never are."""
        heads = nn.ModuleList(_head(channels, width) for channels in _widths(generator, codecs, self.layers))
        self.sides: Mapping[str, Side] = {"heads": Side(heads)}

    def outputs(self, generators: Pair[nn.Module], real: Pair[Batch]) -> Outputs:
        """Translate a to b; and b to itself where that is weighed."""
        self.flipped = torch.rand((), device=real.a.data.device) < 0.5 if self.flip else None
        shown = real.map(self._mirrored)
        fake = generators.b(shown.a)
        same = generators.b(shown.b) if self.nce_identity else None
        return Outputs(real, Pair(None, fake), Pair(None, None), Pair(None, same))

    def generator_loss(self, networks: Networks, outputs: Outputs) -> Loss | None:
        """Fool the discriminators; every patch of what was made belongs to its own place of the source."""
        fake, same = outputs.fake.b, outputs.identity.b
        assert fake is not None, "CUT always makes b"
        terms = {"adversarial.b": adversarial_loss(self.gan_loss, networks.discriminators.b, fake)}
        total = self.adversarial * terms["adversarial.b"]
        for name, weight, source, made in (
            ("nce.b", self.nce, outputs.real.a, fake),
            ("nce_identity.b", self.nce_identity, outputs.real.b, same),
        ):
            if weight and made is not None:
                terms[name] = self._contrast(networks.generators.b, source, made)
                total = total + weight * terms[name]
        return with_terms(Loss(total, terms), self.terms, outputs)

    def discriminator_loss(self, networks: Networks, outputs: Outputs) -> Loss | None:
        """Tell real rows of b from this step's fakes (no replay, as published)."""
        assert outputs.fake.b is not None, "CUT always makes b"
        negatives = [Negative(outputs.fake.b.detach())]
        loss = discriminator_loss(self.gan_loss, networks.discriminators.b, outputs.real.b, negatives)
        return Loss(loss, {"discriminator.b": loss})

    def state_dict(self) -> dict[str, Tensor]:
        """Nothing to keep: the heads are a side of their own."""
        return {}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Nothing to restore."""

    def _mirrored(self, batch: Batch) -> Batch:
        """Pictures mirrored where this step mirrors them, which the host need not know."""
        if self.flipped is None:
            return batch
        return batch._replace(data=torch.where(self.flipped, batch.data.flip(-1), batch.data))

    def _contrast(self, generator: Featured, source: Batch, made: Batch) -> Tensor:
        """PatchNCE of pictures (B, C, H, W) and what was made of them: the mean over all layers."""
        of_source = generator.features(source, self.layers)
        of_made = generator.features(self._mirrored(made), self.layers)
        losses = []
        for head, keys, queries in zip(self.sides["heads"].networks.children(), of_source, of_made):
            places = torch.randperm(keys.shape[2] * keys.shape[3], device=keys.device)[: self.patches]
            key, query = (head(one.flatten(2)[..., places].transpose(1, 2)) for one in (keys, queries))
            losses.append(patch_nce(query, key.detach(), self.temperature))
        return torch.stack(losses).mean()


def patch_nce(queries: Tensor, keys: Tensor, temperature: float) -> Tensor:
    """How badly each query is told to belong to the key at its own place, among the keys of its picture.

    Args:
        queries, keys: (B, P, E), P places of each picture.
    """
    queries, keys = (F.normalize(one.float(), dim=-1) for one in (queries, keys))
    similar = torch.bmm(queries, keys.transpose(1, 2)) / temperature
    own = torch.arange(similar.shape[1], device=similar.device).expand(similar.shape[0], -1)
    return F.cross_entropy(similar.flatten(0, 1), own.flatten())


def _head(channels: int, width: int) -> nn.Sequential:
    """Two layers, drawn as the published code draws them: N(0, 0.02), biases 0."""
    first, second = nn.Linear(channels, width), nn.Linear(width, width)
    for layer in (first, second):
        nn.init.normal_(layer.weight, 0.0, 0.02)
        nn.init.zeros_(layer.bias)
    return nn.Sequential(first, nn.ReLU(), second)


@torch.no_grad()
def _widths(generator: Any, codecs: Pair[ImageCodec], layers: Sequence[int]) -> list[int]:
    """Channels of some of a generator's layers, by asking it; nothing is drawn and no statistics move."""
    training = generator.training
    generator.eval()
    side = max(sides_taken(generator).smallest, 16)
    try:
        return [
            one.shape[1] for one in generator.features(Batch(torch.zeros(1, codecs.a.channels, side, side)), layers)
        ]
    finally:
        generator.train(training)
