"""Long calls show how far they have come, on a terminal and in a notebook; elsewhere, or if quiet, nothing."""

import contextlib
import io
import sys
import types

import pytest
from rich.table import Table

from cyclekit.cli.console import print_metrics
from cyclekit.terminal import screen as screens
from cyclekit.terminal.screen import Screen, progress_bar


class ATerminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def notebook(monkeypatch):
    """rich in a notebook, with stand-ins for what a notebook brings; what is displayed is remembered."""
    displayed = []

    class Output:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def close(self):
            displayed.append("closed")

        def clear_output(self, wait=False):
            displayed.append("cleared")

    display = types.ModuleType("IPython.display")
    display.display = lambda shown, **_: displayed.append(shown)
    widgets = types.ModuleType("ipywidgets")
    widgets.Output, widgets.__spec__ = Output, types.SimpleNamespace()
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setitem(sys.modules, "ipywidgets", widgets)
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    return displayed


def work(total=3, file=None, what="translating", **options):
    """A long call; what it showed on a terminal, or on another file."""
    file = file or ATerminal()
    with contextlib.redirect_stderr(file), progress_bar(what, **options) as told:
        for done in range(1, total + 1):
            told(done, total)
    return file.getvalue()


@pytest.fixture(autouse=True)
def xterm(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")


def test_a_terminal_sees_a_bar_with_the_time_left():
    shown = work(stays=True)
    assert "translating" in shown
    assert "3/3" in shown
    assert "0:00:0" in shown


def test_nothing_is_shown_elsewhere_or_if_hidden_or_soon_done(monkeypatch):
    assert work(hidden=True) == work(after=60) == work(file=io.StringIO()) == ""
    monkeypatch.setenv("TERM", "dumb")
    assert work() == ""


def test_a_bar_that_waits_shows_itself_when_work_is_long(monkeypatch):
    clock = iter(range(0, 1000, 2))
    monkeypatch.setattr(screens.time, "monotonic", lambda: next(clock))
    assert "3/3" in work(after=3, stays=True)


def test_a_notebook_sees_a_bar(notebook):
    assert Screen().is_live
    work()
    assert len([one for one in notebook if not isinstance(one, str)]) >= 2


def test_a_notebook_without_widgets_sees_lines(notebook, monkeypatch):
    monkeypatch.setattr(screens.importlib.util, "find_spec", lambda name: None)
    clock = iter(range(0, 1000, 4))
    monkeypatch.setattr(screens.time, "monotonic", lambda: next(clock))
    assert work(total=4).splitlines() == ["translating: 2/4, 8 s left", "translating: 4/4, 0 s left"]
    assert notebook == []


ODD = "photos [raw] [/b] [red]"


def test_words_in_brackets_are_words(monkeypatch):
    """Names of folders have them, and what rich takes for markup would vanish, or break."""
    terminal = ATerminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    table = Table(title=ODD)
    table.add_column(ODD)
    table.add_row(ODD)
    screens.table_screen().print(table)
    assert terminal.getvalue().count(ODD) == 3
    assert ODD in work(what=ODD)


def test_metrics_of_data_with_brackets_in_its_name_are_printed(capsys):
    row = {"KID": {"value": 1.0, "spread": None, "interval": [0.9, 1.1]}}
    direction = {"items": 2, "references": 2, "rows": {"translated": row}, "better": {"KID": "lower"}}
    rest = {"protocol": {"KID": {"notes": [ODD]}}, "not measured": {}}
    result = {"data": ODD, "step": 4, "weights": ODD, "beam": None, "directions": {ODD: direction | rest}}
    print_metrics(result)
    printed = capsys.readouterr().out
    assert printed.count(ODD) == 4
    assert "[dim]" not in printed
