"""Tables in Parquet files: all that they hold stays, and one column more is written; whole or not at all."""

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from cyclekit.files.parquet import UnfitTable, is_parquet, rows_in, translated_table
from tests.refusals import below

CELLS = st.lists(st.one_of(st.none(), st.text(st.characters(codec="utf-8"), max_size=9)), min_size=1, max_size=40)


def shouted(cells):
    return [None if cell is None else cell.upper() for cell in cells]


def is_text(kind):
    return str(kind) == "string"


def translate(path, place, column=None, adds="loud", answers=shouted, at_once=7):
    return translated_table(path, place, column, adds, answers, fits=is_text, what="text", at_once=at_once)


@given(cells=CELLS, at_once=st.integers(1, 50))
def test_every_row_keeps_its_place_whatever_is_read_together(tmp_path_factory, cells, at_once):
    folder = tmp_path_factory.mktemp("table")
    numbers = list(range(len(cells)))
    before = pyarrow.table({"number": numbers, "said": pyarrow.array(cells, "string")})
    parquet.write_table(before, folder / "in.parquet", row_group_size=5)
    seen = []
    rows = translate(
        folder / "in.parquet", folder / "out.parquet", answers=lambda cells: seen.append(len(cells)) or shouted(cells),
        at_once=at_once,
    )  # fmt: skip
    made = parquet.read_table(folder / "out.parquet")
    assert rows == rows_in(folder / "in.parquet") == len(cells)
    assert max(seen) <= at_once
    assert made.column_names == ["number", "said", "loud"]
    assert made.drop_columns("loud").equals(before)
    assert made["loud"].to_pylist() == shouted(cells)


@pytest.mark.parametrize(
    ("columns", "column", "line"),
    [
        ({"n": [1]}, None, "has no columns of text (none); name it: cyclekit translate --column NAME"),
        ({"x": ["a"], "y": ["b"]}, None, "has 2 columns of text (x, y); name it: cyclekit translate --column NAME"),
        ({"x": ["a"], "n": [1]}, "z", "has no column 'z'; columns of text: x"),
        ({"x": ["a"], "n": [1]}, "n", "has no text in its column 'n'; columns of text: x"),
        ({"x": ["a"], "loud": [1]}, None, "has a column 'loud' already, which is where translations go"),
    ],
)
def test_columns_that_do_not_fit_are_one_line_and_nothing_is_written(tmp_path, columns, column, line):
    parquet.write_table(pyarrow.table(columns), tmp_path / "in.parquet")
    with pytest.raises(UnfitTable) as refused:
        translate(tmp_path / "in.parquet", tmp_path / "out.parquet", column)
    assert str(refused.value) == line
    assert below(tmp_path) == {"in.parquet"}


def test_what_is_no_table_or_is_cut_is_one_line(tmp_path):
    (tmp_path / "no.parquet").write_text("no table")
    parquet.write_table(pyarrow.table({"said": ["a" * 9000]}), tmp_path / "in.parquet")
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "in.parquet").read_bytes()[:-9])
    for name in ("no.parquet", "cut.parquet"):
        with pytest.raises(UnfitTable, match="is no Parquet file that can be read"):
            rows_in(tmp_path / name)


def test_an_interruption_leaves_nothing(tmp_path):
    parquet.write_table(pyarrow.table({"said": ["a"] * 30}), tmp_path / "in.parquet")
    seen = []

    def interrupted(cells):
        if seen:
            raise KeyboardInterrupt
        seen.append(cells)
        return cells

    with pytest.raises(KeyboardInterrupt):
        translate(tmp_path / "in.parquet", tmp_path / "out.parquet", answers=interrupted)
    assert below(tmp_path) == {"in.parquet"}


def test_names_tell(tmp_path):
    assert is_parquet(tmp_path / "A.PARQUET")
    assert not is_parquet(tmp_path / "a.csv")
