"""Pictures from data sets of the Hugging Face hub."""

from __future__ import annotations

import io
from typing import Any

from cyclekit.core.batch import Pair
from cyclekit.files.hub import classes_of, label_columns, load_data_set, train_and_test
from cyclekit.image.bands import Picture
from cyclekit.image.picture_set import PictureList, PictureSet, Stored
from cyclekit.image.pictures import Reading, read_picture
from cyclekit.registry import RecipeError

COLUMNS = (Pair("imageA", "imageB"), Pair("image_a", "image_b"), Pair("image_A", "image_B"), Pair("A", "B"))


def open_hub(repository: str, domains: Pair[str], pair_up: bool) -> PictureSet:
    """The data set OWNER/NAME: two picture columns, or one beside a label of two classes.

    Args:
        pair_up: whether the two columns of a row belong together. The hub's CycleGAN sets look alike either way.

    Raises:
        SourceMissing: not on this machine, and the hub cannot be reached or does not know it.
        RecipeError: a malformed name, an interrupted download, or columns that are not two domains.
    """
    return pictures_of_hub(load_data_set(repository), f"hub:{repository}", domains, pair_up)


def open_hub_pictures(repository: str) -> tuple[PictureList, PictureList | None, str]:
    """The data set OWNER/NAME as one collection, its first picture column: training, test, and words.

    Raises:
        SourceMissing: not on this machine, and the hub cannot be reached or does not know it.
        RecipeError: a malformed name, an interrupted download, or no picture column.
    """
    import datasets

    words = f"hub:{repository}"
    loaded = load_data_set(repository)
    train_split, test_split = train_and_test(loaded, words)
    kinds = loaded[train_split].features
    column = next((name for name, kind in kinds.items() if isinstance(kind, datasets.Image)), None)
    if column is None:
        raise RecipeError(f"data.sources: {words} has the columns {', '.join(kinds)}, and none holds pictures")
    train = _column(loaded[train_split], column, f"{words} {train_split}")
    test = None if test_split is None else _column(loaded[test_split], column, f"{words} {test_split}")
    return train, test, f"column {column}"


class PictureColumn:
    """Encoded pictures in rows of a column, some of which may be empty."""

    def __init__(self, table: Any, column: str, rows: list[int], words: str) -> None:
        import datasets

        self.table = table.select_columns([column]).cast_column(column, datasets.Image(decode=False))
        self.column, self.rows, self.words = column, rows, words
        self.names = [f"row-{row:05d}" for row in rows]

    def open(self, index: int, reading: Reading | int) -> Picture:
        cell = self.table[self.rows[index]][self.column]
        encoded = cell["path"] if cell["bytes"] is None else io.BytesIO(cell["bytes"])
        return read_picture(encoded, reading, name=self.stored(index).name)

    def stored(self, index: int) -> Stored:
        row = self.rows[index]
        return Stored(f"{self.words} row {row} {self.column}", f"{self.words}|{self.table._fingerprint}|{row}")


def pictures_of_hub(loaded: Any, words: str, domains: Pair[str], pair_up: bool) -> PictureSet:
    """A DatasetDict as pictures of two domains.

    Raises:
        RecipeError: no `train` split, or columns that are not two domains.
    """
    train_split, test_split = train_and_test(loaded, words)
    train, how = _both_domains(loaded[train_split], f"{words} {train_split}", domains)
    test: Pair[PictureList | None] = Pair(None, None)
    if test_split is not None:
        test = Pair(*_both_domains(loaded[test_split], f"{words} {test_split}", domains)[0])
    if pair_up and list(train.a.names) != list(train.b.names):
        raise RecipeError(
            f"data.aligned: {words} holds no pairs: its columns are filled in different rows; set data.aligned=false"
        )
    return PictureSet(train, test, pair_up, pair_up, how)


def _both_domains(table: Any, words: str, domains: Pair[str]) -> tuple[Pair[PictureList], str]:
    import datasets

    kinds = table.features
    pictures = [name for name, kind in kinds.items() if isinstance(kind, datasets.Image)]
    labels = label_columns(table)
    for names in (*COLUMNS, domains):
        if names.a in pictures and names.b in pictures:
            return names.map(lambda name: _column(table, name, words)), f"columns {names.a}, {names.b}"
    if len(pictures) == 1 and len(labels) == 1:
        (label, classes), picture = next(iter(labels.items())), pictures[0]
        numbers = classes_of(classes, words, domains)
        column = table[label]
        rows = numbers.map(lambda number: [row for row, one in enumerate(column) if one == number])
        named = f"column {picture} by {label}: {classes[numbers.a]}, {classes[numbers.b]}"
        return rows.map(lambda side: _checked(PictureColumn(table, picture, side, words))), named
    raise RecipeError(
        f"data.sources: {words} has the columns {', '.join(kinds)}; two domains are picture columns imageA and imageB, "
        "or one picture column beside one label of two classes"
    )


def _column(table: Any, name: str, words: str) -> PictureList:
    """A column without its empty cells: the shorter domain of an unpaired set ends in them."""
    filled = table.data.column(name).is_valid().to_pylist()
    return _checked(PictureColumn(table, name, [row for row, is_filled in enumerate(filled) if is_filled], words))


def _checked(column: PictureColumn) -> PictureColumn:
    if not column.rows:
        raise RecipeError(f"data.sources: {column.words} {column.column} holds no pictures for one domain")
    return column
