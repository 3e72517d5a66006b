"""A folder that is whole or not there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cyclekit.files.whole_file import place_beside, rename
from cyclekit.registry import RecipeError, argument


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """The folder to fill, beside `out`; on leaving it gets that name, after an error or Ctrl-C nothing stays.

    All of it has reached the disk then. What a killed process left behind is removed by the next one that writes there.

    Raises:
        RecipeError: `out` is taken; an empty folder is not.
        OSError: the place cannot be written.
    """
    refuse_taken(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = place_beside(out)
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    try:
        yield beside
        refuse_taken(out)
        rename(beside, out)  # onto an empty folder too
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def refuse_taken(out: Path) -> None:
    """Nothing that is there is ever overwritten.

    Raises:
        RecipeError: `out` is a file, or a folder that holds something.
    """
    if out.name in ("", ".."):
        raise RecipeError(f"{argument('out', out)}: is no name for a new folder; write one, such as data/mine")
    if out.is_dir() and not any(out.iterdir()):
        return
    if out.exists() or out.is_symlink():
        raise RecipeError(f"{out}: exists already; choose another name with {argument('out')}, or remove it")
