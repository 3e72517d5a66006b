"""Commands that are printed can be pasted: as the program was called, where its name alone would not find it."""

import os
import shlex
import shutil
import subprocess
import sys

import pytest

from cyclekit.cli import COMMANDS as ALL
from cyclekit.terminal.called import COMMANDS, as_called


def test_every_command_is_known():
    assert set(COMMANDS) == {*ALL, "data"}


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A program called cyclekit, in a folder that is not on the PATH."""
    place = tmp_path / "my env" / "bin" / "cyclekit"
    place.parent.mkdir(parents=True)
    place.write_text("#!/bin/sh\n")
    place.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(place)])
    monkeypatch.setenv("PATH", os.defpath)
    return place


def test_a_program_off_the_path_is_named_as_it_was_called(program):
    line = "is a run already; go on with it: cyclekit run --resume runs/a; see `cyclekit list`, cyclekit: no more"
    called = shlex.quote(str(program))
    said = as_called(line)
    assert said == line.replace("cyclekit run", f"{called} run").replace("cyclekit list", f"{called} list")
    assert as_called("runs/cyclekit run, pycyclekit run, /bin/cyclekit run, cyclekit runs") == (
        "runs/cyclekit run, pycyclekit run, /bin/cyclekit run, cyclekit runs"
    )


def test_a_program_on_the_path_keeps_its_name(program, monkeypatch):
    monkeypatch.setenv("PATH", str(program.parent))
    assert as_called("cyclekit run") == "cyclekit run"
    monkeypatch.setattr(sys, "argv", ["cyclekit"])
    monkeypatch.setenv("PATH", os.defpath)
    assert as_called("cyclekit run") == "cyclekit run"
    monkeypatch.setattr(sys, "argv", ["/usr/lib/python/notebook"])
    assert as_called("cyclekit run") == "cyclekit run"


def test_another_program_of_that_name_on_the_path_is_not_meant(program, tmp_path, monkeypatch):
    other = shutil.copy(program, tmp_path)
    monkeypatch.setenv("PATH", os.path.dirname(other))
    assert as_called("cyclekit run") == f"{shlex.quote(str(program))} run"


def test_the_installed_program_says_what_can_be_pasted(tmp_path):
    program = os.path.join(os.path.dirname(sys.executable), "cyclekit")
    away = {**os.environ, "PATH": os.defpath}
    ended = subprocess.run([program, "translate", tmp_path, "-"], env=away, capture_output=True, text=True)
    assert ended.returncode == 2
    assert f"`{program} run` makes one under runs/" in ended.stderr
