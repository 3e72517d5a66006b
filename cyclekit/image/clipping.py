"""Pictures of which a part became black, white, or one full colour: what was drawn there is gone."""

from __future__ import annotations

from cyclekit.core.batch import Batch
from cyclekit.image.health import FEWEST
from cyclekit.image.metrics import luma, saved_levels
from cyclekit.measuring.health import Translating
from cyclekit.measuring.metric import Translated
from cyclekit.registry import register

ENDS = 16
"""Levels of brightness from either end of 0 to 255 in which nothing can be told apart."""

COLOURS = {"blue": 0b001, "green": 0b010, "cyan": 0b011, "red": 0b100, "magenta": 0b101, "yellow": 0b110}
"""The corners of the colour cube, but for black and white: which of red, green and blue is full there."""


@register("health", "crushed")
class Crushed:
    """Blacks, whites or one full colour swallow a part of the pictures that inputs and real target pictures have not.

    Translations are looked at, and what becomes of real target pictures in the generator that makes them: an objective
    that does not ask to keep them (`identity: 0`) lets that go wrong first, and a sheet shows it.

    Args:
        more: percent of all pixels by which blacks, or whites, have to exceed those of inputs and of real target
            pictures, whichever has more. Twelve pictures and twelve others of one set differ by at most 10.
        colour: the same of red, green, blue, cyan, magenta or yellow in full, as no camera sees them.

    Raises:
        ValueError: a threshold that is no percentage above 0.
    """

    translating = True

    def __init__(self, *, more: float = 20.0, colour: float = 3.0) -> None:
        for name, percent in (("more", more), ("colour", colour)):
            if not 0 < percent < 100:
                raise ValueError(f"{name} is {percent}; it is a percentage, above 0 and below 100")
        self.more, self.colour = more, colour

    def __call__(self, translated: Translated, generators: Translating) -> str | None:
        """Compare the shares of what is black, white, or one full colour."""
        source, real = translated.source, translated.real
        if min(translated.fake.size, real.size) < FEWEST:
            return None
        of_source, of_real = _shares(source), _shares(real)
        looked_at = {"the outputs": translated.fake}
        # Only where the generator is one of two that undo each other: the other kind is shown nothing but inputs.
        if generators.back is not None and real.data.shape[1:] == source.data.shape[1:]:
            looked_at["real pictures of the target, in the generator that makes them,"] = generators.there(real)
        for what, batch in looked_at.items():
            for colour, found in _shares(batch).items():
                most = self.colour if colour in COLOURS else self.more
                usual = max(of_source.get(colour, 0.0), of_real.get(colour, 0.0))
                if found - usual > most:
                    keep = "set objective.identity above 0" if generators.back is not None else "raise objective.l1"
                    return (
                        f"{what} are crushed ({found:.0f} % of them {colour}, inputs and real ones at most "
                        f"{usual:.0f} %; more than {most:g} above): {keep}, or lower train.learning_rate"
                    )
        return None


def _shares(batch: Batch) -> dict[str, float]:
    """Percent of the pixels that are all but black, all but white, and of three channels each full colour."""
    levels = saved_levels(batch)
    brightness = luma(levels)
    alike = {"black": brightness < ENDS, "white": brightness > 255 - ENDS}
    if levels.shape[1] == 3:
        empty, full = levels < ENDS, levels > 255 - ENDS
        for colour, bits in COLOURS.items():
            channels = [full[:, c] if bits >> (2 - c) & 1 else empty[:, c] for c in range(3)]
            alike[colour] = channels[0] & channels[1] & channels[2]
    return {colour: 100 * float(there.double().mean()) for colour, there in alike.items()}
