"""A picture of any number of bands and of any values, with those of Pillow's methods that a transform needs."""

from __future__ import annotations

import numpy as np
from PIL import Image


class Bands:
    """Values (H, W, C), float32: what Pillow's pictures cannot hold (13 bands, signed or floating-point values).

    `size`, `width`, `height`, `resize`, `crop` and `transpose` are Pillow's own, so that lists and transforms of
    pictures take either.
    """

    def __init__(self, values: np.ndarray) -> None:
        """Take values (H, W) or (H, W, C) of any type of numbers.

        Raises:
            ValueError: another number of dimensions, or nothing in one of them.
        """
        if values.ndim not in (2, 3) or not values.size:
            raise ValueError(f"a picture is (H, W) or (H, W, bands), none of them 0; got {values.shape}")
        self.values = np.atleast_3d(values).astype(np.float32, copy=False)

    @property
    def height(self) -> int:
        return self.values.shape[0]

    @property
    def width(self) -> int:
        return self.values.shape[1]

    @property
    def size(self) -> tuple[int, int]:
        """(width, height), Pillow's order."""
        return self.width, self.height

    @property
    def channels(self) -> int:
        """How many bands it has."""
        return self.values.shape[2]

    def resize(self, size: tuple[int, int], resample: Image.Resampling = Image.Resampling.BICUBIC) -> Bands:
        """Every band resized by Pillow, antialiased; bicubic values may go a little beyond those that were there."""
        bands = [Image.fromarray(band).resize(size, resample) for band in self._each()]
        return Bands(np.stack([np.asarray(band) for band in bands], axis=2))

    def crop(self, box: tuple[int, int, int, int]) -> Bands:
        """The part from (left, top) up to (right, below), which lies inside."""
        left, top, right, below = box
        return Bands(self.values[top:below, left:right])

    def transpose(self, method: Image.Transpose) -> Bands:
        """Mirrored or turned."""
        return Bands(np.stack([np.asarray(Image.fromarray(band).transpose(method)) for band in self._each()], axis=2))

    def clipped(self, low: np.ndarray, high: np.ndarray) -> Bands:
        """With values beyond `low` and `high` (C,) at these ends."""
        return Bands(self.values.clip(low.astype(np.float32), high.astype(np.float32)))

    def _each(self) -> list[np.ndarray]:
        return [np.ascontiguousarray(self.values[..., band]) for band in range(self.channels)]


Picture = Image.Image | Bands
"""What is opened, transformed and encoded: Pillow's 8-bit picture, or Bands."""
