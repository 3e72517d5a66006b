"""What stands in `data.sources`, opened: folders, files, globs, the hub, built-in text."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cyclekit.core.batch import Pair
from cyclekit.core.data import Source, source_name
from cyclekit.registry import RecipeError, build, part
from cyclekit.text.columns import NONE, Columns, has_header
from cyclekit.text.hub import open_hub, set_of
from cyclekit.text.layouts import DomainFiles, files_named, in_folder, tables_in
from cyclekit.text.lines import TextFile, accepted, every_line, has_translations, read_text_file, sentences_in
from cyclekit.text.parallel import is_parallel
from cyclekit.text.tables import is_table, read_table
from cyclekit.text.text_set import TextSet


def open_source(source: Source, domains: Pair[str], parallel: bool | None = None, columns: Columns = NONE) -> TextSet:
    """Open one entry of `data.sources`.

    A folder (see `layouts.in_folder`); a table of both domains; `PATH_A,PATH_B` or `{a: PATH, b: PATH}`, where a path
    is a file, a folder of files or a glob, and `validation: {a:, b:}` and `test: {a:, b:}` may stand beside;
    `hub:OWNER/NAME` or `{hub: OWNER/NAME, config: NAME, revision: COMMIT}`; `builtin:NAME` or
    `{builtin: NAME, option: value}`. In .tsv files of the test split, all columns after the first are accepted
    translations, unless `columns` are named.

    Args:
        domains: display names, which may also be the names of files, columns and classes.
        parallel: whether line k of a's training file translates line k of b's; None: found out, see `is_parallel`.
        columns: of tables, see `columns.check_columns`.

    Raises:
        SourceMissing: it is not there.
        RecipeError: it is there but cannot be used, or the entry makes no sense.
    """
    if isinstance(source, Mapping):
        if "builtin" in source:
            options = {key: value for key, value in source.items() if key != "builtin"}
            return open_builtin(str(source["builtin"]), options)
        if "hub" in source and set(source) <= {"hub", "config", "revision"}:
            options = {key: str(value) for key, value in source.items() if key != "hub"}
            return open_hub(str(source["hub"]), domains, parallel, columns, **options)
        if {"a", "b"} <= set(source):
            return read_all(files_named(source), domains, parallel, columns)
        raise RecipeError(
            f"data.sources: {source_name(source)} is no source; a mapping is {{a: PATH, b: PATH}} (with validation: "
            "and test: of the same form, if there are such), {hub: OWNER/NAME, config: NAME, revision: COMMIT} or "
            "{builtin: NAME, option: value}"
        )
    kind, _, name = source.partition(":")
    if kind == "hub":
        return open_hub(name, domains, parallel, columns)
    if kind == "builtin":
        return open_builtin(name, {})
    path = Path(source).expanduser()
    if not path.exists() and source.count(",") == 1:
        files = files_named(dict(zip(Pair._fields, map(str.strip, source.split(",")))))
        return read_all(files, domains, parallel, columns)
    tables = {"train": path} if path.is_file() and is_table(path) else tables_in(path)
    if tables:
        opened = {split: read_table(table, has_header(columns)) for split, table in tables.items()}
        made = set_of(opened, str(path), domains, parallel, columns)
        return made._replace(words=f"{tables['train'].name}, {made.words}")
    return read_all(in_folder(path, domains), domains, parallel, columns)


def open_builtin(name: str, options: Mapping[str, Any]) -> TextSet:
    """The built-in text `name`.

    A factory of kind "builtin" for text takes keyword options alone and is annotated to return a `TextSet`; other
    modalities have built-in data under the same kind, which the annotation tells apart.

    Raises:
        SourceMissing: it needs a package that is not installed.
        RecipeError: unknown name or options, or built-in data of another modality.
    """
    factory = part("builtin", name, where="data.sources").factory
    if inspect.get_annotations(factory).get("return") not in (TextSet, TextSet.__name__):
        raise RecipeError(f"data.sources: builtin:{name} holds no sentences; data.name=sentences wants text")
    made: TextSet = build("builtin", name, options=options, where="data.sources")
    return made


def read_all(files: DomainFiles, domains: Pair[str], parallel: bool | None, columns: Columns) -> TextSet:
    """Read the files of both domains.

    Raises:
        RecipeError: see `lines.read`; a file that is named twice, the same sentences in both domains, columns that
            none of the files has, or lines that should belong together and are not equally many, or blank.
    """
    _each_once(files)

    def opened(paths: Pair[list[Path]]) -> Pair[list[TextFile]]:
        return Pair(*([read_text_file(path, domain, columns) for path in side] for domain, side in zip(domains, paths)))

    train = opened(files.train)
    if columns and not any(file.column for side in train for file in side):
        raise RecipeError(f"data.columns: {files.words}: no tables but lines, which have no columns; leave it out")
    lines = train.map(lambda side: [line for file in side for line in file.lines])
    if parallel is None:
        parallel = is_parallel(lines)
    if parallel:
        _equally_many(train, "data.parallel=true says that line k of one translates line k of the other")
        why = "line k of one file translates line k of the other (data.parallel)"
        kept, blank = train.map(lambda side: every_line(side, why)), 0
    else:
        both = train.map(sentences_in)
        kept, blank = both.map(lambda side: side[0]), both.a[1] + both.b[1]
    validation = None
    if files.validation is not None:
        dev = opened(files.validation).map(sentences_in)
        validation, blank = dev.map(lambda side: side[0]), blank + dev.a[1] + dev.b[1]
    if sorted(kept.a) == sorted(kept.b):
        raise RecipeError(f"data.sources: {files.words}: both hold the same sentences; give a file for each domain")
    test, truth, more = _test(None if files.test is None else opened(files.test), files.references, parallel)
    blank += more
    words = (
        files.words
        + _columns(train)
        + (f" ({blank} blank {'line' if blank == 1 else 'lines'} left out)" if blank else "")
    )
    return TextSet(kept, words, validation, test, truth, parallel)


def _columns(train: Pair[list[TextFile]]) -> str:
    """What was read of tables, in words."""
    names = list(dict.fromkeys(file.column for side in train for file in side if file.column))
    return f" (column {', '.join(names)})" if names else ""


def _each_once(files: DomainFiles) -> None:
    """Refuse a file that is named twice: for both domains, or to train on and to measure."""
    seen: dict[Path, tuple[str, Path]] = {}
    for use, paths in (("to train on", files.train), ("to validate on", files.validation), ("to test", files.test)):
        for domain, side in zip(Pair._fields, paths or ()):
            for path in side:
                first = seen.setdefault(path.resolve(), (f"{use} for {domain}", path))
                if first != (f"{use} for {domain}", path):
                    raise RecipeError(f"data.sources: {path} is named twice, {first[0]} and {use} for {domain}: {HINT}")


HINT = "give each its own file, or one table with a label column"


def _test(
    opened: Pair[list[TextFile]] | None, references: Pair[list[Path]], parallel: bool
) -> tuple[Pair[list[str]] | None, Pair[list[list[str]]] | None, int]:
    """Held-out sentences, their accepted translations, and how many blank lines were left out."""
    if opened is None:
        return None, None, 0
    given = Pair(*(_given_truth(test, refs) for test, refs in zip(opened, references)))
    if parallel and not any(given):
        _equally_many(opened, "the training files are parallel, so these should be (or set data.parallel=false)")
        lines = opened.map(lambda side: every_line(side, "it is the translation of the other file's line"))
        return lines, Pair([[one] for one in lines.b], [[one] for one in lines.a]), 0
    test, blank = [], 0
    for side, truth in zip(opened, given):
        if truth is None:
            kept, left_out = sentences_in(side)
            blank += left_out
        else:
            kept = every_line(side, "its line number says which translations are its own")
        test.append(kept)
    if not any(given):
        return Pair(*test), None, blank
    return Pair(*test), Pair(*(truth or [[] for _ in side] for truth, side in zip(given, test))), blank


def _given_truth(test: list[TextFile], references: list[Path]) -> list[list[str]] | None:
    """Accepted translations of each line: from a table's columns, or from files of references."""
    if all(has_translations(file.path) and file.column is None for file in test):
        return [row for file in test for row in accepted(file)]
    if not references:
        return None
    files = [read_text_file(path) for path in references]
    for file in files:
        _equally_many(Pair(test, [file]), "the second holds translations of the first")
    why = "it is a translation of the other file's line"
    return [list(row) for row in zip(*(every_line([file], why) for file in files))]


def _equally_many(files: Pair[list[TextFile]], why: str) -> None:
    counts = files.map(lambda side: sum(len(file.lines) for file in side))
    if counts.a != counts.b:
        names = files.map(lambda side: " + ".join(str(file.path) for file in side[:3]))
        raise RecipeError(f"data.sources: {names.a} has {counts.a} lines, {names.b} has {counts.b}; {why}")
