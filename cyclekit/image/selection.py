"""What checkpoints of a run on pictures are chosen by, without any truth."""

from __future__ import annotations

from typing import Literal

from cyclekit.image.features import space_of
from cyclekit.image.metrics import StructureKept, features_of, kernel_distance
from cyclekit.measuring.metric import Measured, MetricUnavailable, Translated
from cyclekit.registry import register

LEAST_DISTANCE = 0.01
"""KID of copying below which the domains are one in this space, and a share of it would be noise.

Photographs and Monet's paintings are 0.065 apart, label maps and fronts of houses 0.45; two halves of one domain come
to some thousandths with a few dozen pictures."""


@register("metric", "kid_and_structure")
class KidAndStructure:
    """How far the fakes are from the target, as a share of the way, plus how much of the source's drawing was lost.

        KID(fakes, targets) / KID(sources, targets) + weight * (1 - structure kept)

    Copying the input scores 1 (all of the way is left, nothing is lost), and so does a perfect target picture that has
    nothing to do with its source; a translation worth having is below. Either half alone is no criterion: KID is
    pleased by any picture of the target, structure by the copy. No truth is asked.

    KID is the unbiased estimate, never taken below 0; see `metrics.KernelDistance` and `metrics.StructureKept`. There
    is no spread: it ranks the checkpoints of one run on the same pictures, and is no result to print.

    Args:
        structure: the weight of what was lost; 0 where a translation should change the drawing (label maps to
            photographs), and then it is KID alone.
        features, feature_size: as for `metrics.KernelDistance`.

    Raises:
        ValueError: a negative weight, no such features, or a size the network cannot take.
    """

    better: Literal["lower", "higher"] = "lower"
    needs_truth = False

    def __init__(self, *, structure: float = 1.0, features: str = "lite0", feature_size: int | None = None) -> None:
        if structure < 0:
            raise ValueError(f"structure is {structure}; a weight is 0 (off) or positive")
        self.structure, self.space = structure, space_of(features, feature_size)
        self.name = f"KID left + structure lost ({self.space.name})"
        self.kept = StructureKept()

    @property
    def protocol(self) -> dict[str, object]:
        """What was measured, and how."""
        return {
            "features": self.space.name,
            "input": f"{self.space.side} x {self.space.side}, bicubic, antialiased",
            "value": f"KID of the fakes / KID of copying, plus {self.structure:g} x (1 - gradient correlation)",
            "copying": "scores 1 by construction",
        }

    def __call__(self, translated: Translated) -> Measured:
        """Compare `fake` with `real` and with `source`, all (., C, H, W) in [-1, 1].

        Raises:
            MetricUnavailable: see `features_of`; or the domains are one in this feature space.
        """
        # Sources and targets are the same at every look, and their features are remembered: fakes alone cost time.
        fake, source, real = (
            features_of(batch, self.space).double() for batch in (translated.fake, translated.source, translated.real)
        )
        copying = float(kernel_distance(source, real))
        if copying < LEAST_DISTANCE:
            raise MetricUnavailable(
                f"the domains are one in {self.space.name} features: copying is at KID {copying:.4f} already, below "
                f"{LEAST_DISTANCE}"
            )
        left = max(float(kernel_distance(fake, real)), 0.0) / copying
        lost = 1 - self.kept(translated).value if self.structure else 0.0
        return Measured(left + self.structure * lost)
