"""Pictures through an exported generator: read, padded, translated and finished as a run does it, in numpy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from cyclekit.image.bands import Bands, Picture
from cyclekit.image.pictures import Reading, read_picture
from cyclekit.image.scale import Scale


class Border:
    """How pictures of one domain become numbers in [-1, 1], and back; what `ImageCodec` is for tensors."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        scale = settings["scale"]
        self.channels: int = settings["channels"]
        self.scale = None if scale is None else Scale.of(**scale)

    @property
    def reading(self) -> Reading:
        """How files are read."""
        return Reading(self.channels, self.scale is not None)

    def values(self, item: Any) -> np.ndarray:
        """A picture, file or array to (1, C, H, W), float32.

        Raises:
            ValueError: an array of another number of bands.
            UnreadablePicture: see `read_picture`.
        """
        picture: Picture = item if isinstance(item, Bands) else read_picture(item, self.reading)
        if isinstance(picture, Bands):
            if self.scale is None or picture.channels != self.channels:
                raise ValueError(f"expected {self.channels} channels, got {picture.channels} bands")
            rows = self.scale(picture.values)
        else:
            rows = np.asarray(picture).reshape(*picture.size[::-1], self.channels).astype(np.float32)
            rows = rows / np.float32(127.5) - np.float32(1)
        return np.ascontiguousarray(rows.transpose(2, 0, 1)[None])

    def finished(self, values: np.ndarray) -> Image.Image | np.ndarray:
        """Values (1, C, H, W) to an 8-bit picture, or to numbers (H, W, C) of the scale's type."""
        rows = values[0].transpose(1, 2, 0)
        if self.scale is not None:
            return self.scale.undone(rows)
        levels = np.rint((rows + np.float32(1)) * np.float32(127.5)).clip(0, 255).astype(np.uint8)
        return Image.fromarray(np.ascontiguousarray(levels if self.channels == 3 else levels[..., 0]))


def padded_values(values: np.ndarray, multiple: int, smallest: int) -> np.ndarray:
    """Values (1, C, H, W) with their mirror image below and at the right, to sides that the generator takes."""
    for axis in (2, 3):
        length = values.shape[axis]
        missing = -(-max(length, smallest) // multiple) * multiple - length
        if missing and length == 1:
            values = values.repeat(1 + missing, axis)
        elif missing:
            widths = [(0, 0)] * 4
            widths[axis] = (0, missing)
            values = np.pad(values, widths, mode="reflect")
    return np.ascontiguousarray(values)
