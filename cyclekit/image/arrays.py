"""Files that hold numbers rather than colours: TIFF of any type and number of bands or pages, and NumPy's `.npy`.

TIFF is read by tifffile, 16-bit colour PNG and JPEG 2000 by imagecodecs; both come with `cyclekit[scientific]`. Nothing
is unpickled.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

Source = str | os.PathLike[str] | io.BytesIO

TIFF_HEADS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
NPY_HEAD = b"\x93NUMPY"

GREY_OR_RGB = (0, 1, 2)
"""TIFF's photometric interpretations whose numbers mean what they say: white is zero, black is zero, RGB."""

RGB = 2

UPRIGHT: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: lambda values: values[:, ::-1],
    3: lambda values: values[::-1, ::-1],
    4: lambda values: values[::-1],
    5: lambda values: values.swapaxes(0, 1),
    6: lambda values: values[::-1].swapaxes(0, 1),
    7: lambda values: values[::-1, ::-1].swapaxes(0, 1),
    8: lambda values: values[:, ::-1].swapaxes(0, 1),
}
"""TIFF's orientation to how the picture lies for its viewer."""


class NeedsPackage(Exception):
    """A file that only an optional package reads or writes. Its text says which, and how to get it."""

    def __init__(self, what: str, package: str) -> None:
        super().__init__(f"{what} needs {package}: pip install 'cyclekit[scientific]'")


def pixels_in_words(pixels: int) -> str:
    """A number of pixels in words: "179 million", "5,184"."""
    return f"{pixels / 1e6:,.0f} million" if pixels >= 1e6 else f"{pixels:,}"


class TooLarge(Exception):
    """A picture of more pixels than may be read. Its text says how many."""

    def __init__(self, words: str, most: int) -> None:
        super().__init__(
            f"{words}, and at most {pixels_in_words(most)} are read: cut or scale it, or raise max_pixels "
            "(in a recipe data.max_pixels)"
        )


Layout = Literal["bands last", "bands first"]


class StoredArray(NamedTuple):
    """What a file holds."""

    values: np.ndarray
    """(H, W, C), of the type they are stored in."""
    layout: Layout
    """How they lie in the file: (H, W) and (H, W, C), or bands or pages one after the other."""
    colour: bool
    """Whether three bands are red, green and blue."""
    others: int
    """Pictures of the file that are not among these: of other sizes."""


def head_of(source: Source) -> bytes:
    """The first bytes of a file, which tell its format whatever its name is."""
    if isinstance(source, io.BytesIO):
        return bytes(source.getbuffer()[:8])
    with Path(source).open("rb") as file:
        return file.read(8)


def holds_array(source: Source) -> bool:
    """Whether a file is TIFF or `.npy` by its first bytes."""
    return head_of(source).startswith((*TIFF_HEADS, NPY_HEAD))


def read_array(source: Source, max_pixels: int) -> StoredArray | None:
    """The numbers of a TIFF or `.npy`, upright. None for a TIFF of colours that are no numbers (CMYK, Lab, palettes).

    Of a TIFF the first series of equal pages is read, its pages in order as bands. Of a `.npy` with three axes the
    smaller of the first and the last one is that of the bands, the last if they are equal.

    Raises:
        NeedsPackage: tifffile is not installed, or a compression needs imagecodecs.
        TooLarge: more than `max_pixels`.
        ValueError: the array is no picture: of other axes, or of what are no real numbers.
        Exception: whatever the readers raise on broken bytes.
    """
    head = head_of(source)
    read = _read_npy if head.startswith(NPY_HEAD) else _read_tiff
    stored = read(source, max_pixels)
    if stored is not None and stored.values.dtype.kind not in "uif":
        raise ValueError(f"holds values of type {stored.values.dtype}, and a picture is of integers or floats")
    return stored


def place_in_array(path: Path, codes: Sequence[int]) -> dict[int, tuple[int, Any]]:
    """Some tags of a TIFF that `read_array` reads: by code their type and value. Empty for other files."""
    if not head_of(path).startswith(TIFF_HEADS):
        return {}
    with tifffile().TiffFile(path) as file:
        tags = file.pages[0].tags
        return {code: (int(tags[code].dtype), tags[code].value) for code in codes if code in tags}


def tifffile() -> Any:
    """The package.

    Raises:
        NeedsPackage: it is not installed.
    """
    return _package("tifffile", "a TIFF of this kind")


def imagecodecs(what: str) -> Any:
    """The package.

    Args:
        what: what it is needed for, for the error.

    Raises:
        NeedsPackage: it is not installed.
    """
    return _package("imagecodecs", what)


def check_pixels(width: int, height: int, most: int) -> None:
    """Refuse a picture of more than `most` pixels before it is decoded.

    Raises:
        TooLarge: it is.
    """
    if width * height > most:
        raise TooLarge(f"{width:,} x {height:,} are {pixels_in_words(width * height)} pixels", most)


def _package(name: str, what: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise NeedsPackage(what, name) from error


def _read_npy(source: Source, max_pixels: int) -> StoredArray:
    if isinstance(source, io.BytesIO):
        source.seek(0)
        values = np.load(source, allow_pickle=False)
    else:
        values = np.load(source, mmap_mode="r", allow_pickle=False)  # so that its shape is known before it is read
    if values.ndim not in (2, 3) or not values.size:
        raise ValueError(f"an array of shape {values.shape} is no picture: (H, W), (H, W, bands) or (bands, H, W)")
    layout: Layout = "bands first" if values.ndim == 3 and values.shape[0] < values.shape[2] else "bands last"
    if layout == "bands first":
        values = np.moveaxis(values, 0, 2)
    check_pixels(values.shape[1], values.shape[0], max_pixels)
    if values.dtype == bool:
        values = values.astype(np.uint8) * np.uint8(255)
    return StoredArray(
        np.array(np.atleast_3d(values), order="C"), layout, layout == "bands last", 0
    )  # no longer mapped


def _read_tiff(source: Source, max_pixels: int) -> StoredArray | None:
    package = tifffile()
    if isinstance(source, io.BytesIO):
        source.seek(0)
    with package.TiffFile(source) as file:
        series = file.series[0]
        page = file.pages[0]
        if page.photometric not in GREY_OR_RGB:
            return None
        axes = series.axes
        if "Y" not in axes or "X" not in axes:
            raise ValueError(f"a TIFF of axes {axes} is no picture")
        check_pixels(series.shape[axes.index("X")], series.shape[axes.index("Y")], max_pixels)
        try:
            values = series.asarray()
        except ValueError as error:
            if "imagecodecs" in str(error):
                raise NeedsPackage(f"its compression ({page.compression.name})", "imagecodecs") from error
            raise
        values = np.moveaxis(values, (axes.index("Y"), axes.index("X")), (0, 1))
        if values.dtype == bool:
            values = values.astype(np.uint8) * np.uint8(255)
        values = values.reshape(*values.shape[:2], -1)
        height, width, count = values.shape
        if axes.index("Y") > 0 and count > min(height, width) > 1:
            raise ValueError(
                f"{count} pages of {width} x {height} pixels: was (H, W, bands) written without planarconfig='contig'?"
            )
        if page.photometric == 0 and values.dtype.kind == "u":
            values = np.iinfo(values.dtype).max - values
        orientation = page.tags.valueof("Orientation", 1)
        layout: Layout = "bands last" if axes in ("YX", "YXS") else "bands first"
        values = np.ascontiguousarray(UPRIGHT.get(orientation, lambda same: same)(values))
        return StoredArray(values, layout, page.photometric == RGB, len(file.series) - 1)
