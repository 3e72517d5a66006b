"""The report, rewritten as a run goes."""

from __future__ import annotations

import time

from cyclekit.callbacks.log import Log, due
from cyclekit.callbacks.samples import sheet_due
from cyclekit.files.disk_errors import clear_disk_errors
from cyclekit.report import write_report
from cyclekit.training.state import Callback, Training


class Rewriting:
    """How often a report is rewritten: soon after something new, and never for more than its share of the run."""

    SHARE = 0.01
    """Of the training time that rewriting may take."""

    APART = 10.0
    """Seconds between rewrites for log lines alone: an open page looks again every thirty."""

    def __init__(self, began: float) -> None:
        self.began = began
        self.spent = 0.0
        self.last_took, self.last_at = 0.0, began

    def allows(self, now: float, sheet: bool) -> bool:
        """Whether there is time for a rewrite that takes as long as the last one did.

        Args:
            now: seconds, of the clock that `began` was read from.
            sheet: whether a sample sheet is new, not log lines alone.
        """
        in_time = sheet or now - self.last_at >= self.APART
        return in_time and self.spent + self.last_took <= self.SHARE * (now - self.began)

    def wrote(self, now: float, took: float) -> None:
        """Count a rewrite that ended at `now`."""
        self.spent += took
        self.last_took, self.last_at = took, now


class Report(Callback):
    """report.html, rewritten as the run goes: with every sheet, but not so often that it costs more than it shows."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def started(self, training: Training) -> None:
        """A first report, so that there is something to look at within the first minute."""
        self.pace = Rewriting(time.perf_counter())
        self._write(training)

    def stepped(self, training: Training) -> None:
        """When a sheet or log line is new and the time allows."""
        settings = training.run.recipe.train
        sheet = sheet_due(training)
        if (sheet or due(training, settings.log_every)) and self.pace.allows(time.perf_counter(), sheet):
            self._write(training)

    def ended(self, training: Training) -> None:
        """The whole story."""
        self._write(training)

    def failed(self, training: Training, error: BaseException) -> None:
        """The report says why it stopped."""
        self._write(training)

    def _write(self, training: Training) -> None:
        begun = time.perf_counter()
        with clear_disk_errors(training.folder):
            write_report(training.folder)
        ended = time.perf_counter()
        self.pace.wrote(ended, ended - begun)
