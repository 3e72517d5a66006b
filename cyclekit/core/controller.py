"""A weight that finds itself: dual ascent on what a term should come to."""

from __future__ import annotations

import torch
from torch import Tensor

from cyclekit.core import processes


class WeightController:
    """A factor on a weight, raised while its term is above a target and lowered while it is below.

    factor <- clip(factor * exp(rate * (term - target) / target), least, most)

    This is dual ascent on the constraint term <= target (Bertsekas 1999, section 6.3; as in SAC's temperature, Haarnoja
    et al. 2018). For an adversarial term it rules out copying as a resting point: a copy that the discriminator sees
    through keeps the term near 1, so the weight rises until copying costs more than the cycle gives. A factor that
    stays at `most` says that the discriminator's gradient leads nowhere.
    """

    def __init__(self, target: float, *, rate: float = 0.02, least: float = 0.125, most: float = 5.0) -> None:
        """Start from a factor of 1.

        Raises:
            ValueError: a target that is not positive.
        """
        if target <= 0:
            raise ValueError(f"adversarial_target is {target}; it is the term's size to aim at, above 0")
        self.target, self.rate, self.least, self.most = target, rate, least, most
        self.factor = torch.ones(())

    @torch.no_grad()
    def update(self, term: Tensor) -> None:
        """Move by what the term is now. The factor stays one tensor, so that nobody waits for an accelerator."""
        step = torch.exp(self.rate * (processes.mean(term.float()) - self.target) / self.target)
        self.factor = self.factor.to(term.device)
        self.factor.copy_((self.factor * step).clamp(self.least, self.most))
