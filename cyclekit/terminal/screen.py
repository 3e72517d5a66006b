"""rich's console and bars as this house uses them: nothing unsafe reaches a terminal, and notebooks are served too."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.segment import Segment

from cyclekit.terminal.printable import printable, say


class Screen(Console):
    """A console whose words are `printable`, whatever is drawn on it."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """As rich renders it, with the words of every piece cleaned; rich's own control codes stay."""
        for piece in super().render(renderable, options):
            yield piece if piece.control else Segment(printable(piece.text), piece.style)

    @property
    def is_live(self) -> bool:
        """Whether what stands there can be drawn over: on a terminal that moves its cursor, or in a notebook."""
        if self.is_jupyter:
            return importlib.util.find_spec("ipywidgets") is not None  # without them rich can only append
        return self.is_terminal and not self.is_dumb_terminal


def table_screen() -> Screen:
    """Standard output for tables: as wide as its window, or where it has none, wide enough to keep numbers whole.

    Words in square brackets are words: names of folders and of data have them.
    """
    screen = Screen(markup=False)
    return screen if screen.is_terminal or screen.is_jupyter else Screen(width=120, markup=False)


@contextmanager
def progress_bar(what: str, *, stays: bool = False, hidden: bool = False, after: float = 0.0) -> Iterator[Any]:
    """How far a long call has come and how long it will take: the callable to tell (done, total).

    A bar on a terminal and in a notebook; a line now and then in a notebook without ipywidgets; nothing elsewhere.

    Args:
        stays: whether the bar is left standing at the end.
        hidden: show nothing.
        after: seconds before which nothing is shown.
    """
    screen = Screen(file=sys.stderr)
    if hidden or not (screen.is_live or screen.is_jupyter):
        yield lambda done, total: None
        return
    shown = _Bar(what, screen, stays, after) if screen.is_live else _Lines(what, after)
    try:
        yield shown
    finally:
        shown.end()


class _Bar:
    """A bar, from a time on."""

    def __init__(self, what: str, screen: Screen, stays: bool, after: float) -> None:
        columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
        self.bar = Progress(*columns, console=screen, transient=not stays)
        self.task = self.bar.add_task(escape(what), total=None)
        self.begins = time.monotonic() + after
        if not after:
            self.bar.start()

    def __call__(self, done: int, total: int | None) -> None:
        self.bar.update(self.task, completed=done, total=total)
        if not self.bar.live.is_started and time.monotonic() >= self.begins and done != total:
            self.bar.start()

    def end(self) -> None:
        if self.bar.live.is_started:
            self.bar.stop()


class _Lines:
    """A line every few seconds."""

    EVERY = 5.0

    def __init__(self, what: str, after: float) -> None:
        self.what, self.began = what, time.monotonic()
        self.next = self.began + max(after, self.EVERY)

    def __call__(self, done: int, total: int | None) -> None:
        now = time.monotonic()
        if now < self.next or not done:
            return
        self.next = now + self.EVERY
        left = f"/{total:,}, {(total - done) * (now - self.began) / done:,.0f} s left" if total else ""
        say(f"{self.what}: {done:,}{left}")

    def end(self) -> None:
        pass
