"""Which pictures of some folders are whose: domains and splits, for looking a set over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cyclekit.core.batch import Pair
from cyclekit.core.data import SourceMissing
from cyclekit.image.curation.audit import Group
from cyclekit.image.folders import open_folder, pictures_below, walk_pictures
from cyclekit.image.formats import is_picture
from cyclekit.image.listing import Files, PictureSet
from cyclekit.registry import RecipeError


class Grouped(NamedTuple):
    """The pictures to look at."""

    groups: list[Group]
    paired: bool
    """Row i of one domain belongs to row i of the other."""
    words: str
    """How the folders were read."""


def groups_of(folders: Sequence[Path]) -> Grouped:
    """One data set folder as training would read it; any other folders each as a group of its own.

    Raises:
        RecipeError: a folder is not there, or there is no picture in it.
    """
    for folder in folders:
        if not folder.is_dir():
            raise RecipeError(
                f"{folder}: {'is a file' if folder.exists() else 'no such folder'}; name folders of pictures"
            )
    if len(folders) > 1:
        return Grouped([_group(folder, str(folder)) for folder in folders], False, f"{len(folders)} folders")
    root = folders[0]
    try:
        found = open_folder(root, Pair("a", "b"), pair_up=False, left="a")
    except (RecipeError, SourceMissing) as unknown:
        why = str(unknown).removeprefix("data.sources: ")
        if not walk_pictures(root).files:
            raise RecipeError(f"{root}: holds no pictures") from unknown
        return Grouped(_each_folder(root), False, f"every folder by itself, for {why}")
    return Grouped(_of_set(found), found.paired, found.words)


def _of_set(found: PictureSet) -> list[Group]:
    names = Pair("train left", "train right") if found.paired else Pair(*found.words.split(" and "))
    return [
        Group(name.replace("train", split), split, domain, pictures)
        for split, both in (("train", found.train), ("test", found.test))
        for name, domain, pictures in zip(names, "ab", both)
        if pictures is not None
    ]


def _each_folder(root: Path) -> list[Group]:
    """The pictures that lie in `root` itself, and each of its folders that holds some."""
    direct = sorted(path for path in root.iterdir() if is_picture(path) and path.is_file())
    below = [folder for folder in sorted(root.iterdir()) if folder.is_dir() and walk_pictures(folder).files]
    here = [Group(root.name or str(root), "train", "", Files(direct, root))] if direct else []
    return here + [_group(folder, folder.name) for folder in below]


def _group(folder: Path, name: str) -> Group:
    """A folder whose name may say its split and domain: `trainA`, `test_photo`, `photo/test`, `photo`."""
    said = re.fullmatch(r"(train|test|val)[_-]?(.*)", folder.name.lower())
    if said is None:
        return Group(name, "train", folder.name.lower(), pictures_below(folder))
    domain = said[2] or folder.resolve().parent.name.lower()
    return Group(name, "train" if said[1] == "train" else "test", domain, pictures_below(folder))
