"""Open one picture knowingly: as Pillow's 8-bit grey or colour, or as Bands of the numbers that are stored.

How 8 bits are made of what is there stands in `eight_bits`. Of several frames or pages the first is taken, except for
grey pages of a TIFF where there are as many as channels. What is not used is told to `Reading.noticed`.
"""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from PIL import Image

from cyclekit.image.arrays import (
    NPY_HEAD,
    TIFF_HEADS,
    Layout,
    NeedsPackage,
    Source,
    StoredArray,
    TooLarge,
    check_pixels,
    head_of,
    imagecodecs,
    pixels_in_words,
    read_array,
)
from cyclekit.image.bands import Bands, Picture
from cyclekit.image.eight_bits import MODES, NoScale, in_mode, is_numbers, levels_of, upright
from cyclekit.image.profiles import name_of
from cyclekit.image.scale import Scale
from cyclekit.registry import RecipeError

MAX_PIXELS = 178_956_970
"""Pillow's own limit, beyond which it takes a picture for an attack."""

DEEP_COLOUR = {"PNG": "png_decode", "JPEG2000": "jpeg2k_decode"}
"""Formats whose 16-bit colours Pillow reads as 8 bits, and what of imagecodecs reads them whole."""


SAMPLES = 277
"""TIFF's tag for how many numbers a pixel has."""

LUMA = np.array([[0.299], [0.587], [0.114]], np.float32)
"""Grey of red, green and blue (ITU-R BT.601), as Pillow makes it."""

warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # `Reading.max_pixels` is checked instead


class UnreadablePicture(RecipeError):
    """A file that is no picture, or a picture whose values cannot be read with certainty."""

    def __init__(self, path: str | os.PathLike[str], why: str) -> None:
        super().__init__(path, why)  # both, so that the error survives the way out of a worker process
        self.path = Path(path)
        self.why = why

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"


class Contents(NamedTuple):
    """What a file holds, whatever is used of it."""

    type: str
    """Of its numbers: "uint8", "uint16", "float32", ..."""
    bands: int
    """Bands, or pages that count as such; an alpha channel that is laid on white does not."""
    used: int
    """How many of them are read."""
    others: int
    """Further frames or pages, which are not."""
    lowest: float
    """Of what is read, as are all numbers here."""
    highest: float
    transparent: bool
    """Whether transparency was laid on white."""
    profile: str
    """The name of a colour profile other than sRGB, which is not applied."""
    layout: Layout = "bands last"
    """How bands lie in the file."""


class Encoding(Protocol):
    """What a codec of pictures says of how they are read and written."""

    channels: int
    scale: Scale | None
    """None: as 8-bit pictures."""

    @property
    def reading(self) -> Reading:
        """How files are read."""
        ...


class Reading(NamedTuple):
    """How pictures are to be read."""

    channels: int = 3
    values: bool = False
    """Whether as Bands of the numbers that are stored, instead of 8-bit pictures."""
    max_pixels: int = MAX_PIXELS
    noticed: Callable[[Contents], None] | None = None
    """Told what the file holds."""


def open_picture(source: Source | Image.Image, channels: int = 3, name: str | None = None) -> Image.Image:
    """A picture as 8-bit grey (`channels` 1, mode L) or colour (3, mode RGB), decoded and upright.

    Raises: see `read_picture`.
    """
    picture = read_picture(source, channels, name)
    assert isinstance(picture, Image.Image)
    return picture


def read_picture(source: Source | Image.Image | np.ndarray, reading: Reading | int, name: str | None = None) -> Picture:
    """A picture as it is to be read, decoded and upright.

    Args:
        source: a file, its bytes, an array (H, W) or (H, W, bands), or a picture already opened, which stays as it is.
        reading: a number is one of channels, of 8 bits.
        name: what to call it in errors; the file's path when not given.

    Returns:
        With `reading.values` Bands of `reading.channels`, otherwise a picture of mode L or RGB.

    Raises:
        UnreadablePicture: the file is missing, empty, broken or too large, a package is missing that reads it, its
            values have no certain scale, or it has fewer bands than are wanted.
        ValueError: 8 bits are wanted of neither 1 nor 3 channels.
    """
    reading = Reading(reading) if isinstance(reading, int) else reading
    if not reading.values:
        mode_of(reading.channels)
    name = name or (str(source) if isinstance(source, str | os.PathLike) else "a picture in memory")
    try:
        if isinstance(source, Image.Image):
            return _of_image(source, reading)
        if isinstance(source, np.ndarray):
            return _of_array(StoredArray(np.atleast_3d(source), "bands last", True, 0), reading)
        return _of_file(source, reading)
    except (NoScale, NeedsPackage, TooLarge, _TooFewBands) as error:
        raise UnreadablePicture(name, str(error)) from error
    except (UnreadablePicture, MemoryError):
        raise
    except Exception as error:  # decoders raise anything on broken bytes: SyntaxError, struct.error, ...
        if isinstance(source, Image.Image | np.ndarray):
            raise
        raise UnreadablePicture(name, _why(error, source)) from error


def mode_of(channels: int) -> str:
    """Pillow's mode for 1 or 3 channels.

    Raises:
        ValueError: for any other number.
    """
    if channels not in MODES:
        raise ValueError(f"channels={channels}: an 8-bit picture has 1 (grey) or 3 (colour) channels")
    return MODES[channels]


class _TooFewBands(Exception):
    """Fewer bands than are wanted."""


def _why(error: Exception, source: Source) -> str:
    """What is wrong with a file, in a few words without its path."""
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, PermissionError):
        return "no permission to read it"
    empty = not source.getbuffer() if isinstance(source, io.BytesIO) else Path(source).stat().st_size == 0
    if empty:
        return "the file is empty"
    if isinstance(error, Image.UnidentifiedImageError):
        return "not a picture in any known format"
    return f"broken picture ({str(error).splitlines()[0] if str(error) else type(error).__name__})"


def _of_file(source: Source, reading: Reading) -> Picture:
    head = head_of(source)
    tiff = head.startswith(TIFF_HEADS)
    if head.startswith(NPY_HEAD) or (tiff and reading.values):
        stored = read_array(source, reading.max_pixels)
        if stored is not None:
            return _of_array(stored, reading)
    # Ours is checked instead, below.
    Image.MAX_IMAGE_PIXELS = max(Image.MAX_IMAGE_PIXELS or 0, reading.max_pixels)
    try:
        image = Image.open(source)
    except Image.DecompressionBombError as error:
        raise TooLarge(f"over {pixels_in_words(2 * reading.max_pixels)} pixels", reading.max_pixels) from error
    except Image.UnidentifiedImageError:
        stored = read_array(source, reading.max_pixels) if tiff else None
        if stored is None:
            raise
        return _of_array(stored, reading)
    with image:
        check_pixels(*image.size, reading.max_pixels)
        if tiff and _holds_channels_as_pages(image, reading.channels):
            stored = read_array(source, reading.max_pixels)
            if stored is not None:
                return _of_array(stored, reading)
        deep = _is_deep(image)
        if reading.values and deep and image.format in DEEP_COLOUR:
            decode = getattr(imagecodecs(f"a {image.format} of 16-bit colours"), DEEP_COLOUR[image.format])
            content = source.getvalue() if isinstance(source, io.BytesIO) else Path(source).read_bytes()
            return _of_array(StoredArray(np.atleast_3d(decode(content)), "bands last", True, 0), reading)
        image.load()
        return _of_image(image, reading, deep)


def _holds_channels_as_pages(image: Image.Image, channels: int) -> bool:
    """Whether a TIFF holds grey pages, as many as there are channels."""
    return channels == getattr(image, "n_frames", 1) > 1 and (image.mode == "L" or is_numbers(image))


def _is_deep(image: Image.Image) -> bool:
    """Whether a picture that is not loaded yet has 16 bits a colour, of which Pillow reads 8.

    Of JPEG 2000 Pillow does not tell, so that all coloured ones are taken to have them.
    """
    if image.mode not in ("RGB", "RGBA"):
        return False
    return image.format == "JPEG2000" or any(";16" in str(tile[3]) for tile in getattr(image, "tile", ()))


def _of_image(image: Image.Image, reading: Reading, deep: bool = False) -> Picture:
    """Pillow's picture as it is to be read."""
    if reading.values:
        return _of_array(StoredArray(_numbers(upright(image)), "bands last", True, _others(image, reading)), reading)
    picture = in_mode(image, mode_of(reading.channels))
    if reading.noticed is not None:
        reading.noticed(_seen_in(image, picture, deep, _others(image, reading)))
    return picture


def _others(image: Image.Image, reading: Reading) -> int:
    """Further frames or pages of a picture, counted where somebody is told."""
    return 0 if reading.noticed is None else getattr(image, "n_frames", 1) - 1


def _seen_in(image: Image.Image, picture: Image.Image, deep: bool, others: int) -> Contents:
    """What `image` holds, of which `picture` was made."""
    numbers = np.asarray(image) if is_numbers(image) else None
    deep = deep and image.format != "JPEG2000"
    if numbers is None:
        lowest, highest = (value for value in zip(*np.atleast_2d(picture.getextrema())))
        ends = (float(min(lowest)), float(max(highest)))
        if deep:  # of which 8-bit levels are the high bytes
            ends = (ends[0] * 256, ends[1] * 256 + 255)
    else:
        ends = (float(numbers.min()), float(numbers.max()))
    kind = str(numbers.dtype) if numbers is not None else "uint16" if deep else "uint8"
    used = len(image.getbands())
    stored = getattr(image, "tag_v2", {}).get(SAMPLES, used)
    transparent = image.has_transparency_data
    bands = used if transparent else max(used, stored)
    if image.format == "TIFF" and used == bands == 1:  # pages of grey may be meant as bands
        bands, others = 1 + others, 0
    profile = b"" if image.mode == "LAB" else image.info.get("icc_profile", b"")
    return Contents(kind, bands, used, others, *ends, transparent, name_of(profile) if profile else "")


def _numbers(image: Image.Image) -> np.ndarray:
    """Pillow's picture as numbers (H, W, C): a palette or another colour space as RGB, bits as 0 and 255."""
    if not is_numbers(image) and image.mode not in ("L", "LA", "RGB", "RGBA"):
        grey = "L" if image.mode == "1" else "RGB"
        image = image.convert("RGBA" if image.has_transparency_data else grey)
    return np.atleast_3d(np.asarray(image))


def _of_array(stored: StoredArray, reading: Reading) -> Picture:
    """Numbers as they are to be read."""
    values, there = stored.values, stored.values.shape[2]
    wanted = reading.channels
    to_grey = there == 3 and wanted == 1 and stored.colour
    used = there if to_grey or (there, wanted) == (1, 3) else wanted
    if there < used:
        raise _TooFewBands(f"has {there} {'band' if there == 1 else 'bands'}, and data.channels asks for {wanted}")
    values = values[..., :used]
    if not np.isfinite(values).all():
        raise NoScale(float("nan"), float("nan"))
    if reading.noticed is not None:
        ends = float(values.min()), float(values.max())
        reading.noticed(Contents(str(values.dtype), there, used, stored.others, *ends, False, "", stored.layout))
    if not reading.values:
        levels = levels_of(values)
        return in_mode(Image.fromarray(levels if used == 3 else levels[..., 0]), mode_of(wanted))
    if used > wanted:
        values = values @ LUMA
    return Bands(np.broadcast_to(values, (*values.shape[:2], wanted)))
