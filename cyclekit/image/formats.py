"""Which files are pictures, by their names: the endings of all formats that Pillow can open here, and NumPy's."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PIL import Image, ImageFile

from cyclekit.files.walking import Walked, walk

NO_PICTURES = frozenset({"EPS", "MPEG"})
"""Formats that Pillow opens and this toolkit does not: drawings that another program must run, and films, of which
Pillow knows the size alone."""


ARRAYS = ".npy"


@cache
def endings() -> frozenset[str]:
    """The endings of picture files, in lower case, with their dot."""
    Image.init()  # all of Pillow's formats, those of plugins that were imported too
    openable = {kind for kind, (factory, _) in Image.OPEN.items() if not _is_stub(factory)} - NO_PICTURES
    names = Image.registered_extensions().items()
    return frozenset({ARRAYS, *(ending.lower() for ending, kind in names if kind in openable)})


def is_picture(path: Path) -> bool:
    """Whether a file's name ends like a picture's; hidden files (`._x.jpg` of some archives) are none."""
    return path.suffix.lower() in endings() and not path.name.startswith(".")


def walk_pictures(folder: Path) -> Walked:
    """The pictures in a folder and the folders below it, and what else is there."""
    return walk(folder).only(is_picture)


def _is_stub(factory: object) -> bool:
    """Formats that Pillow recognises and leaves to others to read: GRIB, HDF5, WMF."""
    return isinstance(factory, type) and issubclass(factory, ImageFile.StubImageFile)
