"""Any picture as 8-bit grey or colour, knowingly: orientation applied, transparency laid on white, numbers scaled.

What Pillow's `convert` would do silently (clip 16 bits to 8, forget transparency, ignore the camera's orientation) is
done here in the open:

* the EXIF orientation is applied, so that a picture lies as its viewer sees it;
* transparency (RGBA, LA, palettes and tRNS colours) is laid on **white**, the paper most transparent pictures expect;
* 16-bit grey is scaled over its full range, 65535 -> 255, that is by 1/257 (16-bit colour: Pillow keeps the high byte);
* other integers are read as 16-bit values, and refused beyond them; floating-point values are read as 0..1, or as
  0..255 where one exceeds 1, and refused beyond that: nobody could say what white is, but `data.range`;
* colour profiles are not applied.
"""

from __future__ import annotations

import numpy as np
from PIL import ExifTags, Image, ImageOps

MODES = {1: "L", 3: "RGB"}
"""Pillow's mode for a number of channels."""


class NoScale(Exception):
    """Values of which nobody could say what white is. Its text says which they are, and what to set."""

    def __init__(self, lowest: float, highest: float) -> None:
        if np.isnan(lowest) or np.isnan(highest):
            super().__init__("some values are NaN or infinite: fill what is missing with a number")
            return
        super().__init__(
            f"values from {lowest:,.7g} to {highest:,.7g}, of which none is known to be white: set data.range to "
            "auto, or to the lowest and the highest"
        )


def in_mode(image: Image.Image, mode: str) -> Image.Image:
    """Upright, 8 bits, without transparency, in `mode`; `image` itself when it is all that already.

    Raises:
        NoScale: its values have no certain scale.
    """
    image = upright(image)
    if is_numbers(image):
        image = Image.fromarray(levels_of(np.asarray(image)))
    elif image.has_transparency_data:
        image = on_white(image)
    return image if image.mode == mode else image.convert(mode)


def upright(image: Image.Image) -> Image.Image:
    """As the camera's viewer sees it."""
    turned = image.getexif().get(ExifTags.Base.Orientation, 1) != 1
    return ImageOps.exif_transpose(image) if turned else image


def is_numbers(image: Image.Image) -> bool:
    """Whether its values are 16-bit, 32-bit or floating-point numbers."""
    return image.mode in ("I", "F") or image.mode.startswith("I;16")


def levels_of(values: np.ndarray) -> np.ndarray:
    """Numbers of any type as levels from 0 to 255, uint8 of the same shape.

    Raises:
        NoScale: they have no certain scale.
    """
    if values.dtype == np.uint8:
        return values
    lowest, highest = float(values.min()), float(values.max())
    if values.dtype.kind == "f":
        if not (lowest >= 0 and highest <= 255):  # written so that NaN is refused too
            raise NoScale(lowest, highest)
        return np.rint(values.astype(np.float64) * (255 if highest <= 1 else 1)).astype(np.uint8)
    if lowest < 0 or highest > 65535:
        raise NoScale(lowest, highest)
    return ((values.astype(np.int64) + 128) // 257).astype(np.uint8)


def on_white(image: Image.Image) -> Image.Image:
    """A picture with transparency as RGB."""
    clear = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")
