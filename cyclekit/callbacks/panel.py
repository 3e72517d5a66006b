"""The live panel: what of a run is shown at a glance, taken from the log's records, and how it is drawn."""

from __future__ import annotations

import datetime
import math
import textwrap
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

BLOCKS = "▁▂▃▄▅▆▇█"

TREND = 16
"""Log lines whose terms make a sparkline."""

WIDEST = 100
"""Columns of the panel on a wide terminal: further apart, numbers are harder to find."""

LOW = 26
"""Lines below which a terminal is low, and metrics are cut short so that terms stay."""

DIM = "bright_black"


class Glance:
    """What the panel shows: the newest of each kind of record. The same from a log that is read again."""

    def __init__(
        self, title: str, report: str, total_steps: int, items: int, watched: bool, budget: float | None = None
    ) -> None:
        """Begin with nothing seen.

        Args:
            items: of a step.
            watched: whether there are health checks.
            budget: seconds in steps after which the run ends; None where it ends after a number of steps.
        """
        self.title, self.report, self.watched = title, report, watched
        self.total_steps, self.items, self.budget = total_steps, items, budget
        self.step, self.seconds = 0, 0.0
        """Steps done, and the time that they took."""
        self.note = ""
        """What just happened and changes how the rest is read: a rollback, an end that was asked for."""
        self.forget()

    def forget(self) -> None:
        """As if no record had been seen."""
        self.latest: dict[str, Any] = {}
        self.trends: dict[str, deque[float]] = {}
        self.stage: str | None = None
        self.metrics: dict[str, Any] = {}
        self.best: dict[str, Any] = {}
        self.finding: dict[str, Any] = {}

    def hear(self, record: dict[str, Any]) -> None:
        """Take in a record of the log."""
        kind = record["kind"]
        if kind == "terms":
            self.latest = record
            for name, value in record["terms"].items():
                self.trends.setdefault(name, deque(maxlen=TREND)).append(value)
        elif kind == "stage":
            self.stage, self.trends = record.get("name"), {}
        elif kind == "metrics":
            self.metrics = record
            self.best = record if record.get("best") else self.best
        elif kind == "health":
            self.finding = record
        elif kind == "budget":
            self.total_steps = record["steps"]
        elif kind == "rollback":
            self.note = str(record["message"])

    @property
    def length(self) -> str:
        """Steps in all; `~` where the clock may still change that."""
        about = self.budget is not None and self.step < self.total_steps
        return f"{'~' if about else ''}{self.total_steps:,}"

    @property
    def speed(self) -> float | None:
        """Items per second, of the newest log line; None before the first."""
        return self.latest.get("per_second") or None

    @property
    def left(self) -> float | None:
        """Seconds to go: what is left of the budget, or by the newest speed, for a stage may take several times as long
        a step as the one before.
        """
        if self.budget is not None:
            return max(self.budget - self.seconds, 0.0)
        speed = self.speed
        return None if speed is None else (self.total_steps - self.step) * self.items / speed


def clock_time(seconds: float) -> str:
    """Seconds as hours, minutes and seconds."""
    return str(datetime.timedelta(seconds=round(seconds)))


def _speed(glance: Glance) -> str:
    """Steps and items (pictures or sentences, of both domains) a second."""
    items = glance.speed or 0.0
    return f"{_rate(items / glance.items)} steps/s  {_rate(items)} items/s"


def _rate(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def sparkline(values: Iterable[float], blocks: str = BLOCKS) -> str:
    """A small curve: each value as a block between the lowest and the highest of them; a gap where it is no number."""
    values = list(values)
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return " " * len(values)
    low, high = min(known), max(known)
    scale = (len(blocks) - 1) / (high - low) if high > low else 0.0
    return "".join(blocks[round((value - low) * scale)] if math.isfinite(value) else " " for value in values)


class GlancePanel:
    """A Glance as rich draws it, at whatever size the terminal has when it does."""

    def __init__(self, glance: Glance, elapsed: float) -> None:
        self.glance, self.elapsed = glance, elapsed

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """A panel no taller and no wider than the terminal."""
        outer = min(options.max_width, WIDEST)
        width = max(outer - 4, 1)
        plain = options.ascii_only
        # The newest findings matter more than the last of many terms: these give way on a low terminal.
        head, tail = self._progress(width, plain), self._news(width, low=options.size.height < LOW)
        terms = self._terms(width, plain)
        room = max(options.size.height - len(head) - len(tail) - 3, 1)
        lines = [*head, *terms[:room], *tail]
        title = Text(self.glance.title, style="bold default")
        if plain:
            title, *lines = (Text(_ascii(line.plain)) for line in [title, *lines])
        for line in lines:
            line.truncate(width, overflow="crop" if plain else "ellipsis")
        yield Panel(Text("\n").join(lines), title=title, title_align="left", width=outer, border_style=DIM)

    def _progress(self, width: int, plain: bool) -> list[Text]:
        glance = self.glance
        done = min(glance.step / glance.total_steps, 1.0) if glance.total_steps else 1.0
        counted = f"step {glance.step:,}/{glance.length} "
        share = f" {done:4.0%}"
        cells = max(width - len(counted) - len(share), 0)
        full = int(done * cells)
        fill, rest = ("#", "-") if plain else ("━", "─")
        bar = Text.assemble(counted, (fill * full, "green"), (rest * (cells - full), DIM), share)
        left, speed = glance.left, glance.speed
        words = [
            f"left {clock_time(left)}" if left is not None else "the first steps",
            f"so far {clock_time(self.elapsed)}",
            *([_speed(glance)] if speed is not None else []),
            *([f"stage {glance.stage}"] if glance.stage is not None else []),
        ]
        return [bar, Text("  ".join(words))]

    def _terms(self, width: int, plain: bool) -> list[Text]:
        """A line for each kind of term, its domains side by side where there is room."""
        kinds: dict[str, list[tuple[str, str]]] = {}
        for name in self.glance.latest.get("terms", {}):
            kind, _, domain = name.partition(".")
            kinds.setdefault(kind, []).append((domain, name))
        names = max((len(kind) for kind in kinds), default=0)
        domains = max((len(domain) for named in kinds.values() for domain, _ in named), default=0)
        together = names + max(map(len, kinds.values()), default=0) * (domains + 11 + (0 if plain else TREND + 1))
        lines = []
        for kind, named in kinds.items():
            cells = [self._cell(domain.ljust(domains), name, plain) for domain, name in named]
            rows = [cells] if together <= width else [[cell] for cell in cells]
            for place, row in enumerate(rows):
                lines.append(Text.assemble((kind if place == 0 else "").ljust(names), *row))
        return lines

    def _cell(self, domain: str, name: str, plain: bool) -> Text:
        value = self.glance.latest["terms"][name]
        shown = f"{value:8.3f}" if abs(value) < 1000 else f"{value:8.2g}"
        trend = "" if plain else f" {sparkline(self.glance.trends.get(name, ())):<{TREND}}"
        return Text.assemble("  ", (domain, DIM), " " if domain else "", shown, (trend, "cyan"))

    def _news(self, width: int, low: bool) -> list[Text]:
        """The last metrics, the last finding, and where to see more."""
        glance = self.glance
        lines = []
        for direction, values in glance.metrics.get("values", {}).items():
            numbers = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
            lines += _wrapped(f"step {glance.metrics['step']:,}  {direction}: {numbers}", width, 1 if low else 2)
        if glance.best:
            lines.append(Text(f"best {glance.best['criterion']:.4g}, of step {glance.best['step']:,}"))
        if glance.finding:
            found = glance.finding
            words = f"health  step {found['step']:,}, {found['check']}: {found['finding']}"
            lines += _wrapped(words, width, 2 if low else 3, "yellow")
        elif glance.watched:
            lines.append(Text.assemble("health  ", ("nothing found", DIM)))
        if glance.note:
            lines += _wrapped(glance.note, width, 2, "yellow")
        lines.append(Text.assemble("report  ", (glance.report, DIM)))
        return lines


def _wrapped(words: str, width: int, most: int, style: str = "") -> list[Text]:
    """Words over at most so many lines, the later ones indented below the first one's heading."""
    lines = textwrap.wrap(words, max(width, 12), subsequent_indent="        ", max_lines=most, placeholder=" ...")
    return [Text(line, style=style) for line in lines]


def _ascii(line: str) -> str:
    return line.encode("ascii", "replace").decode()


class SteadyLive(Live):
    """rich's Live, begun anew below where the terminal became narrower.

    A terminal breaks the lines that stand there when it gets narrower, each in its own way, so that nobody knows how
    far up the old panel begins: drawing over it would leave shreds, or wipe lines that are not the panel's.
    """

    _width = 0

    def refresh(self) -> None:
        """Draw the panel over its last drawing, where that is still as it was."""
        with self._lock:
            width = self.console.width
            if width < self._width and self._live_render.last_render_height:
                self._live_render._shape = None
                self.console.file.write("\n")
            self._width = width
            super().refresh()


def plain_line(glance: Glance) -> str:
    """The newest terms as one line, for a file or a pipe."""
    terms: Sequence[str] = [f"{name} {value:.3f}" for name, value in glance.latest.get("terms", {}).items()]
    left = clock_time(glance.left or 0)
    return f"step {glance.step:,}/{glance.length}  {_speed(glance)}  left {left}  {'  '.join(terms)}"
