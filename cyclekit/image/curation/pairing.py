"""Make an aligned set of two folders: photographs and their label maps, side by side, as pix2pix reads them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import Image

from cyclekit.core.curation import Told, first_names
from cyclekit.files.new_folder import new_folder, refuse_taken
from cyclekit.image.formats import walk_pictures
from cyclekit.image.picture_set import drawn_by_name
from cyclekit.image.pictures import UnreadablePicture, open_picture
from cyclekit.image.splits import said_by
from cyclekit.registry import RecipeError, argument


class Paired(NamedTuple):
    """What was written."""

    train: int
    test: int
    resized: int
    """Label maps that had another size than their photograph."""

    @property
    def lines(self) -> list[str]:
        """What to tell of it."""
        resized = [f"resized: {self.resized:,} label maps, to the size of their photographs"] if self.resized else []
        return [*resized, f"{self.train:,} pairs to train on, {self.test:,} held out"]


def pair(
    photos: Path,
    labels: Path,
    out: Path,
    left: Literal["photos", "labels"] = "photos",
    test_share: float = 0.1,
    resize: bool = True,
    progress: Told | None = None,
) -> Paired:
    """Write every photograph beside the label map of the same name (its ending apart) into `out`/train and `out`/test.

    Pictures are 8-bit colour PNGs, twice as wide as the photograph. Which pairs are held out depends on their names
    alone, see `picture_set.drawn_by_name`; there is no test folder where none are. Folders are kept, but for those that
    say a split: `val/x` becomes `val-x`, or whoever reads the set would go by them.

    Args:
        left: which of the two is the left half.
        test_share: the share that goes into test, at least 1 pair; 0 for none.
        resize: bring label maps to the size of their photograph, by the nearest pixel, which invents no new labels.

    Raises:
        RecipeError: a folder without pictures, a picture without a partner, two of one name, an unreadable picture,
            other sizes with `resize` off, a share that leaves nothing to train on, or `out` is taken.
        OSError: the disk is full, or the place cannot be written.
    """
    if not 0 <= test_share < 1:
        raise RecipeError(
            f"{argument('test_share', test_share)}: is no share; choose from 0 (hold nothing out) up to 0.5"
        )
    refuse_taken(out)
    first, second = _by_stem(photos), _by_stem(labels)
    for here, there, folder, other in ((first, second, photos, labels), (second, first, labels, photos)):
        alone = [str(folder / here[stem]) for stem in sorted(here.keys() - there.keys())]
        if alone:
            raise RecipeError(
                f"{len(alone)} {'picture has' if len(alone) == 1 else 'pictures have'} no partner in {other}: "
                f"{first_names(alone, 5)}; partners have the same name, the ending apart"
            )
    names = sorted(first)
    written = [_written(stem) for stem in names]
    if twice := [name for name, often in Counter(written).items() if often > 1]:
        raise RecipeError(f"{photos}: {first_names(twice, 5)}: several pairs would have this name; rename some")
    held_out = set(drawn_by_name(names, max(1, round(test_share * len(names))) if test_share else 0))
    if len(held_out) >= len(names):
        raise RecipeError(
            f"{argument('test_share', test_share)}: leaves none of {len(names)} pairs to train on; choose 0"
        )
    resized = 0
    with new_folder(out) as beside:
        for row, (stem, name) in enumerate(zip(names, written)):
            photo, label = _open(photos / first[stem]), _open(labels / second[stem])
            if photo.size != label.size:
                if not resize:
                    raise RecipeError(
                        f"{labels / second[stem]}: is {_size(label)}, and {photos / first[stem]} is {_size(photo)}; "
                        f"bring them to one size, or leave out {argument('resize', False)}"
                    )
                label = label.resize(photo.size, Image.Resampling.NEAREST)
                resized += 1
            path = beside / ("test" if row in held_out else "train") / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            _side_by_side(*((photo, label) if left == "photos" else (label, photo))).save(path)
            if progress is not None:
                progress(row + 1, len(names))
    return Paired(len(names) - len(held_out), len(held_out), resized)


def _by_stem(folder: Path) -> dict[str, Path]:
    """The pictures below a folder, by their path in it without the ending."""
    if not folder.is_dir():
        raise RecipeError(f"{folder}: no such folder; name a folder of pictures")
    paths = [path.relative_to(folder) for path in walk_pictures(folder).files]
    if not paths:
        raise RecipeError(f"{folder}: holds no pictures")
    stems = [path.with_suffix("").as_posix() for path in paths]
    twice = [stem for stem, often in Counter(stems).items() if often > 1]
    if twice:
        raise RecipeError(f"{folder}: {first_names(twice, 5)}: several pictures of one name; keep one of them")
    return dict(zip(stems, paths))


def _written(stem: str) -> str:
    """The name of a pair: its path, but in no folder that would say another split to whoever reads the set."""
    *folders, last = stem.split("/")
    return stem if all(said_by(folder).split is None for folder in folders) else "-".join([*folders, last])


def _open(path: Path) -> Image.Image:
    try:
        return open_picture(path, 3)
    except UnreadablePicture as unreadable:
        raise RecipeError(f"{unreadable}; mend it, or remove it and its partner") from unreadable


def _side_by_side(left: Image.Image, right: Image.Image) -> Image.Image:
    both = Image.new("RGB", (left.width + right.width, left.height))
    both.paste(left, (0, 0))
    both.paste(right, (left.width, 0))
    return both


def _size(picture: Image.Image) -> str:
    return f"{picture.width}x{picture.height}"
