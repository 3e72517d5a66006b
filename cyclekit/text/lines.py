"""Text files as lines: plain or gzipped, UTF-8, one sentence each; every fault named by file and line."""

from __future__ import annotations

from collections.abc import Sequence
from glob import glob, has_magic
from pathlib import Path
from typing import NamedTuple

from cyclekit.core.data import SourceMissing
from cyclekit.registry import RecipeError
from cyclekit.text.columns import NONE, Columns, has_header, one_domain
from cyclekit.text.disguises import refuse_tables
from cyclekit.text.tables import KINDS, is_table, read_lines, read_table

ENDINGS = (".txt", *KINDS)
"""What names of text files end in."""


class TextFile(NamedTuple):
    """A file that has been read. Line k is item k - 1, blank lines too."""

    path: Path
    lines: list[str]
    """With single spaces; tabs are kept in .tsv files without a header, where they part the columns."""
    column: str | None = None
    """Of a table: its column of sentences."""


def read_text_file(path: Path, domain: str = "", columns: Columns = NONE) -> TextFile:
    """Read a file of one domain's sentences; the encoding is UTF-8, with or without a byte order mark. `.gz` is read in
    place. Of a table it is one column, see `columns.one_domain`; but a .tsv file without `columns` has no header.

    Raises:
        RecipeError: it cannot be read, is damaged or is not UTF-8 (file and line are named), holds no sentence, or
            looks like a table under another name.
    """
    if is_table(path) and (columns or not has_translations(path)):
        texts, name = one_domain(read_table(path, has_header(columns)), domain, columns)
        if not any(texts):
            raise RecipeError(f"data.sources: {path}: its column {name} is empty; it should hold sentences")
        return TextFile(path, texts, name)
    lines = read_lines(path)
    if not any(map(str.strip, lines)):
        what = "holds blank lines only" if lines else "is empty"
        raise RecipeError(f"data.sources: {path} {what}; it should hold one sentence per line")
    refuse_tables(path, lines)
    if has_translations(path):
        return TextFile(path, ["\t".join(map(_line, one.split("\t"))) for one in lines])
    return TextFile(path, [_line(one) for one in lines])


def has_translations(path: Path) -> bool:
    """Whether a file is tab-separated without a header: the sentence, then its accepted translations."""
    return path.name.lower().removesuffix(".gz").endswith(".tsv")


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
            raise RecipeError(f"data.sources: {path} holds no text files ({', '.join(ENDINGS)}, or these with .gz)")
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
    """Whether a name ends as text files do; hidden files, which systems leave beside others, are none."""
    return path.name.lower().removesuffix(".gz").endswith(ENDINGS) and not path.name.startswith(".")


def sentences_in(files: Sequence[TextFile]) -> tuple[list[str], int]:
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


def accepted(file: TextFile) -> list[list[str]]:
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
    return line.partition("\t")[0] if has_translations(file.path) and file.column is None else line


def _line(text: str) -> str:
    return " ".join(text.split())
