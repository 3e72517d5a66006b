"""Find every broken picture before training: decode them all once, and remember which were good."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from cyclekit.core.curation import Told
from cyclekit.image.picture_set import PictureList
from cyclekit.image.pictures import Contents, Reading, UnreadablePicture
from cyclekit.image.storage import cache_folder, remember
from cyclekit.image.transform import Size
from cyclekit.terminal.screen import progress_bar


class Verdicts(NamedTuple):
    """What looking at each picture of a list gave."""

    sizes: dict[int, Size]
    """Row -> (width, height) of the readable ones, as `open` gives them."""
    broken: dict[int, str]
    """Row -> "file: why" of the others."""
    contents: dict[int, Contents | None]
    """Row -> what its file holds, of the readable ones."""


class Seen(NamedTuple):
    """A readable picture."""

    size: Size
    contents: Contents | None
    """None: its list does not tell."""


def check_pictures(pictures: PictureList, reading: Reading, progress: Told | None = None) -> Verdicts:
    """Decode every picture of a list, on all cores, leaving out those that were good before and have not changed.

    Args:
        reading: how they are read, and thus what is broken.
        progress: called with the state of the work; by default a bar appears after 2 seconds.
    """
    verdicts = Verdicts({}, {}, {})
    stored = [(row, one) for row in range(len(pictures.names)) if (one := pictures.stored(row)) is not None]
    marks = {row: _digest(f"{type(pictures).__name__}|{reading}|{one.mark}") for row, one in stored}
    memory = _memory_of([one.name for _, one in stored])
    known = _recalled(memory)
    for row in [row for row, mark in marks.items() if mark in known]:
        verdicts.sizes[row], verdicts.contents[row] = known[marks[row]]
    unknown = [row for row in marks if row not in verdicts.sizes]
    bar = progress_bar("looking at every picture", after=2) if progress is None else contextlib.nullcontext(progress)
    with bar as told:
        for row, seen, why in _looked_at(pictures, unknown, reading, told):
            if seen is None:
                verdicts.broken[row] = why
            else:
                verdicts.sizes[row], verdicts.contents[row] = seen
    if memory is not None and any(row in verdicts.sizes for row in unknown):
        _memorise(memory, {marks[row]: Seen(size, verdicts.contents[row]) for row, size in verdicts.sizes.items()})
    return verdicts


def _looked_at(
    pictures: PictureList, rows: Sequence[int], reading: Reading, progress: Told
) -> Iterable[tuple[int, Seen | None, str]]:
    """(row, what was seen or None, why not) of each row. Threads are enough: decoders work outside Python's lock."""

    def look(row: int) -> tuple[int, Seen | None, str]:
        noticed: list[Contents] = []
        try:
            size = pictures.open(row, reading._replace(noticed=noticed.append)).size
            return row, Seen(size, noticed[-1] if noticed else None), ""
        except UnreadablePicture as unreadable:
            return row, None, str(unreadable)

    if not rows:
        return
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for done, verdict in enumerate(pool.map(look, rows), start=1):
            yield verdict
            progress(done, len(rows))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _memory_of(names: Sequence[str]) -> Path | None:
    """The file that remembers a list, told from others by its ends; None where nothing can be remembered."""
    folder = cache_folder()
    if folder is None or not names:
        return None
    return folder / "readable" / f"{_digest('|'.join(map(os.path.abspath, (names[0], names[-1]))))}.txt"


def _recalled(memory: Path | None) -> dict[str, Seen]:
    """Marks of pictures that were readable, with what was seen. Whatever is wrong with the memory, it is then empty."""
    try:
        lines = memory.read_text().splitlines() if memory is not None else []
        told = map(json.loads, lines)
        return {mark: Seen((width, height), facts and Contents(*facts)) for mark, width, height, facts in told}
    except (OSError, ValueError, TypeError):
        return {}


def _memorise(memory: Path, seen: dict[str, Seen]) -> None:
    text = "".join(json.dumps([mark, *size, contents]) + "\n" for mark, (size, contents) in seen.items())
    remember(memory, lambda path: path.write_text(text))
