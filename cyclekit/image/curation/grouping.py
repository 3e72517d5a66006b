"""Which pictures of some folders are whose: domains and splits, for looking a set over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cyclekit.core.batch import Pair
from cyclekit.files.walking import Other, counted
from cyclekit.image.curation.looking import PictureGroup
from cyclekit.image.folders import files_by_split, open_folder
from cyclekit.image.formats import walk_pictures
from cyclekit.image.layouts import collection
from cyclekit.image.picture_set import PictureSet
from cyclekit.image.splits import said_by
from cyclekit.registry import RecipeError


class Grouped(NamedTuple):
    """The pictures to look at."""

    groups: list[PictureGroup]
    paired: bool
    """Row i of one domain belongs to row i of the other."""
    words: str
    """How the folders were read."""
    notes: list[str]
    """What else training would say of them, and what is not read: a line each."""


def groups_of(folders: Sequence[Path]) -> Grouped:
    """One data set folder as training would read it; any other folders each as a domain of its own.

    Raises:
        RecipeError: a folder is not there, or there is no picture in it.
    """
    for folder in folders:
        if not folder.is_dir():
            raise RecipeError(
                f"{folder}: {'is a file' if folder.exists() else 'no such folder'}; name folders of pictures"
            )
    if len(folders) > 1:
        return _each(folders, [str(folder) for folder in folders], f"{len(folders)} folders")
    root = folders[0]
    try:
        found = open_folder(root, Pair("a", "b"), aligned=None, left="a")
    except RecipeError as unknown:
        walked = walk_pictures(root)
        if not walked.files:
            raise RecipeError(f"{root}: holds no pictures{_but(walked.others)}") from unknown
        inside = sorted({path.relative_to(root).parts[0] for path in walked.files if path.parent != root})
        below = [root / name for name in inside]
        why = f"every folder by itself, for {str(unknown).removeprefix('data.sources: ')}"
        return _each([root, *below], [root.name or str(root), *inside], why, itself=root)
    return Grouped(_of_set(found), found.paired, found.words, list(found.notes))


def _of_set(found: PictureSet) -> list[PictureGroup]:
    if found.paired:
        names = Pair("train left", "train right")
    else:
        words = found.words.split(" and ")
        names = Pair(*words) if len(words) == 2 else Pair("a", "b")
    return [
        PictureGroup(_split_name(name, split), split, domain, pictures)
        for split, both in (("train", found.train), ("test", found.test))
        for name, domain, pictures in zip(names, (found.names.a or "a", found.names.b or "b"), both)
        if pictures is not None
    ]


def _split_name(name: str, split: str) -> str:
    """`trainA` is `testA` of the test pictures, `photos` is `photos test`."""
    if split == "train":
        return name
    return name.replace("train", split) if "train" in name else f"{name} {split}"


def _each(folders: Sequence[Path], names: Sequence[str], words: str, itself: Path | None = None) -> Grouped:
    """Each folder as a domain, by its splits.

    Args:
        itself: the folder of which only the pictures count that lie in it directly; it holds the others.
    """
    groups: list[PictureGroup] = []
    others: dict[Other, None] = {}
    for folder, name in zip(folders, names):
        walked = walk_pictures(folder)
        others.update(dict.fromkeys(walked.others))
        inside = [path for path in walked.files if folder != itself or path.parent == folder]
        share = collection([path.relative_to(folder) for path in inside])
        # A folder's own name may say its split and domain too: `trainA`, `test_photo`, `photo/test`, `photo`.
        said = said_by(folder.name)
        domain = (said.rest or folder.resolve().parent.name).casefold()
        for split, files in zip(("train", "test"), files_by_split(folder, share)):
            if files is not None and files.names:
                whose = split if said.split is None else "train" if said.split == "train" else "test"
                groups.append(PictureGroup(_split_name(name, split), whose, domain, files))
    if not groups:
        raise RecipeError(f"{folders[0]}: holds no pictures{_but(list(others))}")
    return Grouped(groups, False, words, [f"not read: {counted(list(others))}"] if others else [])


def _but(others: Sequence[Other]) -> str:
    return f", but {counted(others)}" if others else ""
