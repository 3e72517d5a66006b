"""Which file is what: text files of two domains and several splits, in a folder or named one by one."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from cyclekit.core.batch import Pair
from cyclekit.core.data import SourceMissing
from cyclekit.registry import RecipeError, argument, setting
from cyclekit.text.lines import ENDINGS, matching
from cyclekit.text.tables import is_table

SPLITS = {
    "train": "train",
    **dict.fromkeys(("dev", "valid", "validation", "val", "tune"), "validation"),
    "test": "test",
}
"""What files and folders call the splits, and what they are."""

LAYOUT = (
    "train.DOMAIN.txt (dev.DOMAIN.txt, test.DOMAIN.txt or .tsv with translations), folders train, tune and test with "
    "files DOMAIN (and DOMAIN.ref0, ...), DOMAIN.txt, or tables train.csv and test.csv with a label column, each also "
    "with .gz; files anywhere are written PATH_A,PATH_B"
)


ENDING = rf"({'|'.join(map(re.escape, ENDINGS))})$"


class DomainFiles(NamedTuple):
    """The files of both domains by split."""

    train: Pair[list[Path]]
    validation: Pair[list[Path]] | None
    test: Pair[list[Path]] | None
    references: Pair[list[Path]]
    """`references.a`: files whose line k is an accepted translation of line k of `test.a`; mostly none."""
    words: str


class _Name(NamedTuple):
    split: str
    domain: str
    reference: str | None


def in_folder(root: Path, domains: Pair[str]) -> DomainFiles:
    """The text files of a folder, by their names.

    A file's name says its split, its domain and whether it holds reference translations (`formal.ref0` translates
    `informal`), in any order, parted by dots; the split may be the folder's name instead, as in GYAFC. Domains go by
    their display names, by a and b, or by 0 and 1. Where there is a development split but no test split, the former is
    held out.

    Raises:
        SourceMissing: no such folder.
        RecipeError: a file is named instead, a domain is missing, or no file is named so.
    """
    if not root.exists():
        raise SourceMissing("no such folder")
    if not root.is_dir():
        raise RecipeError(
            f"data.sources: {root} is one file; two domains need two, written PATH_A,PATH_B, or one table (.csv, "
            ".jsonl, ...) with a label column"
        )
    found = _named_files(root)
    for names in (domains.map(str.lower), Pair("a", "b"), Pair("0", "1")):
        train = names.map(lambda name: found.get(_Name("train", name, None)))
        if train.a and train.b:
            return _by_split(root, found, names)
        if train.a or train.b:
            here, gone = (train.a, names.b) if train.a else (train.b, names.a)
            raise RecipeError(f"data.sources: {here} is there, but no such file for {gone}; both need sentences")
    seen = _training_domains(found)
    if len(seen) == 2:
        raise RecipeError(
            f"data.sources: {root} holds sentences of {seen[0]} and {seen[1]}, but the domains are {domains.a} and "
            f"{domains.b}; {setting(f'domains.a={shlex.quote(seen[0])}')} "
            f"{setting(f'domains.b={shlex.quote(seen[1])}')} takes them by "
            f"these names, {argument('data', 'a=PATH,b=PATH')} as the recipe's"
        )
    held = ", ".join(sorted(one.name for one in root.iterdir())[:8]) or "nothing"
    raise RecipeError(f"data.sources: {root} has no known layout (it holds {held}); it may be {LAYOUT}")


def domains_in(root: Path) -> Pair[str] | None:
    """The domains of a folder's training files, if these are two.

    Raises:
        RecipeError: two files are the same by their names.
    """
    seen = _training_domains(_named_files(root))
    return Pair(*seen) if len(seen) == 2 else None


def tables_in(root: Path) -> dict[str, Path]:
    """Tables of both domains in a folder by their splits, `train.csv` and such; empty where there is no `train`.

    Where there is a development split but no test split, the former is held out, as `hub.set_of` does.

    Raises:
        RecipeError: two of one split.
    """
    found: dict[str, Path] = {}
    for path in sorted(root.iterdir()) if root.is_dir() else ():
        stem = path.name.lower().removesuffix(".gz").rpartition(".")[0]
        if path.is_file() and is_table(path) and stem in SPLITS:
            first = found.setdefault(SPLITS[stem], path)
            if first != path:
                raise RecipeError(f"data.sources: {first} and {path} are the same by their names; remove one")
    return found if "train" in found else {}


def files_named(source: Mapping[str, Any]) -> DomainFiles:
    """`{a: PATHS, b: PATHS}`, with further pairs under `validation` and `test` where these are known.

    Raises:
        SourceMissing: neither domain's training files are there.
        RecipeError: only one is, a file of another split is missing, or the mapping has other keys.
    """
    train = _both(source, "data.sources", may_be_missing=True)
    given = [split for split in ("validation", "test") if split in source]
    others = {split: _both(source[split], f"data.sources.{split}") for split in given}
    words = ", ".join(_shown(side) for side in train)
    return DomainFiles(train, others.get("validation"), others.get("test"), Pair([], []), words)


def _both(source: Any, where: str, may_be_missing: bool = False) -> Pair[list[Path]]:
    if not isinstance(source, Mapping) or not {"a", "b"} <= set(source) <= {"a", "b", "validation", "test"}:
        raise RecipeError(f"{where}: wants {{a: PATH, b: PATH}}, got {source}")
    for domain in Pair._fields:
        if not isinstance(source[domain], str | PathLike):
            raise RecipeError(f"{where}.{domain}: {source[domain]} is no path; name a file, a folder or a glob")
    found: dict[str, list[Path]] = {}
    missing: dict[str, str] = {}
    for domain in Pair._fields:
        try:
            found[domain] = matching(str(source[domain]))
        except SourceMissing as reason:
            missing[domain] = str(reason)
    if len(missing) == 2 and may_be_missing:
        raise SourceMissing(missing["a"])
    for domain, why in missing.items():
        raise RecipeError(f"{where}.{domain}: {source[domain]}: {why}; both domains need sentences")
    return Pair(found["a"], found["b"])


def _named_files(root: Path) -> dict[_Name, Path]:
    """The files of a folder whose names say what they are."""
    found: dict[_Name, Path] = {}
    for folder, split in [(root, None), *_split_folders(root)]:
        for path in sorted(one for one in folder.iterdir() if one.is_file()):
            name = _understood(path, split)
            if name is not None:
                first = found.setdefault(name, path)
                if first != path:
                    raise RecipeError(f"data.sources: {first} and {path} are the same by their names; remove one")
    return found


def _training_domains(found: Mapping[_Name, Path]) -> list[str]:
    return sorted({name.domain for name in found if name.split == "train" and name.reference is None})


def _by_split(root: Path, found: dict[_Name, Path], names: Pair[str]) -> DomainFiles:
    splits: dict[str, Pair[list[Path]]] = {}
    for split in ("train", "validation", "test"):
        paths = names.map(lambda name, split=split: found.get(_Name(split, name, None)))  # type: ignore[misc]
        if paths.a and paths.b:
            splits[split] = Pair([paths.a], [paths.b])
        elif paths.a or paths.b:
            here, gone = (paths.a, names.b) if paths.a else (paths.b, names.a)
            raise RecipeError(f"data.sources: {here} is there, but no such file for {gone}; add or remove one")
    of_split = "test"
    if "test" not in splits and "validation" in splits:
        splits["test"], of_split = splits.pop("validation"), "validation"
    references = names.swapped.map(lambda name: _references(found, of_split, name))
    words = ", ".join(str(path.relative_to(root)) for path in (splits["train"].a[0], splits["train"].b[0]))
    return DomainFiles(splits["train"], splits.get("validation"), splits.get("test"), references, words)


def _references(found: dict[_Name, Path], split: str, domain: str) -> list[Path]:
    """Files in `domain` that translate the other domain's held-out sentences."""
    return [path for name, path in sorted(found.items(), key=lambda item: str(item[1]))
            if (name.split, name.domain) == (split, domain) and name.reference]  # fmt: skip


def _split_folders(root: Path) -> list[tuple[Path, str]]:
    folders = sorted(one for one in root.iterdir() if one.is_dir())
    return [(one, SPLITS[one.name.lower()]) for one in folders if one.name.lower() in SPLITS]


def _understood(path: Path, split: str | None) -> _Name | None:
    """What a file's name says; None where it says something else."""
    words = re.sub(ENDING, "", path.name.lower().removesuffix(".gz")).split(".")
    splits = [SPLITS[word] for word in words if word in SPLITS]
    references = [word for word in words if re.fullmatch(r"ref\d*", word)]
    rest = [word for word in words if word not in SPLITS and word not in references]
    if len(rest) != 1 or not rest[0] or len(splits) > 1 or len(references) > 1 or (splits and split):
        return None
    return _Name(split or (splits[0] if splits else "train"), rest[0], references[0] if references else None)


def _shown(paths: list[Path]) -> str:
    return paths[0].name if len(paths) == 1 else f"{len(paths)} files ({paths[0].name}, ...)"
