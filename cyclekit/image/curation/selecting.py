"""Select pictures by their tags, as the CycleGAN paper's photographs were: Flickr's `landscape` (its appendix)."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cyclekit.core.curation import Told, first_names
from cyclekit.files.new_folder import new_folder, refuse_taken
from cyclekit.image.formats import walk_pictures
from cyclekit.registry import RecipeError, argument


class Described(NamedTuple):
    """What a metadata file says of one picture."""

    file: str
    """Its path in the folder, its file name, or that without the ending."""
    tags: frozenset[str]
    """In lower case."""


class Selected(NamedTuple):
    """What was selected, and what of the metadata was of no use."""

    folder: Path
    written: int
    matching: int
    """Rows with the tags; more than `written` where some have no file."""
    rows: int
    missing: list[str]
    """Rows with the tags whose file is not there, as the metadata names it."""
    unlisted: int
    """Pictures in the folder of which no row speaks."""

    @property
    def lines(self) -> list[str]:
        """What to tell of it."""
        told = [f"{self.written:,} pictures, of {self.matching:,} rows that match among {self.rows:,}"]
        if self.missing:
            told.append(f"no file: {len(self.missing):,} matching rows: {first_names(self.missing, 5)}")
        if self.unlisted:
            told.append(f"no row: {self.unlisted:,} pictures in {self.folder}")
        return told


def select(
    folder: Path,
    metadata: Path,
    tags: Sequence[str],
    out: Path,
    every: bool = False,
    link: bool = False,
    file_column: str = "file",
    tag_column: str = "tags",
    progress: Told | None = None,
) -> Selected:
    """Copy the pictures with certain tags into the new folder `out`, under their paths in `folder`.

    Args:
        metadata: a .csv, .tsv, .jsonl or .json file; see `read_metadata`.
        tags: wanted; upper and lower case are one.
        every: a picture must have all of the tags, instead of any.
        link: write symbolic links instead of copies.

    Raises:
        RecipeError: something named is not there, the metadata cannot be read, a file name fits several pictures,
            nothing matches, or `out` is taken.
        OSError: the disk is full, or the place cannot be written.
    """
    refuse_taken(out)
    wanted = frozenset(tag.strip().lower() for tag in tags if tag.strip())
    if not wanted:
        raise RecipeError(f"{argument('tag')}: is missing; name at least one tag, as in {argument('tag', 'landscape')}")
    if not folder.is_dir():
        raise RecipeError(f"{folder}: no such folder; name a folder of pictures")
    find = _Finder(folder)
    rows = read_metadata(metadata, file_column, tag_column)
    matching = [row for row in rows if (wanted <= row.tags if every else wanted & row.tags)]
    if not matching:
        raise RecipeError(f"{metadata}: no row has {_named(wanted, every)}; {_often(rows)}")
    missing = [row.file for row in matching if not find(row.file)]
    chosen = sorted({find.only(row.file) for row in matching if find(row.file)})
    if not chosen:
        raise RecipeError(
            f"{folder}: holds none of the {len(matching)} pictures with {_named(wanted, every)}: "
            f"{first_names(missing, 3)}; check {argument('file_column')} (now {file_column})"
        )
    with new_folder(out) as beside:
        for done, path in enumerate(chosen, start=1):
            target = beside / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if link:
                target.symlink_to(os.path.abspath(folder / path))
            else:
                shutil.copyfile(folder / path, target)
            if progress is not None:
                progress(done, len(chosen))
    unlisted = len(find.paths - {path for row in rows for path in find(row.file)})
    return Selected(folder, len(chosen), len(matching), len(rows), missing, unlisted)


def read_metadata(path: Path, file_column: str, tag_column: str) -> list[Described]:
    """The rows of a metadata file: a table with a heading (.csv, .tsv), or objects (.jsonl one a line, .json a list).

    Tags are a list, or one text that spaces, commas or semicolons divide.

    Raises:
        RecipeError: no such file, another kind of file, broken text, or a column that is not there.
    """
    readers = {".csv": _table, ".tsv": _table, ".jsonl": _lines, ".json": _list}
    read = readers.get(path.suffix.lower())
    if read is None:
        raise RecipeError(f"{argument('metadata', path)}: its name must end in {', '.join(readers)}")
    if not path.is_file():
        raise RecipeError(f"{argument('metadata', path)}: no such file")
    rows = []
    try:
        for where, row in read(path):
            for column in (file_column, tag_column):
                if column not in row:
                    raise RecipeError(
                        f"{where}: has no column '{column}' (it has {', '.join(map(str, row)) or 'none'}); "
                        f"name the right one with {argument('file_column')} or {argument('tag_column')}"
                    )
            file = row[file_column]
            rows.append(Described("" if file is None else str(file), _tags(row[tag_column])))
    except (ValueError, csv.Error, RecursionError) as error:  # broken JSON and broken UTF-8 are ValueErrors
        raise RecipeError(f"{path}: cannot be read ({error}); it must be UTF-8 {path.suffix[1:].upper()}") from error
    return rows


def _table(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
        for row in reader:
            yield f"{path} line {reader.line_num}", row


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    # Not `splitlines`: a title may hold one of the characters that end a line for Unicode, and not for JSON.
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), start=1):
        if line.strip():
            yield f"{path} line {number}", _object(json.loads(line), f"line {number}")


def _list(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    found = json.loads(path.read_text(encoding="utf-8-sig"))
    if not isinstance(found, list):
        raise ValueError("it holds no list of objects")
    for number, one in enumerate(found, start=1):
        yield f"{path} entry {number}", _object(one, f"entry {number}")


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where} is no object")
    return value


def _tags(value: Any) -> frozenset[str]:
    """Of a cell: a list, a list written as JSON, or words."""
    if isinstance(value, str) and value.strip().startswith("["):
        value = json.loads(value)
    words = value if isinstance(value, list) else re.split(r"[\s,;]+", str(value or ""))
    return frozenset(str(word).strip().lower() for word in words if str(word).strip())


class _Finder:
    """Finds the pictures that a row of the metadata may mean."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths = {path.relative_to(folder) for path in walk_pictures(folder).files}
        self.by_name: dict[str, list[Path]] = defaultdict(list)
        for path in sorted(self.paths):
            for name in {path.name, path.stem, path.with_suffix("").as_posix()}:
                self.by_name[name].append(path)

    def __call__(self, file: str) -> list[Path]:
        """The paths in the folder that it may mean, the best ones alone."""
        exact = Path(os.path.normpath(file))
        return [exact] if exact in self.paths else self.by_name.get(file, [])

    def only(self, file: str) -> Path:
        """The one path that it means.

        Raises:
            RecipeError: it may mean several.
        """
        found = self(file)
        if len(found) > 1:
            raise RecipeError(
                f"{self.folder}: '{file}' of the metadata fits several pictures "
                f"({first_names(list(map(str, found)), 3)}); write their paths into the metadata"
            )
        return found[0]


def _named(wanted: frozenset[str], every: bool) -> str:
    words = (" and " if every else " or ").join(sorted(wanted))
    return f"the {'tag' if len(wanted) == 1 else 'tags'} {words}"


def _often(rows: list[Described]) -> str:
    """The commonest tags, for whoever spelt one wrongly."""
    often: dict[str, int] = defaultdict(int)
    for row in rows:
        for tag in row.tags:
            often[tag] += 1
    commonest = sorted(often, key=lambda tag: (-often[tag], tag))[:8]
    return (
        f"the commonest are {', '.join(commonest)}"
        if commonest
        else f"it has no tags at all; check {argument('tag_column')}"
    )
