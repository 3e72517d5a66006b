"""Pictures of which a large part became black or white: what was drawn there is gone."""

from __future__ import annotations

import torch

from cyclekit.core.batch import Batch
from cyclekit.image.health import FEWEST
from cyclekit.image.metrics import luma, saved_levels
from cyclekit.measuring.health import Translating
from cyclekit.measuring.metric import Translated
from cyclekit.registry import register

ENDS = 16
"""Levels of brightness from either end of 0 to 255 in which nothing can be told apart."""


@register("health", "crushed")
class Crushed:
    """Blacks or whites swallow a part of the pictures that neither inputs nor real target pictures have there.

    Translations are looked at, and what becomes of real target pictures in the generator that makes them: an objective
    that does not ask to keep them (`identity: 0`) lets that go wrong first, and a sheet shows it.

    Args:
        more: percent of all pixels by which blacks, or whites, have to exceed those of inputs and of real target
            pictures, whichever has more. Twelve pictures and twelve others of one set differ by at most 10.

    Raises:
        ValueError: a threshold that is no percentage above 0.
    """

    translating = True

    def __init__(self, *, more: float = 20.0) -> None:
        if not 0 < more < 100:
            raise ValueError(f"more is {more}; it is a percentage, above 0 and below 100")
        self.more = more

    def __call__(self, translated: Translated, generators: Translating) -> str | None:
        """Compare the shares of what is black or white."""
        source, real = translated.source, translated.real
        if min(translated.fake.size, real.size) < FEWEST:
            return None
        usual = torch.maximum(_ends(source), _ends(real))
        looked_at = {"the outputs": translated.fake}
        # Only where the generator is one of two that undo each other: the other kind is shown nothing but inputs.
        if generators.back is not None and real.data.shape[1:] == source.data.shape[1:]:
            looked_at["real pictures of the target, in the generator that makes them,"] = generators.there(real)
        for what, batch in looked_at.items():
            found = _ends(batch)
            for place, colour in enumerate(("black", "white")):
                if found[place] - usual[place] > self.more:
                    keep = "set objective.identity above 0" if generators.back is not None else "raise objective.l1"
                    return (
                        f"{what} are crushed ({found[place]:.0f} % of them {colour}, inputs and real ones at most "
                        f"{usual[place]:.0f} %; more than {self.more:g} above): {keep}, or lower train.learning_rate"
                    )
        return None


def _ends(batch: Batch) -> torch.Tensor:
    """Percent of the pixels that are all but black, and all but white: (2,)."""
    brightness = luma(saved_levels(batch))
    share = torch.stack([brightness < ENDS, brightness > 255 - ENDS]).double().mean((1, 2, 3, 4))
    return (100 * share).cpu()
