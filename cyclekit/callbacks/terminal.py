"""What the terminal shows while a run trains: a live panel, plain lines, or the log itself as JSON lines."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

from cyclekit.callbacks.log import Log, read_log
from cyclekit.callbacks.panel import Glance, GlancePanel, SteadyLive, plain_line
from cyclekit.device import crowded
from cyclekit.registry import RecipeError
from cyclekit.terminal.printable import printable
from cyclekit.terminal.screen import Screen
from cyclekit.training.asking import Stop
from cyclekit.training.loop import describe_device
from cyclekit.training.state import Callback, Training

SAID_AT_ONCE = ("health", "rollback", "note")
"""Kinds of records that plain lines bring when they are new."""


class Terminal(Callback):
    """One live panel on standard error: progress, time left, terms and their trends, stage, metrics, health, report.

    Plain lines where the output is no terminal, or one that cannot move its cursor (TERM=dumb). Of several processes
    the first alone says anything. The panel is drawn by a thread of its own from numbers that the log has anyway: a
    step waits for nothing.
    """

    PLAIN_EVERY = 10.0
    """Seconds between plain lines."""

    DRAWN = 2.0
    """Drawings of the panel a second. Each takes a millisecond of Python, which a step may want too."""

    def __init__(self, log: Log, *, plain: bool = False, console: Screen | None = None) -> None:
        """Listen to a log.

        Args:
            plain: plain lines on a terminal too.
            console: where to show it; None for standard error.
        """
        self.log, self.plain, self.console = log, plain, console
        self.glance: Glance | None = None
        self.live: SteadyLive | None = None
        self.said: set[tuple[str, ...]] = set()
        log.listeners.append(self.hear)

    def started(self, training: Training) -> None:
        """Show what the run computes with, and the panel; a resumed run shows what it had found so far."""
        console = self.console or Screen(file=sys.stderr)
        recipe = training.run.recipe
        speed = describe_device(training)
        compiled = "compiled" if speed["compiled"] else "eager"
        precision = f"{speed['precision']} ({speed['precision_because']})"
        together = f", {speed['processes']} processes" if speed["processes"] > 1 else ""
        busy = crowded(speed["threads"]) if speed["device"] == "cpu" else ""
        threads = f"{speed['threads']} threads{busy}"
        self._say(console, f"speed: {speed['device']}, {precision}, {compiled}, {threads}{together}")
        for note in training.notes:
            self._say(console, f"note: {note}")
        report = str(training.folder / "report.html")
        self.glance = Glance(
            recipe.name, report, training.total_steps, training.items, bool(recipe.health.checks), recipe.train.budget
        )
        self.glance.step, self.glance.seconds = training.step, training.seconds
        self.began, self.shown_at = time.perf_counter() - training.seconds, 0.0
        self._read_again(training)
        self.shown_on, self.training = console, training
        if console.is_live and not self.plain:
            # Standard output is somebody else's where it is no terminal: what is printed to it stays there.
            self.live = SteadyLive(
                console=console,
                get_renderable=self._drawn,
                refresh_per_second=self.DRAWN,
                redirect_stdout=sys.stdout.isatty(),
            )
            self.live.start(refresh=True)

    def hear(self, record: dict[str, Any]) -> None:
        """Take in a record of the log; say it at once if it is news that no plain line would bring."""
        if self.glance is None:
            return
        self.glance.hear(record)
        if self.live is None and record["kind"] in SAID_AT_ONCE:
            words = str(record.get("finding") or record.get("message") or "")
            # A finding's evidence changes with every look; until its first colon it names the same thing.
            key = (record["kind"], str(record.get("check")), words.partition(":")[0])
            if key not in self.said:
                self.said.add(key)
                about = f"{record['check']}: " if record["kind"] == "health" else ""
                self._say(self.shown_on, f"{record['kind']}: step {record['step']:,}: {about}{words}")

    def stepped(self, training: Training) -> None:
        """Note where the run is; or print a line now and then."""
        if self.glance is None:
            return
        self.glance.step, self.glance.seconds = training.step, training.seconds
        if self.live is None and self.glance.latest and time.perf_counter() - self.shown_at > self.PLAIN_EVERY:
            self.shown_at = time.perf_counter()
            self._say(self.shown_on, plain_line(self.glance))

    def went_back(self, training: Training) -> None:
        """Forget what was taken back."""
        if self.glance is not None:
            self.glance.step = training.step
            self._read_again(training)

    def ended(self, training: Training) -> None:
        """Leave the panel as it stands at the end; after an interruption a clean screen."""
        self._close(stays=training.stop != "interrupted")

    def failed(self, training: Training, error: BaseException) -> None:
        """Take the panel away, so that the error stands alone."""
        self._close(stays=False)

    def _drawn(self) -> GlancePanel:
        assert self.glance is not None, "drawn from the start on"
        if self.training.asked_to_stop:
            self.glance.note = "ends after this step, and saves; Ctrl-C again stops at once"
        return GlancePanel(self.glance, time.perf_counter() - self.began)

    def _close(self, stays: bool) -> None:
        if self.live is not None:
            self.live.transient = not stays
            self.live.stop()
            self.live = None
        self.glance = None

    def _read_again(self, training: Training) -> None:
        """What the log holds by now: of a resumed run, or of one that went back."""
        assert self.glance is not None, "called once there is one"
        self.glance.forget()
        path = training.folder / "log.jsonl"
        for record in read_log(path)[0]:
            self.glance.hear(record)

    def _say(self, console: Screen, line: str) -> None:
        print(printable(line), file=console.file, flush=True)


class JsonLines(Callback):
    """The log's records as JSON lines on standard output, between a first line `run` and a last line `exit`.

        {"kind": "run", "step": 0, "recipe": "monet2photo", "folder": "runs/...", "report": "runs/.../report.html"}
        {"kind": "start", ...}           as in log.jsonl, until
        {"kind": "end", ...}
        {"kind": "exit", "step": 4000, "status": 0, "ending": "finished", "folder": "runs/..."}

    Where the reader goes away, the run is saved and ends, as with Ctrl-C.
    """

    def __init__(self, log: Log) -> None:
        self.waiting: list[dict[str, Any]] = []
        self.training: Training | None = None
        self.mute = False
        log.listeners.append(self.hear)

    def started(self, training: Training) -> Stop | None:
        """The first line, and what the log wrote until now."""
        self.training = training
        folder, name = training.folder, training.run.recipe.name
        report = str(folder / "report.html")
        first = {"kind": "run", "step": training.step, "recipe": name, "folder": str(folder), "report": report}
        for record in [first, *self.waiting]:
            self._write(record)
        return self._gone()

    def stepped(self, training: Training) -> Stop | None:
        """Whether somebody still reads."""
        return self._gone()

    def hear(self, record: dict[str, Any]) -> None:
        """A record as a line; kept until it is known whether this process is the one that speaks."""
        if self.training is None:
            self.waiting.append(record)
        else:
            self._write(record)

    def ended(self, training: Training) -> None:
        """The last line."""
        self._last(training, 130 if training.stop == "interrupted" else 0, str(training.stop))

    def failed(self, training: Training, error: BaseException) -> None:
        """The last line; what went wrong stands in the one before, of kind `failed`."""
        status = 2 if isinstance(error, RecipeError) else 130 if isinstance(error, KeyboardInterrupt) else 1
        self._last(training, status, "failed")

    def _last(self, training: Training, status: int, ending: str) -> None:
        folder = str(training.folder)
        self._write({"kind": "exit", "step": training.step, "status": status, "ending": ending, "folder": folder})

    def _write(self, record: dict[str, Any]) -> None:
        if self.mute:
            return
        try:
            print(json.dumps(record), flush=True)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered goes nowhere
            self.mute = True

    def _gone(self) -> Stop | None:
        return Stop("nobody reads standard output any more", interrupted=True) if self.mute else None
