"""Side-by-side pairs, as pix2pix reads them: which pictures may be some, and their halves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import ExifTags, Image

from cyclekit.core.batch import Pair
from cyclekit.image.picture_set import Halves, PictureFiles, PictureList, PictureSet, Side


class Shapes(NamedTuple):
    """What the sizes of some pictures say."""

    all_two_to_one: bool
    """Each is twice as wide as high, but for one column: unmistakably two squares side by side."""
    other: str
    """The first that is not, and its size; empty where there is none or none can be read."""


def shapes_of(paths: Sequence[Path]) -> Shapes:
    """Look at the sizes of pictures, upright, up to the first that is not two squares. Broken ones say nothing."""
    seen = 0
    for path in paths:
        try:
            with Image.open(path) as image:  # reads the head alone
                width, height = image.size
                if image.getexif().get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8):
                    width, height = height, width
        except Exception:  # Pillow's decoders raise anything on broken bytes; they are told with all broken pictures
            continue
        if abs(width - 2 * height) > 1:
            return Shapes(False, f"{path.name} is {width}x{height}")
        seen += 1
    return Shapes(seen > 0, "")


def halves_of_pictures(
    train: PictureFiles, test: PictureFiles | None, left: Literal["a", "b"], notes: Sequence[str]
) -> PictureSet:
    """Both domains as halves of the same pictures.

    Args:
        left: the domain that is the left half.
    """
    sides: Pair[Side] = Pair("left", "right") if left == "a" else Pair("right", "left")
    own: Pair[PictureList] = sides.map(lambda side: Halves(train, side))
    tests: Pair[PictureList | None] = sides.map(lambda side: None if test is None else Halves(test, side))
    return PictureSet(own, tests, True, True, f"side-by-side pairs, {left} left", notes=tuple(notes))
