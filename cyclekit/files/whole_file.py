"""Files that are whole or not there: written beside their place, flushed to the disk, then renamed."""

from __future__ import annotations

import contextlib
import errno
import os
import platform
import shutil
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import psutil

HERE = f".cyclekit-{zlib.crc32(platform.node().encode()):08x}-"
"""How the names of what this machine is writing begin; the writing process's id follows, and the name it will get."""

LONGEST = 200
"""Bytes of a name that still leave room for that beginning in the 255 which file systems allow."""

_swept: set[tuple[int, str]] = set()
_sweeping = Lock()


@contextmanager
def whole_file(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """The file to write, beside `path`; on leaving it gets that name, after an error or Ctrl-C nothing stays.

    Who reads `path` meanwhile sees the old file, or afterwards the whole new one. Two processes may write it at once.
    What a killed process left behind is removed by the next one that writes into the folder.

    Args:
        path: its folder is made where it is missing.
        durable: have it reach the disk before it takes the old one's place, so that a power cut loses neither. False
            for what is made anew at no cost, such as caches.

    Raises:
        OSError: the folder cannot be made or written; what stood there before is untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = place_beside(path)
    try:
        yield beside
        rename(beside, path, durable=durable)
    finally:
        with contextlib.suppress(OSError):  # a disk that refuses this too has said why already
            beside.unlink(missing_ok=True)


def write_whole(path: Path, content: str | bytes, *, durable: bool = True) -> None:
    """Write text, as UTF-8 with its line ends as they are, or bytes to a `whole_file`.

    Raises:
        OSError: the folder cannot be made or written; what stood there before is untouched.
        UnicodeEncodeError: the text holds half of a surrogate pair, which UTF-8 has no bytes for.
    """
    encoded = content.encode("utf-8") if isinstance(content, str) else content
    with whole_file(path, durable=durable) as beside:
        beside.write_bytes(encoded)


def place_beside(path: Path) -> Path:
    """Where to write what will be `path`: hidden, of this process alone, and with the suffix that tells the format.

    What processes of this machine left in the folder that are gone is removed, when this process first writes there.
    """
    folder = os.path.abspath(path.parent)
    with _sweeping:  # before another thread writes there too
        if (os.getpid(), folder) not in _swept:
            _swept.add((os.getpid(), folder))
            sweep_folder(path.parent)
    name, encoded = path.name, os.fsencode(path.name)
    if len(encoded) > LONGEST:  # of several that end alike, each is another
        name = f"{zlib.crc32(encoded):08x}-{name[-LONGEST // 4 :]}"
    return path.with_name(f"{HERE}{os.getpid()}-{name}")


def sweep_folder(folder: Path) -> None:
    """Remove what processes of this machine that are gone left half-written in a folder; not in those below it."""
    with contextlib.suppress(OSError):
        for left in list(folder.glob(f"{HERE}*")):
            owner = left.name.removeprefix(HERE).partition("-")[0]
            # Of this very process, which has not written here yet, it can only be an earlier one's of the same number.
            if owner.isdecimal() and (int(owner) == os.getpid() or not psutil.pid_exists(int(owner))):
                if left.is_dir() and not left.is_symlink():
                    shutil.rmtree(left, ignore_errors=True)
                else:
                    left.unlink(missing_ok=True)


def rename(beside: Path, place: Path, *, durable: bool = True) -> None:
    """Give a file or folder its name, in one instant, once all of it has reached the disk.

    Raises:
        OSError: it cannot be renamed or flushed.
    """
    if durable:
        _flush_all(beside)
    os.replace(beside, place)
    if durable:
        flush(place.parent)


def replace_folder(beside: Path, place: Path) -> None:
    """Give a folder its name, once all of it has reached the disk; one that has it already makes room, and is removed.

    Killed in between, nothing stands there, and what made room is litter for the next process that writes there.

    Raises:
        OSError: it cannot be renamed or flushed.
    """
    if not place.exists():
        return rename(beside, place)
    doomed = place_beside(place.with_name(f"old-{place.name}"))
    shutil.rmtree(doomed, ignore_errors=True)
    os.replace(place, doomed)
    rename(beside, place)
    shutil.rmtree(doomed)


def flush(path: Path) -> None:
    """Make sure that a file, or what a folder lists, has reached the disk before something else relies on it.

    Raises:
        OSError: it is not there, or the disk refuses.
    """
    if os.name == "nt" and path.is_dir():
        return  # Windows opens no folders
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # a network's file system that has no such thing
            raise
    finally:
        os.close(handle)


def _flush_all(place: Path) -> None:
    if not place.is_dir():
        return flush(place)
    # Together: a thousand files take the disk 0.1 s so, and 3 s one after the other.
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(flush, [path for path in place.rglob("*") if not path.is_symlink()]))
    flush(place)
