"""The user's cache folder, and what is kept there."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from cyclekit.files.base_folders import base_folder
from cyclekit.files.whole_file import whole_file


def cache_folder() -> Path | None:
    """`$XDG_CACHE_HOME/cyclekit` or `~/.cache/cyclekit`; None for a user without a home. It may not exist yet."""
    base = base_folder("XDG_CACHE_HOME", ".cache")
    return None if base is None else base / "cyclekit"


def remember(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make a `whole_file` that is only a convenience: a full disk or an unwritable cache is no error."""
    with contextlib.suppress(OSError), whole_file(path, durable=False) as beside:
        write(beside)
