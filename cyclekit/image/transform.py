"""Resize, crop and flip as published: Pillow's antialiased bicubic, a random crop, a mirror image half of the time."""

from __future__ import annotations

from random import Random
from typing import Literal, NamedTuple, TypeVar

from PIL import Image

from cyclekit.image.bands import Bands

Preprocess = Literal["resize_and_crop", "crop", "scale_width", "scale_width_and_crop", "none"]

Size = tuple[int, int]
"""(width, height), Pillow's order."""

P = TypeVar("P", Image.Image, Bands)

MULTIPLE = 4
"""Networks that halve twice give back the size they got only for multiples of 4."""


class Augmentation(NamedTuple):
    """Where the crop lies, as shares 0..1 of the room there is, and whether the picture is mirrored."""

    across: float
    down: float
    mirrored: bool

    @classmethod
    def drawn(cls, random: Random, flip: bool) -> Augmentation:
        """One at random; without `flip` never mirrored."""
        return cls(random.random(), random.random(), flip and random.random() < 0.5)


CENTRE = Augmentation(0.5, 0.5, mirrored=False)
"""No augmentation. (The reference crops at random when testing too, so its numbers vary from run to run.)"""


class Transform(NamedTuple):
    """The recipe's resize and crop. For held-out pictures `load_size` is set to `crop_size`, as published."""

    preprocess: Preprocess
    load_size: int
    crop_size: int

    def unaugmented(self) -> Transform:
        """The transform of held-out pictures."""
        return self._replace(load_size=self.crop_size)

    def resized(self, size: Size) -> Size:
        """The size to which a picture of `size` is scaled before it is cropped."""
        width, height = size
        if self.preprocess == "resize_and_crop":
            return self.load_size, self.load_size  # the aspect is given up, as published
        if self.preprocess == "crop":
            return size
        if self.preprocess == "scale_width_and_crop":
            return self.load_size, max(round(self.load_size * height / width), self.crop_size)
        if self.preprocess == "scale_width":
            return _rounded((self.load_size, round(self.load_size * height / width)))
        return _rounded(size)

    def enlarges(self, size: Size) -> bool:
        """Whether a picture of `size` has fewer pixels across or down than are cut of it, so that it is enlarged."""
        wanted = self.load_size if self.preprocess == "scale_width" else self.crop_size
        larger = any(new > old for new, old in zip(self.resized(size), size))
        return self.preprocess != "none" and larger and min(size) < wanted

    def apply(self, picture: P, augmentation: Augmentation = CENTRE) -> P:
        """A picture resized, cropped and perhaps mirrored.

        Raises:
            ValueError: the picture is smaller than the crop (only where nothing scales it first).
        """
        size = self.resized(picture.size)
        if size != picture.size:
            picture = picture.resize(size, Image.Resampling.BICUBIC)
        if self.preprocess not in ("none", "scale_width"):
            picture = _cropped(picture, self.crop_size, augmentation)
        return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if augmentation.mirrored else picture


def _rounded(size: Size) -> Size:
    width, height = (max(MULTIPLE, round(side / MULTIPLE) * MULTIPLE) for side in size)
    return width, height


def _cropped(picture: P, side: int, augmentation: Augmentation) -> P:
    room_across, room_down = picture.width - side, picture.height - side
    if min(room_across, room_down) < 0:
        raise ValueError(f"a picture of {picture.width}x{picture.height} is smaller than the crop of {side}x{side}")
    left = min(int(augmentation.across * (room_across + 1)), room_across)
    top = min(int(augmentation.down * (room_down + 1)), room_down)
    return picture.crop((left, top, left + side, top + side))
