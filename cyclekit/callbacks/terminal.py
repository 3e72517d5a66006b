"""What the terminal shows while a run trains."""

from __future__ import annotations

import datetime
import sys
import time

from cyclekit.callbacks.log import Log
from cyclekit.training import Callback, Training, describe_device


class Terminal(Callback):
    """A progress bar with time left and the raw terms; plain lines where the output is no terminal."""

    PLAIN_EVERY = 10.0
    """Seconds between plain lines."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def started(self, training: Training) -> None:
        """Show the bar."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        self.console = Console(file=sys.stderr)
        speed = describe_device(training)
        compiled = "compiled" if speed["compiled"] else "eager"
        precision = f"{speed['precision']} ({speed['precision_because']})"
        print(f"speed: {speed['device']}, {precision}, {compiled}, {speed['threads']} threads", file=sys.stderr)
        self.shown_at = 0.0
        self.bar: Progress | None = None
        if self.console.is_terminal:
            self.bar = Progress(
                TextColumn("step {task.completed:,.0f}/{task.total:,.0f}"),
                BarColumn(),
                TextColumn("{task.fields[speed]}"),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
                TextColumn("\n{task.fields[terms]}"),
                console=self.console,
            )
            self.task = self.bar.add_task(
                "", total=training.total_steps, completed=training.step, speed="", terms="the first step"
            )
            self.bar.start()

    def stepped(self, training: Training) -> None:
        """Move the bar, or print a line now and then."""
        latest = self.log.latest
        terms = "  ".join(f"{name} {value:.3f}" for name, value in latest.get("terms", {}).items())
        speed = f"{latest['per_second']:.1f}/s" if latest else ""
        if self.bar is not None:
            self.bar.update(self.task, completed=training.step, speed=speed, terms=terms)
        elif latest and time.perf_counter() - self.shown_at > self.PLAIN_EVERY:
            self.shown_at = time.perf_counter()
            # By the latest speed: a stage of training may take several times as long a step as the one before.
            left = (training.total_steps - training.step) * training.items / latest["per_second"]
            print(
                f"step {training.step:,}/{training.total_steps:,}  {speed}  "
                f"left {datetime.timedelta(seconds=round(left))}  {terms}",
                file=sys.stderr,
                flush=True,
            )

    def ended(self, training: Training) -> None:
        """Take the bar down."""
        if self.bar is not None:
            self.bar.stop()

    def failed(self, training: Training, error: BaseException) -> None:
        """Take the bar down, so that the error stands alone."""
        if self.bar is not None:
            self.bar.stop()
