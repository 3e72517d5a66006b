"""The command line in tests: inside this process, which is fast, or in one of its own, where that matters."""

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Mapping
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


SETTINGS = flags(TINY)
"""TINY, as the command line takes it."""


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
    return subprocess.Popen(
        [sys.executable, "-m", "cyclekit", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def process(*arguments: object, cwd=None, **environment: str) -> Result:
    """A command in a process of its own, to its end."""
    started = start(*arguments, cwd=cwd, **environment)
    out, err = started.communicate(timeout=240)
    return Result(started.returncode, out, err)


def mistake(result: Result) -> str:
    """The one line that a user's mistake ends with; asserts that it is one, and the exit status 2."""
    assert result.status == 2, result
    assert "Traceback" not in result.err
    *before, line = result.err.splitlines()
    assert line.startswith("cyclekit: ")
    assert not any(other.startswith("cyclekit: ") for other in before)
    return line.removeprefix("cyclekit: ")


def below(folder: Path) -> set[str]:
    """The files that lie in a folder or deeper, by their paths from there."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
