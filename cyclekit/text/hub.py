"""Sentences from data sets of the Hugging Face hub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cyclekit.core.batch import Pair
from cyclekit.files.hub import label_columns, load_data_set, train_and_test
from cyclekit.registry import RecipeError
from cyclekit.text.columns import NONE, Columns, Split, both_domains
from cyclekit.text.parallel import is_parallel
from cyclekit.text.tables import Table
from cyclekit.text.text_set import TextSet

TEXT = ("string", "large_string")
"""Types of text columns."""


def open_hub(
    repository: str,
    domains: Pair[str],
    parallel: bool | None,
    columns: Columns = NONE,
    config: str | None = None,
    revision: str | None = None,
) -> TextSet:
    """The data set OWNER/NAME: two text columns named like the domains, or one beside a label of two classes.

    Args:
        parallel: whether the two columns of a row translate each other; None: found out, see `is_parallel`.
        columns: which columns these are; see `columns.check_columns`. A translation feature's languages are columns.
        config: which of the set's configurations.
        revision: a branch, tag or commit of the set.

    Raises:
        SourceMissing: not on this machine, and the hub cannot be reached or does not know it.
        RecipeError: a malformed name, an interrupted download, or columns that are not two domains.
    """
    words = f"hub:{repository}" + (f" {config}" if config else "") + (f" at {revision}" if revision else "")
    return sentences_of_hub(load_data_set(repository, config, revision), words, domains, parallel, columns)


def sentences_of_hub(
    loaded: Any, words: str, domains: Pair[str], parallel: bool | None, columns: Columns = NONE
) -> TextSet:
    """A DatasetDict as sentences of two domains; its validation split serves as such only beside a test split.

    Raises:
        RecipeError: no `train` split, columns that are not two domains, or no pairs where `parallel` wants them.
    """
    tables = {split: table_of(loaded[split], f"{words} {split}") for split in loaded}
    return set_of(tables, words, domains, parallel, columns)


def set_of(
    tables: Mapping[str, Table], words: str, domains: Pair[str], parallel: bool | None, columns: Columns
) -> TextSet:
    """Tables by their splits as sentences of two domains.

    Raises:
        RecipeError: as `sentences_of`.
    """
    train_split, test_split = train_and_test(tables, words)
    train = both_domains(tables[train_split], domains, columns)
    if parallel and not train.beside:
        raise RecipeError(f"data.parallel: {words} holds no pairs in its {train.words}; set data.parallel=false")
    if parallel is None:
        parallel = train.beside and is_parallel(train.sentences)
    test = None if test_split is None else both_domains(tables[test_split], domains, columns)
    truth = None
    if test is not None and parallel:
        if not test.beside:
            raise RecipeError(f"data.parallel: {words} {test_split} has empty cells; set data.parallel=false")
        truth = Pair(*([[one] for one in side] for side in test.sentences.swapped))
    validation: Split | None = None
    if test_split == "test" and "validation" in tables:
        validation = both_domains(tables["validation"], domains, columns)
    cells = "cell" if train.blank == 1 else "cells"
    found = train.words + (f" ({train.blank} empty {cells} left out)" if train.blank else "")
    return TextSet(
        train.sentences,
        found,
        None if validation is None else validation.sentences,
        None if test is None else test.sentences,
        truth,
        parallel,
    )


def table_of(loaded: Any, words: str) -> Table:
    """One split of the hub's as a table."""
    cells: dict[str, Any] = {}
    text = []
    for name, kind in loaded.features.items():
        if isinstance(kind, Mapping) or hasattr(kind, "languages"):  # a translation feature, or a plain mapping
            for key in getattr(kind, "languages", None) or list(kind):
                cells[key] = lambda name=name, key=key: [None if one is None else one[key] for one in loaded[name]]
                text.append(key)
        else:
            cells[name] = lambda name=name: list(loaded[name])
            if getattr(kind, "dtype", "") in TEXT:
                text.append(name)
    return Table(words, cells, text, label_columns(loaded))
