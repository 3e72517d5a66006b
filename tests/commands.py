"""The command line in tests: inside this process, which is fast, or in one of its own, where that matters."""

import contextlib
import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from cyclekit.cli import main

TINY = {
    "data.validation": 0,
    "validation.metrics": [],
    "validation.criterion": None,
    "data.load_size": 18,
    "data.crop_size": 16,
    "generator.width": 4,
    "generator.blocks": 1,
    "discriminator.width": 4,
    "discriminator.layers": 1,
    "train.steps": 4,
    "train.batch_size": 1,
    "train.workers": 0,
    "train.log_every": 1,
    "sample.rows": 2,
}
"""monet2photo small enough to train in a second."""


def flags(settings: Mapping[str, object]) -> list[str]:
    """Settings as the command line takes them."""
    said = {key: "null" if value is None else value for key, value in settings.items()}
    return [argument for key, value in said.items() for argument in ("--set", f"{key}={value}")]


SETTINGS = [*flags(TINY), "--profile", "published"]
"""TINY, which says more of the published parts, as the command line takes it."""

PATIENCE = 600.0
"""Seconds after which what a test waits for will not come: no machine is as slow, or as busy."""


class Result(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


def call(*arguments: object) -> Result:
    """A command in this process, through the same entry point."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="", write_through=True) for _ in range(2))
    before, sys.argv = sys.argv, ["cyclekit", *map(str, arguments)]
    status = None
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    except SystemExit as ended:
        status = ended.code
    finally:
        sys.argv = before
    assert isinstance(status, int)
    return Result(status, *(stream.buffer.getvalue().decode() for stream in (out, err)))


def start(*arguments: object, cwd=None, **environment: str) -> subprocess.Popen:
    """A command in a process, and a process group, of its own."""
    return _started([sys.executable, "-m", "cyclekit", *arguments], cwd, environment)


def _started(command: Sequence[object], cwd=None, environment: Mapping[str, str] | None = None) -> subprocess.Popen:
    return subprocess.Popen(
        [*map(str, command)],
        cwd=cwd,
        # as many threads as this process has: the same sums
        env={"OMP_NUM_THREADS": "1", **os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


HELD = """
import sys, time
from cyclekit.callbacks.saver import Saver
from cyclekit.cli import main
last, stepped = int(sys.argv.pop(1)), Saver.stepped
def hold(self, training):
    stepped(self, training)
    while training.step == last and not training.asked_to_stop:
        time.sleep(0.01)
Saver.stepped = hold
main()
"""


def start_held(last: int, *arguments: object) -> subprocess.Popen:
    """`start` of a training that stays at step `last`, saved, until somebody ends it: it never outruns its test."""
    return _started([sys.executable, "-c", HELD, last, *arguments])


def wait_for(condition: Callable[[], object], running: subprocess.Popen) -> None:
    """Wait until a condition holds, which it must while a process runs."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.0005)


def process(*arguments: object, cwd=None, **environment: str) -> Result:
    """A command in a process of its own, to its end."""
    started = start(*arguments, cwd=cwd, **environment)
    out, err = started.communicate(timeout=PATIENCE)
    return Result(started.returncode, out, err)


def mistake(result: Result) -> str:
    """The one line that a user's mistake ends with; asserts that it is one, and the exit status 2."""
    assert result.status == 2, result
    assert "Traceback" not in result.err
    *before, line = result.err.splitlines()
    assert line.startswith("cyclekit: ")
    assert not any(other.startswith("cyclekit: ") for other in before)
    line = line.removeprefix("cyclekit: ")
    place, then = [*line.split(": "), ""][:2]
    twice = place in [then, *then.split("/")] or place.startswith(f"--set {then}=")
    assert not twice, "a place is named once"
    return line


def below(folder: Path) -> set[str]:
    """The files that lie in a folder or deeper, by their paths from there."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
