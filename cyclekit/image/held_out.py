"""Held-out and validation pictures: as the run sees them, or whole, as `translate` takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, overload

from PIL import Image

from cyclekit.core.batch import Batch
from cyclekit.core.parts import HeldOut
from cyclekit.image.bands import Bands
from cyclekit.image.codec import ImageCodec
from cyclekit.image.picture_set import PictureList
from cyclekit.image.pictures import Reading
from cyclekit.image.transform import CENTRE, Augmentation, P, Size, Transform
from cyclekit.image.views import View


class Whole:
    """In place of a `Transform`: a picture at its own size, or of too many pixels shrunk to so many.

    Args:
        most: so many pixels; None: any number.
    """

    def __init__(self, most: int | None = None) -> None:
        self.most = most
        self.shrunk = 0
        """How many pictures had more."""

    def apply(self, picture: P, augmentation: Augmentation = CENTRE) -> P:
        """A picture of at most so many pixels; nothing else is changed."""
        pixels = picture.width * picture.height
        if self.most is None or pixels <= self.most:
            return picture
        self.shrunk += 1
        share = (self.most / pixels) ** 0.5
        width, height = (max(1, int(side * share)) for side in picture.size)
        return _resized(picture, (min(width, self.most), min(height, self.most)))  # where the other side is 1


class AsLargeAs(NamedTuple):
    """In place of a `Transform`: a truth at the size of its own picture, where they differ."""

    size: Size

    def apply(self, picture: P, augmentation: Augmentation = CENTRE) -> P:
        """A picture of that size."""
        return picture if picture.size == self.size else _resized(picture, self.size)


class SeenPictures(NamedTuple):
    """One domain's pictures of a split, and how they are seen."""

    pictures: PictureList
    view: View
    codec: ImageCodec
    reading: Reading

    def row(self, index: int, transform: Transform | Whole | AsLargeAs, way: Augmentation = CENTRE) -> Batch:
        """One picture, opened, transformed, seen through its view: (1, C, H, W)."""
        picture = self.pictures.open(index, self.reading)
        if isinstance(picture, Bands):  # what is beyond the range is clipped before it is resized, and not smeared
            return self.codec.encode([transform.apply(self.codec.clipped(picture), way)])
        picture = transform.apply(picture, way)
        return self.codec.encode([picture if self.view.make is None else self.view.make(picture)])


class HeldOutPictures(Sequence[HeldOut]):
    """Held-out rows (1, C, H, W), not augmented, each read when it is asked for."""

    def __init__(self, own: SeenPictures, truth: SeenPictures | None, transform: Transform | Whole) -> None:
        self.own, self.truth, self.transform = own, truth, transform

    @property
    def shrunk(self) -> str:
        """How many of those that were read had too many pixels to be taken whole, in words; empty: none."""
        if not isinstance(self.transform, Whole) or not self.transform.shrunk:
            return ""
        return f"{self.transform.shrunk:,} larger ones shrunk to {self.transform.most:,} pixels"

    def __len__(self) -> int:
        return len(self.own.pictures.names)

    @overload
    def __getitem__(self, index: int) -> HeldOut: ...

    @overload
    def __getitem__(self, index: slice) -> list[HeldOut]: ...

    def __getitem__(self, index: int | slice) -> HeldOut | list[HeldOut]:
        if isinstance(index, slice):
            return [self[row] for row in range(*index.indices(len(self)))]
        row = range(len(self))[index]  # negative indices and IndexError, as for any sequence
        own = self.own.row(row, self.transform)
        height, width = own.data.shape[2:]
        same = AsLargeAs((width, height)) if isinstance(self.transform, Whole) else self.transform
        truth = None if self.truth is None else self.truth.row(row, same)
        return HeldOut(self.own.pictures.names[row], own, truth)


def sizes_of(items: Sequence[HeldOut]) -> str:
    """The smallest and the largest size, width first."""
    sizes = sorted({item.row.data.shape[:1:-1] for item in items}, key=lambda size: (size.numel(), *size))
    ends = [f"{width} x {height}" for width, height in sizes[:1] + sizes[1:][-1:]]
    return " to ".join(ends) + " px"


def _resized(picture: P, size: Size) -> P:
    return picture.resize(size, Image.Resampling.BICUBIC)
