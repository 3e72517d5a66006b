"""How far translations sound from the truth."""

from __future__ import annotations

from typing import Literal

import torch

from cyclekit.core.batch import Batch
from cyclekit.measuring.metric import Measured, MetricUnavailable, Translated, averaged
from cyclekit.measuring.resampling import PROTOCOL
from cyclekit.registry import register
from cyclekit_audio.spectrum import FLOOR, decibels_of


@register("metric", "log_spectral_distance")
class LogSpectralDistance:
    """Root mean square difference in decibels over the frequencies of a frame, mean over frames."""

    name = "log-spectral distance (dB)"
    better: Literal["lower", "higher"] = "lower"
    needs_truth = True

    @property
    def protocol(self) -> dict[str, object]:
        """What is measured, and how."""
        return {
            "value": "root of the mean square over frequencies, mean over a recording's frames, mean over recordings",
            "decibels": f"from {FLOOR:g} (silence) to 0; as the network makes them, before phases are found",
            "interval": PROTOCOL,
        }

    def __call__(self, translated: Translated) -> Measured:
        """Compare `fake` with the one true translation of each row.

        Raises:
            MetricUnavailable: they are not equally long.
        """
        assert translated.truth is not None, "asked for by `needs_truth`"
        return averaged(torch.tensor([_apart(*both) for both in zip(translated.fake.rows(), translated.truth)]))


def _apart(fake: Batch, truth: Batch) -> float:
    if fake.data.shape != truth.data.shape:
        raise MetricUnavailable("compares recordings frame by frame, and the true translations are of another length")
    ours, theirs = (decibels_of(row.data[0].float().clamp(-1, 1)) for row in (fake, truth))
    return float((ours - theirs).square().mean(1).sqrt().mean())
