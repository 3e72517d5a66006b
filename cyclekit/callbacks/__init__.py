"""What happens beside the steps: log, samples, validation, checkpoints, report, and what the terminal shows.

A callback never changes what a step computes: with or without one, the weights are the same to the last bit.
"""

from __future__ import annotations

from cyclekit.callbacks.log import Log
from cyclekit.callbacks.report import Report
from cyclekit.callbacks.samples import Samples
from cyclekit.callbacks.saver import Saver
from cyclekit.callbacks.terminal import Terminal
from cyclekit.callbacks.validation import Validation
from cyclekit.training import Callback

__all__ = ["Log", "Report", "Samples", "Saver", "Terminal", "Validation", "default_callbacks"]


def default_callbacks(log: Log | None = None) -> list[Callback]:
    """Log, samples, validation, checkpoints, report, in the order that lets each see what the one before it wrote."""
    log = log or Log()
    return [log, Samples(log), Validation(log), Saver(log), Report(log)]
