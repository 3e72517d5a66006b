"""A term that asks for smooth pictures: total variation (Rudin, Osher and Fatemi 1992)."""

from __future__ import annotations

from torch import Tensor

from cyclekit.core.parts import Outputs, Term
from cyclekit.registry import register


@register("term", "total_variation")
def total_variation() -> Term:
    """Mean absolute difference between neighbouring pixels of the translations, in [-1, 1]; both directions' mean."""

    def term(outputs: Outputs) -> Tensor:
        fakes = [fake.data for fake in outputs.fake if fake is not None]
        across = [(fake[..., 1:] - fake[..., :-1]).abs().mean() for fake in fakes]
        down = [(fake[..., 1:, :] - fake[..., :-1, :]).abs().mean() for fake in fakes]
        return sum([*across, *down][1:], across[0]) / len(fakes)

    return term
