"""The report, rewritten as a run goes."""

from __future__ import annotations

import time

from cyclekit import checkpoint
from cyclekit.callbacks.log import Log, due
from cyclekit.report import write_report
from cyclekit.training import Callback, Training


class Report(Callback):
    """report.html, rewritten as the run goes: with every sheet, but not so often that it costs more than it shows."""

    SHARE = 0.01
    """Of the training time that rewriting may take."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.spent = 0.0

    def started(self, training: Training) -> None:
        """A first report, so that there is something to look at within the first minute."""
        self.began = time.perf_counter()
        self._write(training)

    def stepped(self, training: Training) -> None:
        """When a sheet or log line is new and the time allows."""
        settings = training.run.recipe.train
        news = due(training, settings.sample_every) or due(training, settings.log_every)
        if news and self.spent < self.SHARE * (time.perf_counter() - self.began):
            self._write(training)

    def ended(self, training: Training) -> None:
        """The whole story."""
        self._write(training)

    def failed(self, training: Training, error: BaseException) -> None:
        """The report says why it stopped."""
        self._write(training)

    def _write(self, training: Training) -> None:
        begun = time.perf_counter()
        with checkpoint.clear_disk_errors(training.folder):
            write_report(training.folder)
        self.spent += time.perf_counter() - begun
