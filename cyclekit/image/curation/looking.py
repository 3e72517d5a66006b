"""Look at every picture of a set once: its size, its mode, its digest, what it is like."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from cyclekit.core.curation import Told
from cyclekit.image.curation.likeness import Likeness, likeness
from cyclekit.image.picture_set import PictureList
from cyclekit.image.pictures import Contents, Reading, UnreadablePicture

CONSTANT = 8
"""Levels of 255 that a picture of one colour may spread over: JPEG leaves as many."""

GREY = 8
"""Levels by which the channels of a grey picture may differ, at 32x32: JPEG leaves as many."""


class PictureGroup(NamedTuple):
    """Pictures of one domain and split."""

    name: str
    """As findings and tables name it: `trainA`, `test left`."""
    split: str
    """"train" or "test"."""
    domain: str
    pictures: PictureList


class Look(NamedTuple):
    """What was seen of one picture."""

    group: int
    row: int
    name: str
    """Group and picture, as findings name it."""
    size: tuple[int, int]
    """(width, height), upright."""
    mode: str
    """As stored: RGB, L, P, ..., or the type of numbers that Pillow does not know; empty where that is not known."""
    digest: bytes
    """Of size and pixels: equal pictures have equal ones, however they are stored."""
    constant: bool
    grey: bool
    likeness: Likeness
    contents: Contents | None
    """What its file holds; None: that is not known."""


class Looks(NamedTuple):
    """A whole set looked at."""

    groups: Sequence[PictureGroup]
    seen: list[Look]
    broken: dict[str, str]
    """Name -> why it cannot be read."""
    paired: bool
    """Row i of one domain belongs to row i of the other, in every split."""


def look_at(groups: Sequence[PictureGroup], paired: bool, progress: Told | None = None) -> Looks:
    """Decode every picture of every group once, on all cores."""
    work = [(number, row) for number, one in enumerate(groups) for row in range(len(one.pictures.names))]
    looks = Looks(groups, [], {}, paired)

    def look(place: tuple[int, int]) -> Look | tuple[str, str]:
        number, row = place
        group = groups[number]
        name = f"{group.name}/{group.pictures.names[row]}"
        try:
            return _look(number, row, name, group.pictures)
        except UnreadablePicture as unreadable:
            return name, unreadable.why

    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for done, one in enumerate(pool.map(look, work), start=1):
            if isinstance(one, Look):
                looks.seen.append(one)
            else:
                looks.broken[one[0]] = one[1]
            if progress is not None:
                progress(done, len(work))
    return looks


def _look(number: int, row: int, name: str, pictures: PictureList) -> Look:
    """Raises: UnreadablePicture."""
    held: list[Contents] = []
    picture = in_colour(pictures, row, held.append)
    pixels = picture.tobytes()
    spread = max(high - low for low, high in picture.getextrema())  # type: ignore[misc]
    small = np.asarray(picture.resize((32, 32), Image.Resampling.BOX), np.int16)
    return Look(
        number,
        row,
        name,
        picture.size,
        _stored_mode(pictures, row) or (held[-1].type if held else ""),
        hashlib.blake2b(pixels, digest_size=16, salt=b"%dx%d" % picture.size).digest(),
        spread <= CONSTANT,
        bool((small.max(axis=2) - small.min(axis=2)).max() <= GREY),
        likeness(picture),
        held[-1] if held else None,
    )


def in_colour(pictures: PictureList, row: int, noticed: Callable[[Contents], None] | None = None) -> Image.Image:
    """A picture as 8-bit colour; numbers of which nobody knows what is white, stretched from the lowest to the highest.

    Raises:
        UnreadablePicture: it cannot be read with a range either.
    """
    try:
        picture = pictures.open(row, Reading(3, noticed=noticed))
    except UnreadablePicture:
        picture = pictures.open(row, Reading(1, values=True, noticed=noticed))
    if isinstance(picture, Image.Image):
        return picture
    lowest, highest = picture.values.min(), picture.values.max()
    levels = (picture.values[..., 0] - lowest) * (255 / max(highest - lowest, 1e-30))
    return Image.fromarray(np.rint(levels).astype(np.uint8)).convert("RGB")


def _stored_mode(pictures: PictureList, row: int) -> str:
    stored = pictures.stored(row)
    if stored is None or not Path(stored.name).is_file():
        return ""
    try:
        with Image.open(stored.name) as image:  # reads the head alone
            return image.mode
    except OSError:
        return ""
