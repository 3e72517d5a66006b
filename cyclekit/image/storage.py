"""Files that are whole or not there, and the user's cache folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def cache_folder() -> Path | None:
    """`$XDG_CACHE_HOME/cyclekit` or `~/.cache/cyclekit`; None for a user without a home. It may not exist yet."""
    base = os.environ.get("XDG_CACHE_HOME")
    if base:
        return Path(base) / "cyclekit"
    try:
        return Path.home() / ".cache" / "cyclekit"
    except RuntimeError:
        return None


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make a file beside `path`, then rename it: readers see the old file or the whole new one.

    Raises:
        OSError: the folder cannot be made or written; nothing is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{os.getpid()}-{path.name}")  # keeps the suffix, which tells Pillow the format
    try:
        write(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def remember(path: Path, write: Callable[[Path], object]) -> None:
    """`write_whole` for what is only a convenience: a full disk or an unwritable cache is not an error."""
    try:
        write_whole(path, write)
    except OSError:
        return
