"""What happens beside the steps: log, samples, health, validation, checkpoints, report, and what the terminal shows.

A callback never changes what a step computes: with or without one, the weights are the same to the last bit. It may ask
the loop for something by returning it: validation to end before its time (`Stop`), health to go back to an earlier
checkpoint (`GoBack`), and that this one is not deleted (`Keep`).
"""

from __future__ import annotations

from cyclekit.callbacks.card import Card
from cyclekit.callbacks.health import Health
from cyclekit.callbacks.log import Log
from cyclekit.callbacks.report import Report
from cyclekit.callbacks.samples import Samples
from cyclekit.callbacks.saver import Saver
from cyclekit.callbacks.terminal import JsonLines, Terminal
from cyclekit.callbacks.trackers import Trackers
from cyclekit.callbacks.translations import StepTranslations
from cyclekit.callbacks.validation import Validation
from cyclekit.training.asking import GoBack, Keep, Stop
from cyclekit.training.state import Callback

__all__ = [
    "Callback",
    "Card",
    "GoBack",
    "Health",
    "JsonLines",
    "Keep",
    "Log",
    "Report",
    "Samples",
    "Saver",
    "Stop",
    "Terminal",
    "Trackers",
    "Validation",
    "default_callbacks",
]


def default_callbacks(log: Log | None = None) -> list[Callback]:
    """Log, trackers, samples, health, validation, checkpoints, report, card: each sees what the one before it wrote."""
    log = log or Log()
    translations = StepTranslations()
    watching = [Health(log, translations), Validation(log, translations)]
    return [log, Trackers(log), Samples(log), *watching, Saver(log), Report(log), Card()]
