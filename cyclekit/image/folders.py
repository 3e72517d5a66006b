"""Pictures in folders: the field's layouts, any two folders, two globs."""

from __future__ import annotations

import os
from glob import glob, has_magic
from pathlib import Path
from typing import Literal

from cyclekit.core.batch import Pair
from cyclekit.core.data import SourceMissing
from cyclekit.core.walking import Walked, counted, walk
from cyclekit.image.formats import is_picture
from cyclekit.image.listing import Files, Halves, PictureList, PictureSet, Selection, Side
from cyclekit.registry import RecipeError

LAYOUTS = (
    "trainA trainB (testA testB), train/ (test/) of side-by-side pairs, or one folder for each domain; "
    "two folders anywhere are written PATH_A,PATH_B"
)


def open_folder(root: Path, domains: Pair[str], pair_up: bool, left: Literal["a", "b"]) -> PictureSet:
    """A folder in one of the field's layouts.

    Args:
        pair_up: whether rows of two folders belong together, matched by name.
        left: the domain that is the left half of side-by-side pictures.

    Raises:
        SourceMissing: no such folder.
        RecipeError: it is there, but has no known layout, only one domain, or an empty folder.
    """
    if not root.exists():
        raise SourceMissing("no such folder")
    if not root.is_dir():
        raise RecipeError(f"data.sources: {root} is a file; name the folder of a data set, laid out as {LAYOUTS}")
    folders = {entry.name.lower(): entry for entry in sorted(root.iterdir()) if entry.is_dir()}
    for names in (Pair("trainA", "trainB"), Pair("train/a", "train/b"), domains.map("train/{}".format)):
        if found := _both(root, folders, names):
            tests = Pair(*(_first_test(folders, name) for name in names))
            return _two_folders(found, tests, pair_up, f"{names.a} and {names.b}")
    if "train" in folders:
        return _side_by_side(root, folders, left)
    for names in (domains, Pair("a", "b")):
        if found := _both(root, folders, names):
            return _two_folders(found, Pair(None, None), pair_up, f"{found.a.name} and {found.b.name}")
    found_here = ", ".join(sorted(entry.name for entry in folders.values())[:8]) or "no folders"
    raise RecipeError(f"data.sources: {root} has no known layout (it holds {found_here}); it may be {LAYOUTS}")


def open_two(paths: Pair[str], pair_up: bool) -> PictureSet:
    """Two folders (with all below them) or two globs, one for each domain.

    Raises:
        SourceMissing: neither is there.
        RecipeError: only one is, or one holds no pictures.
    """
    present = paths.map(lambda path: bool(glob(path, recursive=True)) if has_magic(path) else Path(path).exists())
    if not any(present):
        what = "no file matches" if all(map(has_magic, paths)) else "no such folders"
        raise SourceMissing(what)
    if not all(present):
        here, gone = (paths.a, paths.b) if present.a else (paths.b, paths.a)
        raise RecipeError(f"data.sources: {here} is there, but not {gone}; both domains need pictures")
    train = paths.map(lambda path: _matching(path) if has_magic(path) else pictures_below(Path(path)))
    return _set_of(train, Pair(None, None), pair_up, "two globs" if has_magic(paths.a) else "two folders")


def open_one(path: str) -> tuple[PictureList, PictureList | None, str]:
    """Any folder or glob as one collection: its training pictures, its test pictures where it has any, and words.

    A folder that holds `train` is taken by its splits; of any other, all pictures below it are for training.

    Raises:
        SourceMissing: no such folder, or no file matches.
        RecipeError: it holds no pictures, or is a file.
    """
    if has_magic(path) and not Path(path).exists():
        if not glob(path, recursive=True):
            raise SourceMissing("no file matches")
        return _matching(path), None, "one glob"
    root = Path(path)
    if not root.exists():
        raise SourceMissing("no such folder")
    if not root.is_dir():
        raise RecipeError(f"data.sources: {root} is a file; name a folder of pictures")
    folders = {entry.name.lower(): entry for entry in sorted(root.iterdir()) if entry.is_dir()}
    if "train" not in folders:
        return pictures_below(root), None, "one folder"
    test = _first_test(folders, "train")
    return pictures_below(folders["train"]), None if test is None else pictures_below(test), "train and test"


def pictures_below(folder: Path) -> Files:
    """All pictures in a folder and the folders below it, sorted by path; see `core.walking.walk`.

    Raises:
        RecipeError: there are none.
    """
    walked = walk_pictures(folder)
    if not walked.files:
        held = counted(walked.others) or "no files"
        raise RecipeError(f"data.sources: {folder} holds no pictures, but {held}; names end in .jpg, .png, .tif, ...")
    return Files(walked.files, folder)


def walk_pictures(folder: Path) -> Walked:
    """The pictures in a folder and the folders below it, and what else is there."""
    return walk(folder).only(is_picture)


def _matching(pattern: str) -> Files:
    paths = sorted({path for path in map(Path, glob(pattern, recursive=True)) if is_picture(path) and path.is_file()})
    if not paths:
        raise RecipeError(f"data.sources: {pattern} matches no pictures; names end in .jpg, .png, .tif, ...")
    return Files(paths, Path(os.path.commonpath([path.parent for path in paths])))


def _both(root: Path, folders: dict[str, Path], names: Pair[str]) -> Pair[Path] | None:
    """The folders of both domains, None when neither is there; one alone is an error."""
    found = names.map(lambda name: _below(folders, name))
    if found.a and found.b:
        return Pair(found.a, found.b)
    if found.a or found.b:
        here, gone = (names.a, names.b) if found.a else (names.b, names.a)
        raise RecipeError(f"data.sources: {root} has {here} but no {gone}; both domains need pictures")
    return None


def _below(folders: dict[str, Path], name: str) -> Path | None:
    """The folder `name` or `name/name`, in any case."""
    first, _, second = name.lower().partition("/")
    folder = folders.get(first)
    if folder is None or not second:
        return folder
    return next((entry for entry in sorted(folder.iterdir()) if entry.is_dir() and entry.name.lower() == second), None)


def _first_test(folders: dict[str, Path], train_name: str) -> Path | None:
    """The test folder beside a training folder, or the validation folder."""
    found = (_below(folders, train_name.replace("train", phase, 1)) for phase in ("test", "val"))
    return next((folder for folder in found if folder is not None), None)


def _two_folders(train: Pair[Path], tests: Pair[Path | None], pair_up: bool, words: str) -> PictureSet:
    held_out = tests.map(lambda folder: None if folder is None else pictures_below(folder))
    return _set_of(train.map(pictures_below), held_out, pair_up, words)


def _set_of(train: Pair[Files], tests: Pair[Files | None], pair_up: bool, words: str) -> PictureSet:
    if not pair_up:
        return PictureSet(Pair(train.a, train.b), Pair(tests.a, tests.b), False, False, words)
    both: Pair[PictureList | None] = Pair(None, None)
    if tests.a is not None and tests.b is not None:
        both = Pair(*_by_name(Pair(tests.a, tests.b)))
    return PictureSet(_by_name(train), both, True, True, words)


def _by_name(files: Pair[Files]) -> Pair[PictureList]:
    """Both folders in the order of their names, which must be the same ones."""
    for here, there in (files, files.swapped):
        alone = sorted(set(here.names) - set(there.names))
        if alone:
            raise RecipeError(
                f"data.aligned: {len(alone)} pictures have no partner of the same name, first {alone[0]}; "
                "give both folders the same names, or set data.aligned=false"
            )
    return files.map(lambda side: Selection(side, sorted(range(len(side.names)), key=side.names.__getitem__)))


def _side_by_side(root: Path, folders: dict[str, Path], left: Literal["a", "b"]) -> PictureSet:
    train = pictures_below(folders["train"])
    test_folder = folders.get("test") or folders.get("val")
    test = None if test_folder is None else pictures_below(test_folder)
    sides: Pair[Side] = Pair("left", "right") if left == "a" else Pair("right", "left")
    halves: Pair[PictureList] = sides.map(lambda side: Halves(train, side))
    tests: Pair[PictureList | None] = sides.map(lambda side: None if test is None else Halves(test, side))
    return PictureSet(halves, tests, True, True, f"side-by-side pairs, {left} left")
