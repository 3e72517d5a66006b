"""Which pictures are held out for the end, and which are set aside to choose checkpoints by."""

from __future__ import annotations

from cyclekit.core.batch import Pair
from cyclekit.image.picture_set import PictureList, PictureSet, Selection, drawn_by_name
from cyclekit.registry import RecipeError

MOST_HELD_OUT = 200
"""Where a share is held out: more would take time in every evaluation and sharpen no number much."""


VALIDATION = 64
"""Pictures of each domain that choose checkpoints where `validation` is "auto": KID ranks checkpoints by them alike."""


def hold_out(
    pictures: PictureSet, domains: Pair[str], share: float, most: int | None
) -> tuple[Pair[PictureList], Pair[PictureList], str]:
    """Training pictures, held-out pictures, and where the latter come from in words.

    Raises:
        RecipeError: a share is to be held out of a single picture.
    """
    train, test = list(pictures.train), list(pictures.test)
    shared = False
    for side in (0, 1):
        if test[side] is not None:
            continue  # (pairs have equal names, so that the draw below takes the same rows of both domains)
        names = train[side].names
        count = 0 if share == 0 else min(MOST_HELD_OUT, max(1, round(share * len(names))))
        if count >= len(names):
            raise RecipeError(
                f"data: {domains[side]} has {len(names)} picture, and one is to be held out: add pictures, give a test "
                "folder, or hold nothing out with data.test_share=0"
            )
        out = drawn_by_name(names, count)
        held = set(out)
        test[side] = Selection(train[side], out)
        train[side] = Selection(train[side], [row for row in range(len(names)) if row not in held])
        shared = shared or count > 0
    kept = Pair(*(_first(side, most) for side in test if side is not None))
    counts = f"{domains.a} {len(kept.a.names)}, {domains.b} {len(kept.b.names)}"
    how = f" (a fixed {share:.0%} where there is no test split)" if shared else ""
    return Pair(*train), kept, f"held out {counts}{how}"


def how_many_aside(wanted: int | str, there: int) -> int:
    """The number of validation pictures of each domain, of which the smaller has so many.

    Raises:
        RecipeError: a negative number.
    """
    if not isinstance(wanted, int):
        return min(VALIDATION, max(2, there // 10))
    if wanted < 0:
        raise RecipeError(f"data.validation: {wanted} pictures; choose 0 or more")
    return wanted


def set_aside(
    train: Pair[PictureList], domains: Pair[str], count: int, aligned: bool
) -> tuple[Pair[PictureList], Pair[PictureList]]:
    """Training pictures without the validation pictures, and these. With a count of 0 the former are untouched.

    Raises:
        RecipeError: a domain would have no training pictures left.
    """
    kept, aside = list(train), list(train)
    for side, pictures in enumerate(train):
        names = pictures.names
        if count >= len(names):
            raise RecipeError(
                f"data.validation: {count} pictures are to be set aside, and {domains[side]} has {len(names)} to train "
                "on; choose fewer"
            )
        # Rows of pairs stay together, whatever their names are.
        together = aligned and len(train.a.names) == len(train.b.names)
        out = drawn_by_name(train.a.names if together else names, count)
        taken = set(out)
        aside[side] = Selection(pictures, out)
        if count:
            kept[side] = Selection(pictures, [row for row in range(len(names)) if row not in taken])
    return Pair(*kept), Pair(*aside)


def _first(pictures: PictureList, most: int | None) -> PictureList:
    return pictures if most is None else Selection(pictures, range(len(pictures.names))[:most])
