"""Pictures where they lie: lists that open one at a time, and what a source gives for both domains."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Literal, NamedTuple, Protocol

from cyclekit.core.batch import Pair
from cyclekit.image.bands import Picture
from cyclekit.image.pictures import Reading, read_picture

Side = Literal["left", "right"]


class PictureList(Protocol):
    """The pictures of one domain and split, opened one at a time. It is pickled into worker processes."""

    @property
    def names(self) -> Sequence[str]:
        """Unique and stable: the path below the root without its suffix, mostly."""
        ...

    def open(self, index: int, reading: Reading | int) -> Picture:
        """Picture `index`, decoded, upright: Pillow's, in mode L or RGB, or Bands; see `pictures.read_picture`."""
        ...

    def stored(self, index: int) -> Stored | None:
        """What picture `index` is decoded from. None: it is made on the spot and cannot be broken."""
        ...


class Stored(NamedTuple):
    """A stored picture, for checking it: how messages name it, and a mark that changes when its content does."""

    name: str
    mark: str


class PictureSet(NamedTuple):
    """What a source gives for both domains."""

    train: Pair[PictureList]
    test: Pair[PictureList | None]
    """None: the source has no test split, a share of `train` is to be held out."""
    paired: bool
    """Whether row i of `train.a` belongs to row i of `train.b`."""
    test_paired: bool
    """The same of `test`: the other row is then the true translation."""
    words: str
    """What was found, for the description: folders, columns, ..."""
    names: Pair[str | None] = Pair(None, None)
    """What the source calls the domains, where that is another name than the recipe's."""
    notes: tuple[str, ...] = ()
    """How it was read, where somebody might have meant otherwise, and what was left out: a line each."""


class PictureFiles:
    """Picture files and their names, from which the suffix is taken where they stay unique without."""

    def __init__(self, paths: Sequence[Path], names: Sequence[PurePath]) -> None:
        self.paths = list(paths)
        stems = [name.with_suffix("").as_posix() for name in names]
        often = Counter(stems)
        whole = [name.as_posix() for name in names]
        taken = set(whole)  # `x.png.png` is not called `x.png` where there is one
        self.names = [
            stem if often[stem] == 1 and stem not in taken else name for stem, name in zip(stems, whole, strict=True)
        ]

    def open(self, index: int, reading: Reading | int) -> Picture:
        return read_picture(self.paths[index], reading)

    def stored(self, index: int) -> Stored:
        path = self.paths[index]
        try:
            facts = path.stat()
        except OSError:
            return Stored(str(path), "")
        return Stored(str(path), f"{path.absolute()}|{facts.st_size}|{facts.st_mtime_ns}")


class Halves:
    """One half of each side-by-side picture, both equally wide: an odd column in the middle is left out."""

    def __init__(self, files: PictureFiles, side: Side) -> None:
        self.files, self.side = files, side
        self.names = files.names

    def open(self, index: int, reading: Reading | int) -> Picture:
        picture = self.files.open(index, reading)
        half = picture.width // 2
        left = 0 if self.side == "left" else picture.width - half
        return picture.crop((left, 0, left + half, picture.height))

    def stored(self, index: int) -> Stored:
        return self.files.stored(index)


class Selection:
    """Some pictures of a list, in the given order."""

    def __init__(self, pictures: PictureList, rows: Sequence[int]) -> None:
        self.pictures, self.rows = pictures, list(rows)
        self.names = [pictures.names[row] for row in self.rows]

    def open(self, index: int, reading: Reading | int) -> Picture:
        return self.pictures.open(self.rows[index], reading)

    def stored(self, index: int) -> Stored | None:
        return self.pictures.stored(self.rows[index])


def drawn_by_name(names: Sequence[str], count: int) -> list[int]:
    """`count` row numbers, ascending, drawn by a hash of the names alone.

    The draw depends on no seed of a run and hardly on what else is in the folder: a picture once held out stays so.
    """
    ranked = sorted(
        range(len(names)), key=lambda row: hashlib.blake2b(names[row].encode("utf-8", "surrogatepass")).digest()
    )
    return sorted(ranked[:count])
