"""Sample sheets for the page: which of them, and each as a data URI of bounded size."""

from __future__ import annotations

import base64
import functools
import io
import math
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

SHEETS = 12
"""At most so many sample sheets are shown."""

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


def inside(folder: Path, file: str) -> Path | None:
    """The file's path, if it lies in the run folder: a page that is passed on must not carry other files."""
    path = (folder / file).resolve()
    return path if path.is_relative_to(folder.resolve()) else None


class Sheet(NamedTuple):
    """A picture ready for the page."""

    uri: str
    width: int
    height: int


@functools.lru_cache(maxsize=4 * SHEETS)
def encoded(path: Path, modified: int) -> Sheet:
    """A sheet as a data URI of bounded size. The time of change is part of the cache's key."""
    with Image.open(path) as file:
        picture = _shrunk(file.convert("RGB"), SHEET_PIXELS)
    for quality in (88, 76):
        jpeg = _jpeg(picture, quality)
        if len(jpeg) <= SHEET_BYTES:
            break
    while len(jpeg) > SHEET_BYTES:
        room = 0.9 * SHEET_BYTES / len(jpeg)
        picture = _shrunk(picture, picture.width * picture.height * room)
        jpeg = _jpeg(picture, quality)
    return Sheet("data:image/jpeg;base64," + base64.b64encode(jpeg).decode(), *picture.size)


def _shrunk(picture: Image.Image, pixels: float) -> Image.Image:
    scale = math.sqrt(pixels / (picture.width * picture.height))
    size = max(1, int(picture.width * scale)), max(1, int(picture.height * scale))
    return picture if scale >= 1 else picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    """Without colour subsampling: pictures of a sheet are small and stand close together."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, subsampling=0)
    return buffer.getvalue()
