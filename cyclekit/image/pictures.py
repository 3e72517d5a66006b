"""Open one picture knowingly: any mode and bit depth, orientation applied, transparency laid on white.

What Pillow's `convert` would do silently (clip 16 bits to 8, forget transparency, ignore the camera's orientation) is
done here in the open:

* the EXIF orientation is applied, so that a picture lies as its viewer sees it;
* transparency (RGBA, LA, palettes and tRNS colours) is laid on **white**, the paper most transparent pictures expect;
* 16-bit grey is scaled over its full range, 65535 -> 255, that is by 1/257 (16-bit colour: Pillow keeps the high byte);
* 32-bit integers are read as 16-bit values, and refused beyond them; floating-point values are read as 0..1, or as
  0..255 where one exceeds 1, and refused beyond that: nobody could say what white is;
* of several frames or pages the first is taken; colour profiles are not applied.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps

MODES = {1: "L", 3: "RGB"}
"""Pillow's mode for a number of channels."""


class UnreadablePicture(Exception):
    """A file that is no picture, or a picture whose values cannot be read with certainty."""

    def __init__(self, path: str | os.PathLike[str], why: str) -> None:
        super().__init__(path, why)  # both, so that the error survives the way out of a worker process
        self.path = Path(path)
        self.why = why

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"


def open_picture(
    source: str | os.PathLike[str] | Image.Image | io.BytesIO, channels: int = 3, name: str | None = None
) -> Image.Image:
    """A picture as 8-bit grey (`channels` 1, mode L) or colour (3, mode RGB), decoded and upright.

    Args:
        source: a file, its bytes, or a picture already opened, which is left as it is.
        name: what to call it in errors; the file's path when not given.

    Raises:
        UnreadablePicture: the file is missing, empty, broken, or its values have no certain scale.
        ValueError: `channels` is neither 1 nor 3.
    """
    mode = mode_of(channels)
    if isinstance(source, Image.Image):
        return _converted(source, mode, name or "a picture in memory")
    name = name or (str(source) if isinstance(source, str | os.PathLike) else "a picture in memory")
    try:
        with Image.open(source) as image:
            image.load()
            return _converted(image, mode, name)
    except (UnreadablePicture, MemoryError):
        raise
    except Exception as error:  # Pillow's decoders raise anything on broken bytes: SyntaxError, struct.error, ...
        raise UnreadablePicture(name, _why(error, source)) from error


def mode_of(channels: int) -> str:
    """Pillow's mode for 1 or 3 channels.

    Raises:
        ValueError: for any other number.
    """
    if channels not in MODES:
        raise ValueError(f"channels={channels}: a picture has 1 (grey) or 3 (colour) channels")
    return MODES[channels]


def _why(error: Exception, source: str | os.PathLike[str] | io.BytesIO) -> str:
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


def _converted(image: Image.Image, mode: str, name: str) -> Image.Image:
    """Upright, 8 bits, without transparency, in `mode`; `image` itself when it is all that already."""
    if image.getexif().get(ExifTags.Base.Orientation, 1) != 1:
        image = ImageOps.exif_transpose(image)
    if image.mode == "I" or image.mode.startswith("I;16"):
        image = _from_integers(image, name)
    elif image.mode == "F":
        image = _from_floats(image, name)
    elif image.has_transparency_data:
        image = _on_white(image)
    return image if image.mode == mode else image.convert(mode)


def _from_integers(image: Image.Image, name: str) -> Image.Image:
    values = np.asarray(image).astype(np.int64)
    lowest, highest = int(values.min()), int(values.max())
    if lowest < 0 or highest > 65535:
        raise UnreadablePicture(name, f"32-bit values from {lowest} to {highest}: save it with 8 or 16 bits")
    return Image.fromarray(((values + 128) // 257).astype(np.uint8))


def _from_floats(image: Image.Image, name: str) -> Image.Image:
    values = np.asarray(image, dtype=np.float64)
    lowest, highest = float(values.min()), float(values.max())
    if not (lowest >= 0 and highest <= 255):  # written so that NaN is refused too
        raise UnreadablePicture(name, f"floating-point values from {lowest:g} to {highest:g}: scale them to 0..1")
    return Image.fromarray(np.rint(values * (255 if highest <= 1 else 1)).astype(np.uint8))


def _on_white(image: Image.Image) -> Image.Image:
    clear = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")
