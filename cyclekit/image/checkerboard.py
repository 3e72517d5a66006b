"""The health check `checkerboard`: a grid of period 2 or 4 in the spectrum of a run's pictures."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from cyclekit.image.health import if_enough
from cyclekit.image.metrics import luma, saved_levels
from cyclekit.measuring.health import Check
from cyclekit.measuring.metric import Translated
from cyclekit.registry import register


@register("health", "checkerboard")
def checkerboard(*, peak: float = 10.0, levels: float = 1.5) -> Check:
    """A grid of period 2 or 4, as transposed convolutions leave it (Odena et al. 2016).

    The mean power spectrum of the brightness has a peak at one of the frequencies 1/2 and 1/4, across or down, which
    neither real target pictures nor inputs have.

    Args:
        peak: how many times the power at its place stands above its neighbours', relative to real pictures and inputs.
        levels: strength of the pattern from which it speaks, of 255: what cannot be seen is not worth a word.

    Raises:
        ValueError: a peak that is none, or a negative strength.
    """
    if peak <= 1 or levels < 0:
        raise ValueError(f"peak is {peak} and levels {levels}; a peak is above 1, a strength 0 or more")

    def check(translated: Translated) -> str | None:
        fake, source, real = (
            _peaks(luma(saved_levels(batch))) for batch in (translated.fake, translated.source, translated.real)
        )
        if fake is None or source is None or real is None:
            return None
        height = fake.heights / torch.maximum(source.heights, real.heights).clamp(min=1)
        height = torch.where(fake.strengths >= levels, height, 0)
        if height.max() < peak:
            return None
        # A pattern of period 4 has a part of period 2, and not the other way.
        place = max(range(len(PERIODS)), key=lambda p: (height[p] >= peak, PERIODS[p], height[p]))
        return (
            f"the outputs have a checkerboard of period {PERIODS[place]} (its peak in the spectrum is "
            f"{float(height[place]):.0f} times that of real pictures, above {peak:g}; "
            f"{float(fake.strengths[place]):.1f} levels strong): set generator.upsampling=resize, "
            "or smoothed for an unshuffle generator"
        )

    return if_enough(check)


class Peaks(NamedTuple):
    """Of a mean spectrum at `PLACES`, (P,) each."""

    heights: Tensor
    """Power over the mean power of the neighbours."""
    strengths: Tensor
    """Root mean square of the pattern, in levels."""


# Frequencies in cycles per pixel, down and across; the other signs of 1/4 are mirror images, but for the last.
PLACES = [(0, 0.5), (0.5, 0), (0.5, 0.5), (0, 0.25), (0.25, 0), (0.25, 0.25), (0.25, -0.25), (0.25, 0.5), (0.5, 0.25)]


PERIODS = [2, 2, 2, 4, 4, 4, 4, 4, 4]


def _peaks(pictures: Tensor) -> Peaks | None:
    """Heights over the neighbours on the same axis, and strengths in levels; None for pictures below 32 x 32."""
    rows, columns = (side - side % 4 for side in pictures.shape[2:])
    if min(rows, columns) < 32:
        return None
    cut = pictures[:, 0, :rows, :columns]
    power = torch.fft.fft2(cut - cut.mean((1, 2), keepdim=True)).abs().square().mean(0) / (rows * columns) ** 2
    heights, strengths = [], []
    for down, across in PLACES:
        y, x = round(down * rows) % rows, round(across * columns) % columns
        # Along the axis for frequencies that lie on one: a picture's own edges fill the axes, and little beside them.
        steps = [(dy, dx) for dy in (-3, -2, -1, 0, 1, 2, 3) for dx in (-3, -2, -1, 0, 1, 2, 3) if dy or dx]
        steps = [(dy, dx) for dy, dx in steps if (down or not dy) and (across or not dx)]
        around = torch.stack([power[(y + dy) % rows, (x + dx) % columns] for dy, dx in steps])
        heights.append(power[y, x] / around.mean().clamp(min=1e-9))
        strengths.append(power[y, x].sqrt() * (1 if {down, across} <= {0, 0.5} else 2**0.5))
    return Peaks(torch.stack(heights), torch.stack(strengths))
