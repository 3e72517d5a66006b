"""Text files as lines: plain or gzipped, UTF-8, one sentence each; every fault named by file and line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from glob import glob, has_magic
from pathlib import Path
from typing import NamedTuple

from cyclekit.core.data import SourceMissing
from cyclekit.registry import RecipeError


class TextFile(NamedTuple):
    """A file that has been read. Line k is item k - 1, blank lines too."""

    path: Path
    lines: list[str]
    """With single spaces; tabs are kept in .tsv files, where they part the columns."""


def read(path: Path) -> TextFile:
    """Read a text file; the encoding is UTF-8, with or without a byte order mark. `.gz` is read in place.

    Raises:
        RecipeError: it cannot be read, is damaged or is not UTF-8 (file and line are named), or holds no sentence.
    """
    try:
        held = path.read_bytes()
        if path.suffix == ".gz":
            held = gzip.decompress(held)
        text = held.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = held.count(b"\n", 0, error.start) + 1
        raise RecipeError(
            f"data.sources: {path}, line {line}: is not UTF-8 (byte 0x{held[error.start]:02x}); convert the file, "
            "for example: iconv -f LATIN1 -t UTF-8"
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or error
        raise RecipeError(f"data.sources: {path} cannot be read: {why}") from error
    # Not `splitlines`, which would also part lines at a dozen characters that other programs count as text.
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    separator = "\t" if is_table(path) else None
    lines = [separator.join(map(_line, one.split(separator))) if separator else _line(one) for one in lines]
    if not any(map(str.strip, lines)):
        raise RecipeError(f"data.sources: {path} is empty; it should hold one sentence per line")
    return TextFile(path, lines)


def is_table(path: Path) -> bool:
    """Whether a file is tab-separated: the sentence, then its accepted translations."""
    return path.name.removesuffix(".gz").endswith(".tsv")


def matching(pattern: str) -> list[Path]:
    """The files that a path, a folder (its text files) or a glob names, sorted.

    Raises:
        SourceMissing: there is no such file or folder, or the glob matches none.
        RecipeError: the folder holds no text files.
    """
    path = Path(pattern).expanduser()
    if path.is_dir():
        found = sorted(one for one in path.iterdir() if one.is_file() and is_text(one))
        if not found:
            raise RecipeError(f"data.sources: {path} holds no text files (.txt, .tsv, or these with .gz)")
        return found
    if path.exists():
        return [path]
    if has_magic(pattern):
        found = sorted(one for one in map(Path, glob(str(path), recursive=True)) if one.is_file())
        if found:
            return found
        raise SourceMissing("no file matches")
    raise SourceMissing("no such file")


def is_text(path: Path) -> bool:
    """Whether a name ends as text files do."""
    return path.name.removesuffix(".gz").endswith((".txt", ".tsv"))


def sentences(files: Sequence[TextFile]) -> tuple[list[str], int]:
    """The sentences of all files, blank lines left out; and how many these were."""
    firsts = [first_column(file, line) for file in files for line in file.lines]
    kept = [line for line in firsts if line]
    return kept, len(firsts) - len(kept)


def every_line(files: Sequence[TextFile], why: str) -> list[str]:
    """The same where line k matters.

    Raises:
        RecipeError: a line is blank.
    """
    for file in files:
        for number, line in enumerate(file.lines, 1):
            if not first_column(file, line):
                raise RecipeError(f"data.sources: {file.path}, line {number}: is blank, but {why}")
    return [first_column(file, line) for file in files for line in file.lines]


def columns(file: TextFile) -> list[list[str]]:
    """A table's rows after their first column: the accepted translations.

    Raises:
        RecipeError: a row has none.
    """
    rows = [[cell for cell in line.split("\t")[1:] if cell] for line in file.lines]
    for number, row in enumerate(rows, 1):
        if not row:
            raise RecipeError(f"data.sources: {file.path}, line {number}: has no translation in a second column")
    return rows


def first_column(file: TextFile, line: str) -> str:
    """The sentence of a line."""
    return line.partition("\t")[0] if is_table(file.path) else line


def _line(text: str) -> str:
    return " ".join(text.split())
