"""Sentences from data sets of the Hugging Face hub."""

from __future__ import annotations

from typing import Any, NamedTuple

from cyclekit.core.batch import Pair
from cyclekit.core.hub import classes_of, label_columns, load, train_and_test
from cyclekit.registry import RecipeError
from cyclekit.text.listing import TextSet
from cyclekit.text.parallel import is_parallel

TEXT = ("string", "large_string")
"""Types of text columns."""

NAMES = ("text", "sentence", "content")
"""What the text column beside a label is called where there are several."""


class _Split(NamedTuple):
    sentences: Pair[list[str]]
    words: str
    beside: bool
    """Whether row k of both domains is row k of the table: the domains are columns without empty cells."""
    blank: int


def open_hub(repository: str, domains: Pair[str], parallel: bool | None) -> TextSet:
    """The data set OWNER/NAME: two text columns named like the domains, or one beside a label of two classes.

    Args:
        parallel: whether the two columns of a row translate each other; None: found out, see `is_parallel`.

    Raises:
        SourceMissing: not on this machine, and the hub cannot be reached or does not know it.
        RecipeError: a malformed name, an interrupted download, or columns that are not two domains.
    """
    return sentences_of(load(repository), f"hub:{repository}", domains, parallel)


def sentences_of(loaded: Any, words: str, domains: Pair[str], parallel: bool | None) -> TextSet:
    """A DatasetDict as sentences of two domains; its validation split serves as such only beside a test split.

    Raises:
        RecipeError: no `train` split, columns that are not two domains, or no pairs where `parallel` wants them.
    """
    train_split, test_split = train_and_test(loaded, words)
    train = _both_domains(loaded[train_split], f"{words} {train_split}", domains)
    if parallel and not train.beside:
        raise RecipeError(f"data.parallel: {words} holds no pairs in its {train.words}; set data.parallel=false")
    if parallel is None:
        parallel = train.beside and is_parallel(train.sentences)
    test = None if test_split is None else _both_domains(loaded[test_split], f"{words} {test_split}", domains)
    truth = None
    if test is not None and parallel:
        if not test.beside:
            raise RecipeError(f"data.parallel: {words} {test_split} has empty cells; set data.parallel=false")
        truth = Pair(*([[one] for one in side] for side in test.sentences.swapped))
    validation = None
    if test_split == "test" and "validation" in loaded:
        validation = _both_domains(loaded["validation"], f"{words} validation", domains).sentences
    cells = "cell" if train.blank == 1 else "cells"
    found = train.words + (f" ({train.blank} empty {cells} left out)" if train.blank else "")
    return TextSet(train.sentences, found, validation, None if test is None else test.sentences, truth, parallel)


def _both_domains(table: Any, words: str, domains: Pair[str]) -> _Split:
    columns = {name: kind for name, kind in table.features.items() if getattr(kind, "dtype", "") in TEXT}
    by_name = {name.lower(): name for name in columns}
    names = domains.map(lambda domain: by_name.get(domain.lower()))
    if names.a and names.b:
        cells = names.map(lambda name: [cell or "" for cell in table[name]])
        blank = sum(not cell.strip() for side in cells for cell in side)
        kept = cells.map(lambda side: _filled(side, words))
        return _Split(kept, f"columns {names.a}, {names.b}", blank == 0, blank)
    labels = label_columns(table)
    texts = [name for name in NAMES if name in columns] if len(columns) > 1 else list(columns)
    if len(labels) == 1 and texts:
        (label, classes), text = next(iter(labels.items())), texts[0]
        numbers = classes_of(classes, words, domains)
        rows = list(zip(table[label], table[text]))
        cells = numbers.map(lambda number: [cell or "" for one, cell in rows if one == number])
        kept = cells.map(lambda side: _filled(side, words))
        named = f"column {text} by {label}: {classes[numbers.a]}, {classes[numbers.b]}"
        return _Split(kept, named, False, sum(map(len, cells)) - sum(map(len, kept)))
    raise RecipeError(
        f"data.sources: {words} has the columns {', '.join(table.features)}; two domains are text columns "
        f"{domains.a} and {domains.b}, or one text column beside one label of two classes"
    )


def _filled(cells: list[str], words: str) -> list[str]:
    kept = [cell for cell in cells if cell.strip()]
    if not kept:
        raise RecipeError(f"data.sources: {words} holds no sentences for one domain")
    return kept
