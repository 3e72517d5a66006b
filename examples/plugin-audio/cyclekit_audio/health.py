"""What is wrong with a run's recordings, seen early."""

from __future__ import annotations

from cyclekit.core.batch import Batch
from cyclekit.measuring.health import Check
from cyclekit.measuring.metric import Translated
from cyclekit.registry import register
from cyclekit_audio.spectrum import FLOOR


@register("health", "silence")
def silence(*, quieter: float = 20.0) -> Check:
    """Outputs are all but silent.

    Args:
        quieter: decibels by which the mean level of translations lies below that of real recordings to be reported.

    Raises:
        ValueError: no difference.
    """
    if quieter <= 0:
        raise ValueError(f"quieter is {quieter}; give decibels above 0")

    def check(translated: Translated) -> str | None:
        missing = (_level(translated.real) - _level(translated.fake)) * -FLOOR / 2
        if missing < quieter:
            return None
        return (
            f"the outputs are all but silent (their mean level is {missing:.0f} dB below that of real recordings, "
            f"{quieter:g} or more): lower objective.adversarial or train.learning_rate"
        )

    return check


def _level(batch: Batch) -> float:
    return float(batch.real_only(batch.data).float().clamp(-1, 1).mean())
