"""Which files lie below a folder: the one walk for pictures and text, to train on, to translate and to look over."""

from __future__ import annotations

import heapq
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from cyclekit.registry import RecipeError

LITTER = frozenset({"thumbs.db", "desktop.ini"})
"""Files that systems leave in folders, beside hidden ones: passed over like these, and not worth a word."""


class Other(NamedTuple):
    """Something below a folder that is not read."""

    path: Path
    what: str
    """What it is, in a word or two that can be counted: `.heic`, `named pipe`."""


class Walked(NamedTuple):
    """What lies below a folder."""

    files: list[Path]
    """Files to read, sorted by path."""
    others: list[Other]
    """What is not read. Hidden files and folders are passed over without a word."""

    def only(self, wanted: Callable[[Path], bool]) -> Walked:
        """The same with the files that are not wanted among the others, called by their endings."""
        rest = [Other(path, path.suffix.lower() or "without an ending") for path in self.files if not wanted(path)]
        return Walked([path for path in self.files if wanted(path)], self.others + rest)


class Found(NamedTuple):
    """Something below a folder, as a walk comes by it."""

    path: str
    what: str
    """"file", or what else it is: see `Other`."""
    real: str
    """Where it lies, links resolved."""


def walk(folder: Path) -> Walked:
    """All regular files in a folder and the folders below it, each once; see `walking`.

    Raises:
        RecipeError: a folder cannot be listed.
    """
    found = Walked([], [])
    for path, what, _ in walking(folder):
        if what == "file":
            found.files.append(Path(path))
        else:
            found.others.append(Other(Path(path), what))
    found.files.sort(key=Path.as_posix)
    found.others.sort(key=lambda other: other.path.as_posix())
    return found


def walking(folder: Path) -> Iterator[Found]:
    """What lies in a folder and the folders below it, each file once, in no order. Memory grows with folders alone.

    Links are followed, except those that lead back to a folder above, or to one that was walked already: a folder that
    is reached by its own path and by a link is listed by its own. Pipes, sockets and devices, which would block a
    reader, and links to nothing are not files.

    Raises:
        RecipeError: a folder cannot be listed.
    """
    root = os.path.realpath(folder)
    folders: list[str] = [str(folder)]
    links: list[tuple[int, str]] = []
    seen: set[str] = set()
    while folders or links:
        is_link = not folders  # links come last: what is reached both ways is listed by its own path
        here = heapq.heappop(links)[1] if is_link else folders.pop()
        real = os.path.realpath(here)
        if real in seen or (is_link and (_holds(real, root) or _holds(real, os.path.realpath(os.path.dirname(here))))):
            if is_link:
                yield Found(here, "link to a folder above, or to one that is read already", real)
            continue
        seen.add(real)
        for entry in _entries(here):
            kind = _kind(entry)
            if kind != "folder":
                own = os.path.realpath(entry.path) if entry.is_symlink() else os.path.join(real, entry.name)
                yield Found(entry.path, kind, own)
            elif entry.is_symlink():
                heapq.heappush(links, (entry.path.count(os.sep), entry.path))  # those higher up come first
            else:
                folders.append(entry.path)


def kind_of(mode: int) -> str:
    """What a path is, of its `st_mode`: "folder", "file", or what else."""
    kinds = {stat.S_IFDIR: "folder", stat.S_IFREG: "file", stat.S_IFIFO: "named pipe", stat.S_IFSOCK: "socket"}
    return kinds.get(stat.S_IFMT(mode), "device")


def counted(others: Sequence[Other]) -> str:
    """Others in words, the most frequent first: `12 .heic, 1 named pipe`; empty where there are none."""
    return ", ".join(f"{often:,} {what}" for what, often in Counter(what for _, what in others).most_common())


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """What a folder holds, without hidden things and litter."""
    try:
        with os.scandir(folder) as entries:
            for one in entries:
                if not one.name.startswith(".") and one.name.lower() not in LITTER:
                    yield one
    except OSError as error:
        raise RecipeError(f"{folder}: cannot be listed: {error.strerror or error}") from error


def _kind(entry: os.DirEntry[str]) -> str:
    try:
        if entry.is_dir():
            return "folder"
        return "file" if entry.is_file() else kind_of(entry.stat().st_mode)
    except OSError:
        return "link to nothing" if entry.is_symlink() else "unreadable entry"


def _holds(folder: str, other: str) -> bool:
    """Whether `other` is `folder` or lies below it; both resolved."""
    return other == folder or other.startswith(folder.rstrip(os.sep) + os.sep)
