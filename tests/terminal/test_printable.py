"""Nothing that a terminal would obey is printed as it stands, whoever wrote it: a file's name, a server, a recipe."""

import io
import os
import pty
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.progress import Progress
from rich.table import Table

from cyclekit.terminal.printable import UNSAFE, answer, printable
from cyclekit.terminal.screen import Screen
from tests.commands import call, mistake

EVIL = "\x1b]0;owned\x07\x1b[2J\rrm -rf\u202egpj\x9b1m\udcff"


def test_what_a_terminal_would_obey_is_written_out():
    assert printable("a\x1b[2Jb") == "a\\x1b[2Jb"
    assert printable("\u202egpj.exe") == "\\u202egpj.exe"
    assert printable("\udcff") == "\\udcff"
    assert printable("Übung 日本語 🙂 →\ttab\n") == "Übung 日本語 🙂 →\ttab\n"


@given(st.text())
def test_what_is_printable_stays_and_nothing_else_is_left(words):
    shown = printable(words)
    assert UNSAFE.search(shown) is None
    assert printable(shown) == shown
    assert (shown == words) == (UNSAFE.search(words) is None)


def drawn(what) -> str:
    file = io.StringIO()
    screen = Screen(file=file, force_terminal=True, color_system="truecolor", width=80, legacy_windows=False)
    screen.print(what, highlight=False)
    return file.getvalue()


def test_tables_and_bars_are_cleaned_and_keep_rich_s_own_colours():
    table = Table(title=EVIL)
    table.add_column(EVIL)
    table.add_row(f"[red]{EVIL}[/red]")
    for one in (EVIL, table):
        shown = drawn(one)
        assert "\\x1b]0;owned" in shown.replace("\n", "")
        assert "\x1b]0;" not in shown
        assert "\x1b[2J" not in shown
        assert "\u202e" not in shown
        assert "\x9b" not in shown
    assert "\x1b[31m" in drawn("[red]fine[/red]")
    file = io.StringIO()
    with Progress(console=Screen(file=file, force_terminal=True, width=80), transient=False) as bar:
        bar.add_task("to \x1b[2J" + "x")
    assert "to \\x1b" in file.getvalue()
    assert "\x1b[2J" not in file.getvalue()


def test_a_mistake_names_a_path_without_obeying_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for arguments in (["run", EVIL], ["translate", EVIL, "x"], ["data", "check", EVIL], ["report", EVIL], [EVIL]):
        line = mistake(call(*arguments))
        assert UNSAFE.search(line) is None
        assert "\\x1b" in line


def test_results_reach_a_pipe_to_the_byte(tmp_path, monkeypatch):
    code = "import sys; from cyclekit.terminal.printable import answer; answer(sys.argv[1])"
    name = b"a\x1b[2J\xff\xfe"
    done = subprocess.run([sys.executable.encode(), b"-c", code.encode(), name], capture_output=True)
    assert (done.returncode, done.stdout) == (0, name + b"\n"), done.stderr


def test_results_on_a_terminal_are_cleaned():
    code = "import sys; from cyclekit.terminal.printable import answer; answer(sys.argv[1])"
    ours, theirs = pty.openpty()
    done = subprocess.run([sys.executable.encode(), b"-c", code.encode(), b"a\x1b[2J\xff"], stdout=theirs)
    os.close(theirs)
    with os.fdopen(ours, "rb") as read:
        assert (done.returncode, read.read1(100).strip()) == (0, b"a\\x1b[2J\\udcff")


def test_plain_answers_are_lines(capsys):
    answer("one")
    assert capsys.readouterr().out == "one\n"


@pytest.mark.parametrize(
    "module",
    ["cli/recipes.py", "cli/train.py", "cli/use.py", "cli/compare.py", "cli/data.py", "cli/data_check.py", "api.py"],
)
def test_commands_print_through_the_one_place(module):
    """A print of its own would be a way around it."""
    from cyclekit.recipe.loading import PACKAGE

    assert " print(" not in (PACKAGE / module).read_text()
