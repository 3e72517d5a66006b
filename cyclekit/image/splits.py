"""What the names of folders say of the pictures below them: training, validation or test, and the rest of the name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import NamedTuple

SPLITS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev", "eval"), "validation"),
    **dict.fromkeys(("test", "tests", "testing", "holdout", "heldout"), "test"),
}
"""Words in folders' names, and the split they mean."""

STRICTNESS = ("train", "validation", "test")
"""Of several splits on the way to a picture the last one here holds: what is held out anywhere is held out."""


class Said(NamedTuple):
    """What one folder's name says."""

    split: str | None
    rest: str
    """The name without the split; empty where it says nothing else."""


class Tagged(NamedTuple):
    """A picture and what the folders above it say."""

    path: PurePath
    split: str | None
    """None: no folder says anything."""
    folders: tuple[str, ...]
    """The folders from the root down to it, without the splits in their names: `trainA/sub` is ("A", "sub")."""
    at: tuple[PurePath, ...]
    """The real folder of each of them, relative to the root."""

    @property
    def keys(self) -> tuple[str, ...]:
        """`folders` without the difference of upper and lower case."""
        return tuple(name.casefold() for name in self.folders)


def said_by(name: str) -> Said:
    """What a folder's name says: `trainA`, `test_photo`, `photo-val`, `DIV2K_train_HR`, `val2017`, `photo`.

    The split is a word of its own, parted by a space, `_`, `-`, `.` or a capital letter; `valley` is none.
    """
    words: list[str] = []
    splits: list[str] = []
    for word in re.split(r"[\s_.\-]+|(?<=[a-z])(?=[A-Z])", name):
        split, letter = _split_in(word)
        splits += [split] if split else []
        words += [letter if split else word] if letter or not split else []
    if not splits:
        return Said(None, name)
    return Said(max(splits, key=STRICTNESS.index), "_".join(words))


def tag(paths: Sequence[PurePath], known: Iterable[str] = ()) -> list[Tagged]:
    """The pictures of a folder, by their paths in it, with what the folders above each say.

    A name that says test or validation always counts. One that says train counts only if its neighbours speak of splits
    too, for `train` is also a vehicle and `train_station` a place; at the top, `train` is a split in any company.

    Args:
        known: names of domains: `train_photo` counts wherever `photo` is one.
    """
    below: dict[PurePath, set[str]] = {}
    pictures_in: set[PurePath] = set()
    for path in paths:
        pictures_in.add(path.parent)
        for folder in path.parents[:-1]:
            below.setdefault(folder.parent, set()).add(folder.name)
    names = {"a", "b", *(name.casefold() for name in known)}
    said: dict[PurePath, Said] = {}
    top: PurePath | None = PurePath()
    for folder in sorted(below, key=lambda folder: len(folder.parts)):
        judged = _judged(below[folder], names, folder == top, folder in pictures_in)
        said.update({folder / name: one for name, one in judged.items()})
        if folder == top:  # an archive's folder around everything is no level of its own
            alone = len(judged) == 1 and folder not in pictures_in and not any(one.split for one in judged.values())
            top = folder / next(iter(judged)) if alone else None
    return [_tagged(path, said) for path in paths]


def _split_in(word: str) -> tuple[str | None, str]:
    """The split that a word is, and a domain's letter that is joined to it; digits (`val2017`) say nothing."""
    found = re.fullmatch(r"([a-z]+?)(\d*|[ab])", word.casefold())
    if found is None or found[1] not in SPLITS:
        return None, ""
    return SPLITS[found[1]], word[len(found[1]) :] if found[2] in ("a", "b") else ""


def _judged(names: Iterable[str], known: set[str], top: bool, with_pictures: bool) -> dict[str, Said]:
    """What each of the folders of one folder says, in the company of the others and of pictures beside them."""
    said = {name: said_by(name) for name in names}
    rests_held_out = {one.rest.casefold() for one in said.values() if one.split in ("validation", "test")}
    all_say = not with_pictures and all(one.split for one in said.values())

    def counts(one: Said) -> bool:
        if one.split != "train" or all_say:
            return True
        if one.rest:
            return one.rest.casefold() in known or one.rest.casefold() in rests_held_out
        return top or bool(rests_held_out)

    return {name: one if counts(one) else Said(None, name) for name, one in said.items()}


def _tagged(path: PurePath, said: dict[PurePath, Said]) -> Tagged:
    splits: list[str] = []
    folders: list[str] = []
    at: list[PurePath] = []
    for folder in reversed(path.parents[:-1]):
        one = said[folder]
        splits += [one.split] if one.split else []
        if one.rest:
            folders.append(one.rest)
            at.append(folder)
    return Tagged(path, max(splits, key=STRICTNESS.index) if splits else None, tuple(folders), tuple(at))
