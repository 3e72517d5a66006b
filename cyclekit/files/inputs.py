"""Files to translate, whatever they hold: which they are, where each goes, and mistakes told before any work.

They may be millions. What is found lies in a database on the disk, a temporary file that goes with its connection, so
that memory does not grow with them.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from cyclekit.files.walking import Other, kind_of, walking
from cyclekit.files.whole_file import whole_file
from cyclekit.registry import RecipeError, argument


class Input(NamedTuple):
    """One file to translate, and where it goes, relative to the output folder."""

    path: Path
    place: Path


class Inputs:
    """What was found to translate: iterating gives each `Input`, in the order of what was given and of paths."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None)  # a temporary file of SQLite's
        for line in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "PRAGMA cache_size = -4096",
            "PRAGMA temp_store = FILE",
            "CREATE TABLE files (given INTEGER, path BLOB, place BLOB, real BLOB)",
            "CREATE TABLE others (path BLOB PRIMARY KEY, what TEXT) WITHOUT ROWID",
            "BEGIN",
        ):
            self._base.execute(line)

    def __iter__(self) -> Iterator[Input]:
        for path, place in self._base.execute("SELECT path, place FROM files ORDER BY given, path"):
            yield Input(_path(path), _path(place))

    def __len__(self) -> int:
        return self._one("SELECT COUNT(*) FROM files")[0]

    @property
    def others(self) -> Iterator[Other]:
        """What lies in the given folders and is not read, each once."""
        for path, what in self._base.execute("SELECT path, what FROM others ORDER BY path"):
            yield Other(_path(path), what)

    @property
    def not_read(self) -> str:
        """The same in words, the most frequent first: `12 .heic, 1 named pipe`; empty where there is nothing."""
        found = self._base.execute("SELECT COUNT(*), what FROM others GROUP BY what ORDER BY 1 DESC, MIN(path)")
        return ", ".join(f"{often:,} {what}" for often, what in found)

    def add(self, given: int, path: str, place: Path, real: str) -> None:
        """A file of the `given`-th input."""
        row = (given, os.fsencode(path), os.fsencode(place), os.fsencode(real))
        self._base.execute("INSERT INTO files VALUES (?, ?, ?, ?)", row)

    def pass_over(self, path: str, what: str) -> None:
        """Something that is not read."""
        self._base.execute("INSERT OR IGNORE INTO others VALUES (?, ?)", (os.fsencode(path), what))

    def index(self) -> None:
        """What makes looking up fast, once all is there."""
        for column in ("place", "real"):
            self._base.execute(f"CREATE INDEX by_{column} ON files ({column})")

    def clash(self) -> tuple[Path, Path, Path] | None:
        """The first two files that would be written to one place, and that place."""
        found = self._one(
            "SELECT place FROM files GROUP BY place HAVING MIN(path) <> MAX(path) ORDER BY MIN(given), place LIMIT 1"
        )
        if found is None:
            return None
        there = "SELECT path FROM files WHERE place = ? GROUP BY path ORDER BY MIN(given), path LIMIT 2"
        one, other = (path for (path,) in self._base.execute(there, found))
        return _path(one), _path(other), _path(found[0])

    def has(self, real: str) -> bool:
        """Whether this is one of the files, by its path without links."""
        return self._one("SELECT 1 FROM files WHERE real = ? LIMIT 1", os.fsencode(real)) is not None

    def once(self) -> Inputs:
        """The same, but a file that was given twice is there once."""
        first = "SELECT MIN(rowid) FROM files GROUP BY path"
        self._base.execute(f"DELETE FROM files WHERE rowid NOT IN ({first})")
        return self

    def _one(self, question: str, *given: Any) -> Any:
        return self._base.execute(question, given).fetchone()


def find_inputs(
    inputs: Sequence[str],
    out: Path,
    *,
    wanted: Callable[[Path], bool] = lambda path: True,
    none_below: str,
    written: Callable[[Path], Path] = lambda place: place,
    irregular: str = "and a file or a folder is wanted",
) -> Inputs:
    """The given files, and those of the given folders; not those in `out` where it lies below a folder, which are
    translations from an earlier time. A file that is given twice is found twice.

    Args:
        wanted: which files of a folder count; those that are named do, whatever they are.
        none_below: what to say of a folder without any.
        written: the name under which the translation of a file is written.
        irregular: what to say further of a path that is there, but is neither file nor folder, such as a named pipe.

    Raises:
        RecipeError: an input is missing, a folder has no file that counts, or two files would be written to one place.
    """
    found, resolved = Inputs(), os.path.realpath(out)
    for number, given in enumerate(map(Path, inputs)):
        if given.is_dir():
            earlier = resolved + os.sep if given.resolve() in Path(resolved).parents else None
            before = len(found)
            for path, what, real in walking(given):
                if earlier is not None and real.startswith(earlier):
                    continue
                if what == "file" and wanted(Path(path)):
                    found.add(number, path, written(Path(path).relative_to(given)), real)
                else:
                    found.pass_over(path, _ending(path) if what == "file" else what)
            if len(found) == before:
                held = found.not_read
                raise RecipeError(f"{given}: {none_below}" + (f"; it holds {held}" if held else ""))
        elif given.is_file():
            found.add(number, str(given), written(Path(given.name)), os.path.realpath(given))
        elif given.exists():
            raise RecipeError(f"{given}: is a {kind_of(given.stat().st_mode)}, {irregular}")
        else:
            raise RecipeError(f"{given}: no such file or folder")
    found.index()
    if clash := found.clash():
        one, other, place = clash
        raise RecipeError(f"{one} and {other} would both be written as {place}; translate them apart")
    return found


def make_output(out: Path, found: Inputs) -> None:
    """The folder to write to, once it is sure that nothing written there replaces an input.

    Raises:
        RecipeError: an input would be overwritten, or the folder cannot be made.
    """
    # Each folder is asked about once; not for longer, since what a relative path means changes.
    real_folder = lru_cache(maxsize=1024)(os.path.realpath)
    for item in found:
        there = out / item.place
        # What is not there yet replaces nothing.
        if os.path.lexists(there) and found.has(_real(there, real_folder)):
            raise RecipeError(f"{there}: a translation would overwrite this input; choose another {argument('out')}")
    with clear_errors(out):
        out.mkdir(parents=True, exist_ok=True)


def _real(path: Path, real_folder: Callable[[str], str]) -> str:
    """`os.path.realpath`, where that of a folder may be remembered."""
    return os.path.realpath(path) if path.is_symlink() else os.path.join(real_folder(str(path.parent)), path.name)


def _ending(path: str) -> str:
    return os.path.splitext(path)[1].lower() or "without an ending"


def _path(stored: bytes) -> Path:
    return Path(os.fsdecode(stored))


@contextmanager
def translated_file(place: Path) -> Iterator[Path]:
    """A `whole_file` to write a translation to.

    Raises:
        RecipeError: it cannot be written.
    """
    with clear_errors(place), whole_file(place) as beside:
        yield beside


@contextmanager
def clear_errors(place: Path) -> Iterator[None]:
    """Turn what a disk refuses into one clear line."""
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        raise RecipeError(f"{place}: cannot be written: {why}; choose another {argument('out')}") from error
