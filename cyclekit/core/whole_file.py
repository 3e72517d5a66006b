"""Files that are whole or not there: written beside their place, then renamed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """The file to write, beside `path`; on leaving it gets that name, after an error or Ctrl-C nothing stays.

    Who reads `path` meanwhile sees the old file, or afterwards the whole new one. Two processes may write it at once.

    Args:
        path: its folder is made where it is missing.
        durable: have it reach the disk before it takes the old one's place, so that a power cut loses neither.

    Raises:
        OSError: the folder cannot be made or written; what stood there before is untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{os.getpid()}-{path.name}")  # keeps the suffix, which tells Pillow the format
    try:
        yield beside
        if durable:
            flush(beside)
        beside.replace(path)
    finally:
        with contextlib.suppress(OSError):  # a disk that refuses this too has said why already
            beside.unlink(missing_ok=True)


def write_whole(path: Path, content: str | bytes, *, durable: bool = False) -> None:
    """Write text, as UTF-8 with its line ends as they are, or bytes to a `whole_file`.

    Raises:
        OSError: the folder cannot be made or written; what stood there before is untouched.
        UnicodeEncodeError: the text holds half of a surrogate pair, which UTF-8 has no bytes for.
    """
    encoded = content.encode("utf-8") if isinstance(content, str) else content
    with whole_file(path, durable=durable) as beside:
        beside.write_bytes(encoded)


def flush(path: Path) -> None:
    """Make sure that a file, or what a folder lists, has reached the disk before something else relies on it.

    Raises:
        OSError: it is not there, or the disk refuses.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
