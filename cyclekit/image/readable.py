"""A set of pictures without those that cannot be read, and what looking at each of them gave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from cyclekit.core.batch import Pair
from cyclekit.core.curation import Told, first_names
from cyclekit.image.checking import Verdicts, check_pictures
from cyclekit.image.picture_set import PictureList, PictureSet, Selection
from cyclekit.image.pictures import Contents, Reading
from cyclekit.image.transform import Size, Transform
from cyclekit.registry import RecipeError, setting


class Readable(NamedTuple):
    """A set without its broken pictures."""

    pictures: PictureSet
    broken: int
    """How many files were left out."""
    contents: Pair[dict[str, Contents]]
    """What the training pictures' files hold, by their names; without those that are made on the spot."""
    sizes: Pair[dict[str, Size]]
    """How large they are."""


def readable(
    pictures: PictureSet, transform: Transform, readings: Pair[Reading], skip_broken: bool, progress: Told | None
) -> Readable:
    """The set without its broken pictures.

    Raises:
        RecipeError: some are broken and `skip_broken` is off; none is left; or a picture is smaller than the crop.
    """
    kept: list[Pair[Any]] = []
    contents: list[Pair[Any]] = []
    sizes: list[Pair[Any]] = []
    broken: set[str] = set()
    for split, paired in ((pictures.train, pictures.paired), (pictures.test, pictures.test_paired)):
        verdicts: Pair[Verdicts | None] = Pair(
            *(
                None if side is None else check_pictures(side, reading, progress)
                for side, reading in zip(split, readings)
            )
        )
        contents.append(Pair(*(_by_name(side, verdict and verdict.contents) for side, verdict in zip(split, verdicts))))
        sizes.append(Pair(*(_by_name(side, verdict and verdict.sizes) for side, verdict in zip(split, verdicts))))
        lost = verdicts.map(lambda verdict: {} if verdict is None else verdict.broken)
        broken.update(lost.a.values(), lost.b.values())
        rows = lost.map(set) if not paired else Pair(lost.a.keys() | lost.b.keys(), lost.a.keys() | lost.b.keys())
        kept.append(Pair(*(_without(side, out) for side, out in zip(split, rows))))
        for side, verdict in zip(split, verdicts):
            if side is not None and verdict is not None and transform.preprocess == "crop":
                _check_crop(side, verdict.sizes, transform.crop_size)
    if broken and not skip_broken:
        raise RecipeError(
            f"data: {len(broken)} unreadable {'picture' if len(broken) == 1 else 'pictures'}: "
            f"{first_names(sorted(broken))}; mend or remove them, or go on without them: "
            + setting("data.skip_broken=true")
        )
    if not all(side.names for side in kept[0]):
        raise RecipeError(f"data: every training picture of a domain is unreadable; first {sorted(broken)[0]}")
    return Readable(pictures._replace(train=kept[0], test=kept[1]), len(broken), contents[0], sizes[0])


def _by_name(pictures: PictureList | None, seen: Mapping[int, Any] | None) -> dict[str, Any]:
    if pictures is None or seen is None:
        return {}
    return {pictures.names[row]: one for row, one in sorted(seen.items()) if one is not None}


def _without(pictures: PictureList | None, rows: set[int]) -> PictureList | None:
    if pictures is None or not rows:
        return pictures
    return Selection(pictures, [row for row in range(len(pictures.names)) if row not in rows])


def _check_crop(pictures: PictureList, sizes: dict[int, tuple[int, int]], crop: int) -> None:
    small = [f"{pictures.names[row]} is {w}x{h}" for row, (w, h) in sorted(sizes.items()) if min(w, h) < crop]
    if small:
        raise RecipeError(
            f"data.crop_size: {crop} is larger than {len(small)} pictures: {first_names(small, 5)}; choose a smaller "
            "crop, or data.preprocess=resize_and_crop, which scales every picture first"
        )
