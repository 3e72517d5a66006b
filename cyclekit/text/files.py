"""Translating text files line by line: line k of what is written belongs to line k of what was read.

A file is read twice: once whole, to count its lines and to find bad ones before hours of work, and once as its lines
are translated, a few at a time. `-` reads standard input and answers each line as it comes.
"""

from __future__ import annotations

import gzip
import sys
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, BinaryIO

from cyclekit.core.written import Written
from cyclekit.files.inputs import Input, Inputs, find_inputs, make_output, translated_file
from cyclekit.files.jobs import Job
from cyclekit.files.parquet import UnfitTable, is_parquet, rows_in, translated_table
from cyclekit.registry import RecipeError, argument
from cyclekit.text.encodings import (
    HEAD,
    UnreadableText,
    bare_returns,
    blocks_of,
    check_head,
    decode,
    lines_in,
    not_gzip,
)
from cyclekit.text.tables import is_table

Answer = str | list[str]
"""A translation; or the best few, which share a line with tabs between them."""
Translate = Callable[[Iterable[str]], Iterator[Answer]]

ROWS_AT_ONCE = 1024
"""Of a table."""

AT_ONCE = 1 << 16
"""Bytes of standard input that are translated together, where so many have come: what a pipe holds."""


def text_files(source: object, target: object) -> Callable[..., Written]:
    """Files of the text modality, which are alike for all codecs."""
    return translate_texts


def check_text(item: object) -> None:
    """Refuse what is no sentence.

    Raises:
        RecipeError: it is no text.
    """
    if not isinstance(item, str):
        kind = type(item).__name__
        raise RecipeError(f"a sentence is text, not {kind}; give str, or have `cyclekit translate` read files")


def translate_texts(
    translate: Translate,
    inputs: Sequence[str],
    out: Path,
    progress: Callable[[int, int], None],
    *,
    job: Job | None = None,
) -> Written:
    """Translate text files and folders (recursively, all of them) into `out`, keeping names and subfolders; or
    standard input to standard output, where the input is `-`.

    One sentence a line; blank lines stay blank. Files that end in `.gz` are read and written as such; a Parquet table
    gets a column more. A file that
    cannot be read is left out and reported; the others are done. What is counted, for `progress` too, is lines.

    Args:
        job: which of the files; None: all.

    Raises:
        RecipeError: an input is missing, two would be written to one place, one would be overwritten, there is no file
            at all, `out` cannot be written, or standard input is no UTF-8.
    """
    if "-" in inputs:
        if len(inputs) > 1:
            raise RecipeError("-: standard input is translated alone; name the files in a call of their own")
        if job is not None:
            raise RecipeError(
                f"-: standard input is one stream; {', '.join(map(argument, ('shard', 'skip_existing', 'record')))} "
                "are about files"
            )
        return Written(translate_stream(translate, sys.stdin.buffer, sys.stdout.buffer), out, [])
    found = find_texts(inputs, out)
    make_output(out, found)
    job = job or Job()
    failures: list[tuple[str, str]] = []
    counts: dict[Input, int] = {}

    def failed(path: Path, error: UnreadableText | UnfitTable) -> None:
        failures.append((str(path), str(error)))
        job.failed(path, out, str(error))

    for item in job.share(found, out):
        try:
            counts[item] = rows_in(item.path) if is_parquet(item.path) else sum(1 for _ in lines_of(item.path))
        except (UnreadableText, UnfitTable) as error:
            failed(item.path, error)
    total, before = sum(counts.values()), 0
    progress(0, total)
    for item, count in counts.items():
        try:
            if is_parquet(item.path):
                _write_table(translate, item, out, job)
                progress(before + count, total)
            else:
                answers = answered(translate, lines_of(item.path))
                _write(_told(answers, before, total, progress), out / item.place)
        except (UnreadableText, UnfitTable) as error:  # of lines: it was changed meanwhile
            failed(item.path, error)
            total -= count
            continue
        job.done(item, out)
        before += count
    return Written(before, out, failures, found.not_read)


def translate_stream(translate: Translate, source: BinaryIO, target: BinaryIO) -> int:
    """Answer every line of `source` on `target`, in order, as it comes; lines that have come together are translated
    together. Returns how many lines there were.

    Args:
        source: has `read1`, which waits for something and gives what is there.

    Raises:
        RecipeError: a line is no UTF-8; those before it have been answered.
    """
    done, rest = 0, b""
    while True:
        new = source.read1(AT_ONCE)  # type: ignore[attr-defined]
        *whole, rest = (rest + new).split(b"\n")
        if not new and rest:
            # The last line has no end; nor has any, where they end in carriage returns.
            whole = lines_in(rest) if not done else [rest]
        lines: list[str] = []
        bad: UnreadableText | None = None
        try:
            if not done and whole:
                check_head(b"\n".join(whole)[:HEAD], None)
            lines.extend(_decoded(whole, None, done + 1))
        except UnreadableText as error:
            bad = error
        for answer in answered(translate, lines):
            target.write(answer.encode("utf-8", "replace"))
        target.flush()
        done += len(lines)
        if bad is not None:
            raise RecipeError(f"standard input: {bad}") from bad
        if not new:
            return done


def answered(translate: Translate, lines: Iterable[str]) -> Iterator[str]:
    """The output's lines, with their ends: a translation for each line, nothing for a blank one.

    Lines are taken as `translate` takes them, so that no more of a file is held than that needs.
    """
    taken: deque[bool] = deque()  # for each line that has no answer yet: whether it is a sentence

    def sentences() -> Iterator[str]:
        for line in lines:
            taken.append(not line.isspace() and line != "")
            if taken[-1]:
                yield line.strip()

    for answer in translate(sentences()):
        while not taken.popleft():
            yield "\n"
        yield one_line(answer)
    yield from ("\n" for _ in taken)


def one_line(answer: Answer) -> str:
    """A translation as one line; several of them with tabs between."""
    candidates = [answer] if isinstance(answer, str) else answer
    return "\t".join(" ".join(each.split()) for each in candidates) + "\n"


def find_texts(inputs: Sequence[str], out: Path) -> Inputs:
    """Every file of the given files and folders; not hidden ones, nor those in `out` where it lies below a folder,
    which are translations from an earlier time.

    Raises:
        RecipeError: see `translate_texts`.
    """
    found = find_inputs(
        inputs,
        out,
        none_below="no files in this folder or below",
        irregular="and a file is read twice; give - and pipe it in",
    )
    return found.once()


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a text file, `.gz` or plain, without their ends.

    Raises:
        UnreadableText: it cannot be read, is a table, or is no UTF-8.
    """
    if is_table(path):
        raise UnreadableText("is a table, and lines are translated; save its column of sentences as lines of a .txt")
    packed = path.suffix == ".gz"
    try:
        with gzip.open(path) if packed else path.open("rb") as file:
            check_head(file.read(HEAD), path, packed)
            if bare_returns(blocks_of(file)):
                file.seek(0)
                yield from _decoded(lines_in(file.read()), path, 1)
                return
            file.seek(0)
            yield from _decoded((line.removesuffix(b"\n") for line in file), path, 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UnreadableText(not_gzip(path)) from error
    except OSError as error:
        raise UnreadableText(error.strerror or str(error)) from error


def _decoded(lines: Iterable[bytes], path: Path | None, first: int) -> Iterator[str]:
    for number, line in enumerate(lines, first):
        yield decode(line, number, path, first=number == 1).removesuffix("\r")


def _write_table(translate: Translate, item: Input, out: Path, job: Job) -> None:
    """A table with a column more; of a row without a sentence it is empty, or not there."""

    def answers(cells: Sequence[str | None]) -> list[str | None]:
        lines = answered(translate, [" ".join((cell or "").split()) for cell in cells])
        return [None if cell is None else line.removesuffix("\n") for cell, line in zip(cells, lines)]

    def fits(kind: Any) -> bool:
        return str(kind) in ("string", "large_string")

    translated_table(
        item.path, out / item.place, job.column, job.adds, answers, fits=fits, what="text", at_once=ROWS_AT_ONCE
    )


def _told(answers: Iterable[str], before: int, total: int, progress: Callable[[int, int], None]) -> Iterator[str]:
    for number, answer in enumerate(answers, before + 1):
        yield answer
        progress(number, total)


def _write(answers: Iterable[str], place: Path) -> None:
    """Written whole, compressed where its name says so."""
    with translated_file(place) as beside, beside.open("wb") as file:
        _write_lines(answers, file, place.suffix == ".gz")


def _write_lines(answers: Iterable[str], file: IO[bytes], compressed: bool) -> None:
    if compressed:
        with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:
            packed.writelines(answer.encode("utf-8", "replace") for answer in answers)
    else:
        file.writelines(answer.encode("utf-8", "replace") for answer in answers)
