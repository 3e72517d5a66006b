"""Pictures in folders: a data set in any layout that its folders make plain, two folders or globs, one collection.

Over 300 lines: one way from a path to a `PictureSet`, with a line for everything that is not plain on it; how names of
folders are read stands in `layouts` and `splits`.
"""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from glob import glob, has_magic
from pathlib import Path, PurePath
from typing import Literal

from cyclekit.core.batch import Pair
from cyclekit.core.data import SourceMissing
from cyclekit.files.walking import Other, Walked, counted
from cyclekit.image.formats import is_picture, walk_pictures
from cyclekit.image.layouts import Layout, OneDomain, Placed, Share, Unclear, collection, two_domains
from cyclekit.image.picture_set import PictureFiles, PictureList, PictureSet, Selection
from cyclekit.image.side_by_side import Shapes, halves_of_pictures, shapes_of
from cyclekit.image.splits import said_by
from cyclekit.registry import RecipeError, argument, setting

LAYOUTS = (
    "trainA trainB (testA testB), one folder for each domain (each with train and test, or these around them), or "
    "train/ (test/) of side-by-side pairs"
)


def open_folder(root: Path, domains: Pair[str], aligned: bool | None, left: Literal["a", "b"]) -> PictureSet:
    """A folder whose layout is plain: see `layouts.two_domains`; or one of side-by-side pairs.

    Args:
        aligned: whether rows of two folders belong together, matched by name; None: as the layout says.
        left: the domain that is the left half of side-by-side pictures.

    Raises:
        SourceMissing: no such folder.
        RecipeError: it is there, but is a file, holds no pictures, or its folders do not say which are whose.
    """
    if not root.exists():
        raise SourceMissing("no such folder")
    if not root.is_dir():
        raise RecipeError(f"data.sources: {root} is a file; name the folder of a data set, laid out as {LAYOUTS}")
    walked = _with_pictures(root)
    paths = [path.relative_to(root) for path in walked.files]
    try:
        layout = two_domains(paths, domains)
    except OneDomain as one:
        raise RecipeError(f"data.sources: {root} {one}; both domains need pictures") from one
    except Unclear as unclear:
        return _one_folder(root, collection(paths), bool(aligned), left, walked.others, unclear)
    named_by_folders = layout.names != Pair(None, None)
    if aligned and named_by_folders and _without_partner(layout.shares):
        whole = collection(paths)
        shapes = shapes_of([root / one.path for one in whole.train])
        if shapes.all_two_to_one:
            return _side_by_side(root, whole, left, walked.others, shapes)
    return _two(root, layout, bool(aligned), domains, walked.others)


def open_two(paths: Pair[str], pair_up: bool) -> PictureSet:
    """Two folders (with all below them) or two globs, one for each domain, each with its own test pictures.

    Raises:
        SourceMissing: neither is there.
        RecipeError: only one is, or one holds no pictures to train on, or both hold the same.
    """
    present = paths.map(lambda path: bool(glob(path, recursive=True)) if has_magic(path) else Path(path).exists())
    if not any(present):
        what = "no file matches" if all(map(has_magic, paths)) else "no such folders"
        raise SourceMissing(what)
    if not all(present):
        here, gone = (paths.a, paths.b) if present.a else (paths.b, paths.a)
        raise RecipeError(f"data.sources: {here} is there, but not {gone}; both domains need pictures")
    found = paths.map(_by_split)
    words = "two globs" if has_magic(paths.a) else "two folders"
    shares, others = found.map(lambda one: one[1]), found.a[2] + found.b[2]
    notes = [*_left_over(*shares), *_not_read(others)]
    return _set_of(Pair(*(files_by_split(root, share) for root, share, _ in found)), pair_up, words, notes)


def open_one(path: str) -> tuple[PictureList, PictureList | None, str, list[str]]:
    """Any folder or glob as one collection: its training pictures, its test pictures where it has any, words, notes.

    Raises:
        SourceMissing: no such folder, or no file matches.
        RecipeError: it holds no pictures to train on, or is a file.
    """
    is_glob = has_magic(path) and not Path(path).exists()
    if is_glob and not glob(path, recursive=True):
        raise SourceMissing("no file matches")
    if not is_glob and not Path(path).exists():
        raise SourceMissing("no such folder")
    root, share, others = _by_split(path)
    train, test = files_by_split(root, share)
    notes = [*_left_over(share), *_not_read(others)]
    words = "one glob" if is_glob else "one folder" if test is None else "train and test"
    return train, test, words, notes


def _with_pictures(folder: Path) -> Walked:
    walked = walk_pictures(folder)
    if not walked.files:
        held = counted(walked.others) or "no files"
        raise RecipeError(f"data.sources: {folder} holds no pictures, but {held}; names end in .jpg, .png, .tif, ...")
    return walked


def _by_split(path: str) -> tuple[Path, Share, list[Other]]:
    """The pictures of one domain, and the folder that their paths are relative to.

    Raises:
        RecipeError: there are none, or none to train on.
    """
    if has_magic(path) and not Path(path).exists():
        root, share, others = _matching(path)
    else:
        root = Path(path)
        if not root.is_dir():
            raise RecipeError(f"data.sources: {root} is a file; name a folder of pictures")
        walked = _with_pictures(root)
        share, others = collection([path.relative_to(root) for path in walked.files]), walked.others
    if not share.train:
        raise RecipeError(f"data.sources: {path}: every picture lies in a folder that says test or validation")
    return root, share, others


def _matching(pattern: str) -> tuple[Path, Share, list[Other]]:
    """The pictures that a glob matches, and those below folders that it matches.

    A pattern that says a split itself, as `data/*/test/*.png` does, is taken at its word.
    """
    found = Walked([], [])
    for path in sorted({Path(match) for match in glob(pattern, recursive=True)}):
        if path.is_dir() and not pattern.endswith(("**", "**/")):
            walked = walk_pictures(path)
            found = Walked(found.files + walked.files, found.others + walked.others)
        elif path.is_file():
            found.files.append(path)
    found = found.only(is_picture)
    paths = sorted(set(found.files), key=Path.as_posix)
    if not paths:
        raise RecipeError(f"data.sources: {pattern} matches no pictures; names end in .jpg, .png, .tif, ...")
    common = Path(os.path.commonpath([path.parent for path in paths]))
    relative = [path.relative_to(common) for path in paths]
    if any(said_by(part).split for part in _loose_parts(pattern) if not has_magic(part)):
        return common, Share("", [Placed(path, path.as_posix()) for path in relative], [], []), found.others
    share = collection(relative)
    fixed = len(Path(pattern).parts) - len(_loose_parts(pattern))
    if any(said_by(part).split in ("validation", "test") for part in common.parts[fixed:]):
        share = share._replace(train=[], test=share.train + share.test)
    return common, share, found.others


def _loose_parts(pattern: str) -> tuple[str, ...]:
    """The folders of a pattern from the first that has a wildcard on."""
    parts = Path(pattern).parts
    first = next(place for place, part in enumerate(parts) if has_magic(part))
    return parts[first:-1]


def _one_folder(
    root: Path, whole: Share, asked: bool, left: Literal["a", "b"], others: list[Other], unclear: Unclear
) -> PictureSet:
    """A folder whose folders are no two domains: side-by-side pairs, where that is asked for or unmistakable.

    Raises:
        RecipeError: it is neither.
    """
    shapes = shapes_of([root / one.path for one in whole.train])
    flat = all("/" not in one.name for one in whole.train)
    # pix2pix's own layout is `train` with whatever lies below; without it, folders may mean anything.
    as_published = flat or all(said_by(one.path.parts[0]) == ("train", "") for one in whole.train)
    if whole.train and (shapes.all_two_to_one or (asked and as_published)):
        return _side_by_side(root, whole, left, others, shapes)
    two = [shlex.quote(str(root / folder)) for folder in unclear.folders[:2]]
    named = argument("data", f"a={two[0]},b={two[1]}" if len(two) == 2 else "a=PATH,b=PATH")
    if unclear.set is not None:
        named = f"{argument('data', shlex.quote(str(root / unclear.set)))} is one set alone; two folders are {named}"
    else:
        named = f"name two folders: {named}"
    pairs = f"; they are no side-by-side pairs either ({shapes.other})" if shapes.other else ""
    ask = f", or ask for side-by-side pairs by {setting('data.aligned=true')}" if as_published and whole.train else ""
    raise RecipeError(
        f"data.sources: {root}: which pictures are of which domain is not plain: found {unclear}{pairs}; "
        f"{named}{ask}; or lay it out as {LAYOUTS}"
    )


def _side_by_side(root: Path, whole: Share, left: Literal["a", "b"], others: list[Other], shapes: Shapes) -> PictureSet:
    right = "b" if left == "a" else "a"
    why = "every picture is twice as wide as high"
    if not shapes.all_two_to_one:
        why = f"as data.aligned asks, though not all are twice as wide as high ({shapes.other})"
    note = f"taken for side-by-side pairs, {left} the left half and {right} the right one: {why}"
    train, test = files_by_split(root, whole)
    return halves_of_pictures(train, test, left, [note, *_left_over(whole), *_not_read(others)])


def _two(root: Path, layout: Layout, pair_up: bool, domains: Pair[str], others: list[Other]) -> PictureSet:
    """Two domains of one folder."""
    notes = []
    if layout.names != Pair(None, None):
        names = Pair(*(name or own for name, own in zip(layout.names, domains)))
        turn = shlex.join([f"domains.a={names.b}", f"domains.b={names.a}"])
        notes.append(
            f"domains named after the folders: a is {names.a}, b is {names.b}; "
            f"the other way round by the settings {turn}"
        )
    if layout.unused:
        notes.append(f"not used: {_pictures(layout.unused)} of neither domain")
    notes += [*_left_over(*layout.shares), *_not_read(others)]
    words = f"{layout.shares.a.folders} and {layout.shares.b.folders}"
    found = _set_of(layout.shares.map(lambda share: files_by_split(root, share)), pair_up, words, notes)
    return found._replace(names=layout.names)


def _set_of(
    sides: Pair[tuple[PictureFiles, PictureFiles | None]], pair_up: bool, words: str, notes: Sequence[str]
) -> PictureSet:
    """Raises: RecipeError: partners are missing, or a picture is in two lists."""
    train, test = sides.map(lambda side: side[0]), sides.map(lambda side: side[1])
    _refuse_shared(train, test)
    if not pair_up:
        return PictureSet(Pair(*train), Pair(*test), False, False, words, notes=tuple(notes))
    both: Pair[PictureList | None] = Pair(None, None)
    if test.a is not None and test.b is not None:
        both = Pair(*_by_name(Pair(test.a, test.b)))
    elif test.a is not None or test.b is not None:
        notes = [*notes, f"not used: test pictures of domain {'a' if test.a else 'b'}, for the other has none"]
    return PictureSet(_by_name(train), both, True, True, words, notes=tuple(notes))


def _refuse_shared(train: Pair[PictureFiles], test: Pair[PictureFiles | None]) -> None:
    """Files that links put into training and test at once.

    Raises:
        RecipeError: there are some.
    """
    held_out: dict[tuple[int, int], Path] = {}
    for files in test:
        for path in [] if files is None else files.paths:
            held_out[_identity(path)] = path
    shared = [path for files in train for path in files.paths if held_out and _identity(path) in held_out]
    if shared:
        first = held_out[_identity(shared[0])]
        raise RecipeError(
            f"data.sources: {len(shared)} pictures to train on are held out too, by links: {shared[0]} is {first}; "
            "remove one of the two"
        )


def _identity(path: Path) -> tuple[int, int]:
    try:
        facts = path.stat()
    except OSError:  # gone meanwhile: told with all broken pictures
        return 0, hash(path)
    return facts.st_dev, facts.st_ino


def _without_partner(shares: Pair[Share]) -> bool:
    stems = shares.map(lambda share: {PurePath(one.name).with_suffix("") for one in share.train})
    return stems.a != stems.b


def _by_name(files: Pair[PictureFiles]) -> Pair[PictureList]:
    """Both folders in the order of their names, which must be the same ones."""
    for here, there in (files, files.swapped):
        alone = sorted(set(here.names) - set(there.names))
        if alone:
            raise RecipeError(
                f"data.aligned: {len(alone)} pictures have no partner of the same name, first {alone[0]}; "
                "give both folders the same names, or set data.aligned=false"
            )
    return files.map(lambda side: Selection(side, sorted(range(len(side.names)), key=side.names.__getitem__)))


def files_by_split(root: Path, share: Share) -> tuple[PictureFiles, PictureFiles | None]:
    """Those to train on and those held out; None where no folder says so."""
    return _of(root, share.train), _of(root, share.test) if share.test else None


def _of(root: Path, placed: Iterable[Placed]) -> PictureFiles:
    """Sorted by path; pictures that would have one name are called by their whole paths below the root."""
    placed = sorted(placed, key=lambda one: (root / one.path).as_posix())
    often = Counter(one.name for one in placed)
    return PictureFiles(
        [root / one.path for one in placed],
        [PurePath(one.name) if often[one.name] == 1 else one.path for one in placed],
    )


def _left_over(*shares: Share) -> list[str]:
    """Lines on pictures of the domains that are neither trained on nor held out."""
    unused = [path for share in shares for path in share.unused]
    validation = [path for path in unused if any(said_by(part).split == "validation" for part in path.parts[:-1])]
    unmarked = sorted(set(unused) - set(validation))
    lines = []
    if validation:
        lines.append(f"not used: {_pictures(validation)} for validation, beside others for test")
    if unmarked:
        lines.append(f"not used: {_pictures(unmarked)} in no folder that says train, beside others that are")
    return lines


def _not_read(others: Sequence[Other]) -> list[str]:
    return [f"not read: {counted(others)}"] if others else []


def _pictures(paths: Sequence[PurePath]) -> str:
    """How many, and where: `12 pictures (valA, misc/old)`."""
    folders = sorted({path.parent.as_posix() if path.parent != PurePath() else path.name for path in paths})
    more = f", and {len(folders) - 3} more" if len(folders) > 3 else ""
    return f"{len(paths):,} {'picture' if len(paths) == 1 else 'pictures'} ({', '.join(folders[:3])}{more})"
