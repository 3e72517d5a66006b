"""Sample sheets for the page: which of them, and each as a data URI of bounded size."""

from __future__ import annotations

import base64
import functools
import io
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

SHEETS = 40
"""At most so many sample sheets are shown."""

BUDGET = 11_000_000
"""Letters that the sheets of one page may take together: so a page stays below 15 MB, curves and all."""

SHEET_PIXELS, SHEET_BYTES = 2_400_000, 600_000
"""Bounds for one sheet as it is shown; the file in the run folder keeps its full size."""


def spread(items: list[Any], most: int = SHEETS) -> list[Any]:
    """At most `most` items evenly over a list, with its first and its last.

    Every 2^k-th item, so that a list that grows keeps most of its choice: a rewrite meets at most one new sheet.
    """
    stride = 1
    while len(items[::stride]) > most - 1 and len(items) > most:
        stride *= 2
    chosen = items[::stride]
    return chosen if not items or (len(items) - 1) % stride == 0 else [*chosen, items[-1]]


def within(items: list[Any], letters_of: Callable[[Any], int], budget: int = BUDGET) -> list[Any]:
    """As many items, spread over a list, as a budget of letters allows; its first and its last always."""
    most = SHEETS
    while True:
        chosen = spread(items, most)
        needed = _letters(chosen, letters_of, budget)
        if needed <= budget or len(chosen) <= 2:
            return chosen
        most = max(2, min(len(chosen) - 1, int(len(chosen) * budget / needed)))


def _letters(chosen: list[Any], letters_of: Callable[[Any], int], budget: int) -> float:
    """What some items need. Where three of them show that it is far too much, nobody has to make the others."""
    some = spread(chosen, 3)
    guess = sum(map(letters_of, some)) * len(chosen) / len(some) if some else 0.0
    return guess if guess > 2 * budget else sum(map(letters_of, chosen))


def inside(folder: Path, file: str) -> Path | None:
    """The file's path, if it lies in the run folder: a page that is passed on must not carry other files."""
    try:
        path = (folder / file).resolve()
    except (OSError, RuntimeError, ValueError):  # links in a circle, or a name that no file can have
        return None
    return path if path.is_relative_to(folder.resolve()) else None


@contextmanager
def odd_file() -> Iterator[None]:
    """Makes a ValueError of whatever decoders raise on broken bytes: OSError, SyntaxError, struct.error, ..."""
    try:
        yield
    except Exception as error:
        raise ValueError(str(error) or type(error).__name__) from error


class EncodedPicture(NamedTuple):
    """A picture ready for the page."""

    uri: str
    width: int
    height: int


@functools.lru_cache(maxsize=2 * SHEETS)
def encoded(path: Path, modified: int) -> EncodedPicture:
    """A sheet as a data URI of bounded size. The time of change is part of the cache's key.

    Raises:
        ValueError: it cannot be read.
    """
    with odd_file(), Image.open(path) as file:
        picture = _shrunk(file.convert("RGB"), SHEET_PIXELS)
    for quality in (88, 76):
        made = jpeg(picture, quality)
        if len(made) <= SHEET_BYTES:
            break
    while len(made) > SHEET_BYTES:
        room = 0.9 * SHEET_BYTES / len(made)
        picture = _shrunk(picture, picture.width * picture.height * room)
        made = jpeg(picture, quality)
    return EncodedPicture(data_uri(made), *picture.size)


def data_uri(picture: bytes) -> str:
    """A JPEG file as an address that needs no network."""
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode()


def jpeg(picture: Image.Image, quality: int) -> bytes:
    """A picture as a JPEG file. Without colour subsampling: pictures of a sheet are small and stand close together."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()


def _shrunk(picture: Image.Image, pixels: float) -> Image.Image:
    scale = math.sqrt(pixels / (picture.width * picture.height))
    size = max(1, int(picture.width * scale)), max(1, int(picture.height * scale))
    return picture if scale >= 1 else picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
