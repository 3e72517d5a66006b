"""What is wrong with a run's pictures, seen early: a check answers None, or one line with evidence and a remedy.

All of them compare a dozen held-out pictures with their translations, without a network of their own, and cost
milliseconds. Thresholds stand outside of what the true translations of all built-in worlds, and finished runs, come to;
they are options of a recipe.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from cyclekit.core.batch import Batch
from cyclekit.image.metrics import luma, saved_levels
from cyclekit.measuring.health import Check, Translating
from cyclekit.measuring.metric import Translated
from cyclekit.registry import register

FEWEST = 6
"""Pictures below which an average says nothing, and no check speaks."""

COARSE = 16
"""Side to which pictures are averaged where only their general look counts."""


@register("health", "unchanged")
def unchanged(*, change: float = 1.0) -> Check:
    """Outputs are their inputs: the cheapest way to a perfect cycle.

    Args:
        change: percent of the range by which the median picture changes on average, below which it speaks. Of the
            built-in worlds plain and striped animals differ least.

    Raises:
        ValueError: a threshold that is no percentage.
    """
    _check_percentage("change", change)

    def check(translated: Translated) -> str | None:
        source, fake = _alike(saved_levels(translated.source), saved_levels(translated.fake))
        if source.shape != fake.shape:
            return None
        found = 100 * float((source - fake).abs().mean((1, 2, 3)).median()) / 255
        if found >= change:
            return None
        return (
            f"the outputs are their inputs (they change by {found:.2f} % of the range, below {change:g} %): raise "
            "objective.adversarial, lower objective.cycle and objective.identity, or train the discriminators faster"
        )

    return if_enough(check)


@register("health", "mode_collapse")
def mode_collapse(*, variety: float = 30.0) -> Check:
    """Many inputs end in one output.

    Args:
        variety: percent below which it speaks: the mean distance between outputs, of that between inputs or between
            real target pictures, whichever is smaller. Distances are of pictures averaged to 16 x 16.

    Raises:
        ValueError: a threshold that is no percentage.
    """
    _check_percentage("variety", variety)

    def check(translated: Translated) -> str | None:
        fake, source, real = (
            _spread(saved_levels(batch)) for batch in (translated.fake, translated.source, translated.real)
        )
        usual = min(source, real)
        if usual < 1 or 100 * fake / usual >= variety:  # pictures that are all one level apart have no variety to lose
            return None
        return (
            f"the outputs collapse into one picture (they differ by {fake:.1f} levels, inputs by {source:.1f}, real "
            f"ones by {real:.1f}; below {variety:g} %): lower train.learning_rate or objective.adversarial, raise "
            "objective.cycle (or objective.l1), or set discriminator.count above 1"
        )

    return if_enough(check)


@register("health", "inversion")
def inversion(*, correlation: float = -0.3) -> Check:
    """Bright becomes dark: both generators invert, and the cycle closes.

    It speaks where the two domains are lit alike, so that an inversion cannot be the translation: their mean pictures
    agree, and the outputs' mean picture contradicts them. Aligned data rule an inversion out by their truth.

    Args:
        correlation: of an output's brightness with its input's, below which the median picture is inverted.

    Raises:
        ValueError: a threshold that is no correlation.
    """
    if not -1 <= correlation <= 0:
        raise ValueError(f"correlation is {correlation}; an inversion has one from -1 to 0")

    def check(translated: Translated) -> str | None:
        if translated.data is not None and translated.data.aligned:
            return None
        source, fake, real = (
            _coarse(luma(saved_levels(batch))) for batch in (translated.source, translated.fake, translated.real)
        )
        found = float(_correlation(source, fake).median())
        mean_source, mean_fake, mean_real = (side.mean(0, keepdim=True) for side in (source, fake, real))
        usual, now = float(_correlation(mean_source, mean_real)), float(_correlation(mean_fake, mean_real))
        if found >= correlation or usual <= -correlation or now >= 0:
            return None
        return (
            f"the outputs are inverted (the brightness of outputs and inputs correlates by {found:.2f}, below "
            f"{correlation:g}; mean pictures of both domains by {usual:.2f}, outputs' and targets' by {now:.2f}): set "
            "objective.identity above 0, start with another train.seed, or with generator.start=identity"
        )

    return if_enough(check)


@register("health", "identity_drift")
class IdentityDrift:
    """Pictures that are in the target domain already come out as others, though the objective asks to keep them.

    Args:
        drift: percent above which it speaks: how far a real target picture moves, of the mean distance between two of
            them.

    Raises:
        ValueError: a threshold that is not positive.
    """

    translating = True

    def __init__(self, *, drift: float = 70.0) -> None:
        if drift <= 0:
            raise ValueError(f"drift is {drift}; it is a percentage above 0")
        self.drift = drift

    def __call__(self, translated: Translated, generators: Translating) -> str | None:
        """Send real target pictures through the generator that makes the target, if it is asked to keep them."""
        real, inputs = translated.real, translated.source
        if not generators.asks_identity or real.size < FEWEST or real.data.shape[1:] != inputs.data.shape[1:]:
            return None
        kept, before = saved_levels(generators.there(real)).double(), saved_levels(real).double()
        moved, usual = float((kept - before).abs().mean()), _apart(before)
        if usual < 1 or 100 * moved / usual <= self.drift:
            return None
        return (
            f"real pictures of the target do not stay what they are (they move by {moved:.0f} levels, two of them are "
            f"{usual:.0f} apart; above {self.drift:g} %): raise objective.identity, or set it to 0 if colours should "
            "change"
        )


@register("health", "steganography")
class Steganography:
    """The cycle closes by a message that nobody sees (Chu et al. 2017, "CycleGAN, a Master of Steganography").

    What the way back reads out of the fake's finest levels does not survive a perturbation that leaves the picture as
    it was for the eye: 8-bit rounding, as saving does, and noise of a few levels. A translation that keeps its source
    in what can be seen comes back as well as before; to that end the perturbed cycle's error is compared with the
    plain one's, and with the distance of two inputs, at which nothing of the source is known any more.

    Args:
        noise: standard deviation of the noise in levels of 255.
        worse: how many times the plain cycle's error it is, at least, to speak,
        lost: and at least this percent of the distance between two inputs.

    Raises:
        ValueError: no noise, or thresholds that make no sense.
    """

    translating = True

    def __init__(self, *, noise: float = 4.0, worse: float = 4.0, lost: float = 40.0) -> None:
        if noise <= 0 or worse <= 1 or not 0 <= lost <= 100:
            raise ValueError(f"noise {noise}, worse {worse}, lost {lost}: above 0, above 1, and a percentage")
        self.noise, self.worse, self.lost = noise, worse, lost

    def __call__(self, translated: Translated, generators: Translating) -> str | None:
        """Send the perturbed fakes back."""
        if generators.back is None or translated.back is None or translated.fake.size < FEWEST:
            return None
        fake = saved_levels(translated.fake).float()
        noise = torch.randn(fake.shape, generator=torch.Generator().manual_seed(0)) * self.noise
        perturbed = Batch(((fake.cpu() + noise).round().clamp(0, 255) / 127.5 - 1).to(fake.device))
        source, plain = saved_levels(translated.source).double(), saved_levels(translated.back).double()
        spoiled = saved_levels(generators.back(perturbed)).double()
        if plain.shape != source.shape or spoiled.shape != source.shape:
            return None
        before, after = (float((back - source).abs().mean()) for back in (plain, spoiled))
        usual = _apart(source)
        if after < self.worse * max(before, 1.0) or 100 * after < self.lost * usual:
            return None
        return (
            f"the cycle hides its message in what nobody sees (its error is {before:.1f} levels, and {after:.1f} after "
            f"noise of {self.noise:g} levels, above {self.worse:g} times; two inputs are {usual:.1f} apart): lower "
            "objective.cycle, raise objective.adversarial, or set objective.cycle_gradient below 1"
        )


def _alike(one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """Levels of like channels, float64. A grey picture is a colour picture too: a colorizer that adds none copies."""
    channels = max(one.shape[1], other.shape[1])
    one, other = (side.expand(-1, channels, -1, -1) if side.shape[1] == 1 else side for side in (one, other))
    return one.double(), other.double()


def _coarse(pictures: Tensor) -> Tensor:
    """(N, C, H, W) to (N, C, 16, 16), or as it is where it is smaller."""
    return F.adaptive_avg_pool2d(pictures, COARSE) if min(pictures.shape[2:]) > COARSE else pictures


def _spread(levels: Tensor) -> float:
    """Mean distance of two pictures' general looks, root mean square in levels."""
    flat = _coarse(levels.double()).flatten(1)
    return float(torch.pdist(flat).mean()) / flat.shape[1] ** 0.5


def _apart(levels: Tensor) -> float:
    """Mean absolute difference of two pictures, in levels: each with the next, and the last with the first."""
    return float((levels - levels.roll(1, 0)).abs().mean())


def _correlation(one: Tensor, other: Tensor) -> Tensor:
    """Of the pixels of rows that belong together: (N, ...) twice to (N,). 0 for flat rows."""
    centred = [side.flatten(1) - side.flatten(1).mean(1, keepdim=True) for side in (one, other)]
    lengths = centred[0].norm(dim=1) * centred[1].norm(dim=1)
    return torch.where(lengths > 1e-6, (centred[0] * centred[1]).sum(1) / lengths.clamp(min=1e-6), 0)


def if_enough(check: Callable[[Translated], str | None]) -> Check:
    """The check, silent on too few pictures."""
    return lambda shown: None if min(side.size for side in (shown.fake, shown.real)) < FEWEST else check(shown)


def _check_percentage(name: str, value: float) -> None:
    if not 0 <= value <= 100:
        raise ValueError(f"{name} is {value}; it is a percentage, from 0 to 100")
