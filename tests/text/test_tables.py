"""Tables of sentences: read by column, or refused with what to type; a header or a label is never a sentence."""

import csv
import gzip
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.core.batch import Pair
from cyclekit.registry import RecipeError
from cyclekit.text.sources import open_source
from cyclekit.text.tables import read_table
from tests.text.test_sources import write

DOMAINS = Pair("formal", "informal")
FORMAL = [f"sentence number {i}, with a comma" for i in range(100)]
INFORMAL = [f'so "{i}" then; well' for i in range(100)]
ROWS = [row for pair in zip(FORMAL, INFORMAL) for row in ((pair[0], 0), (pair[1], 1))]


def table(path, header, rows, delimiter=","):
    """A table as its users' programs write it, by the ending of its name."""
    rows = [dict(zip(header, row)) for row in rows] if header else rows
    kind = path.name.removesuffix(".gz").rpartition(".")[2]
    if kind == "jsonl":
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    elif kind == "json":
        text = json.dumps(rows)
    elif kind == "parquet":
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
        return str(path)
    elif kind == "tsv":
        text = "".join("\t".join(map(str, row)) + "\n" for row in ([header] if header else []) + [
            list(row.values()) if header else row for row in rows])  # fmt: skip
    else:
        with path.open("w", newline="") as file:
            writer = csv.writer(file, delimiter=delimiter)
            writer.writerows([header] if header else [])
            writer.writerows(row.values() if header else row for row in rows)
        text = path.read_text()
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return str(path)


def test_a_table_for_each_domain_and_for_each_split(tmp_path):
    for name, lines in {"formal": FORMAL, "informal": INFORMAL}.items():
        table(tmp_path / f"{name}.csv", ["id", "text"], list(enumerate(lines)))
    expected = (FORMAL, INFORMAL)
    found = open_source(str(tmp_path), DOMAINS)
    assert (found.train, found.words) == (expected, "formal.csv, informal.csv (column text)")
    assert open_source(f"{tmp_path}/formal.csv,{tmp_path}/informal.csv", DOMAINS).train == expected
    by_name = open_source(f"{tmp_path}/formal.csv,{tmp_path}/informal.csv", DOMAINS, columns={"text": "text"})
    assert by_name.train == expected

    splits = tmp_path / "splits"
    splits.mkdir()
    for split, rows in {"train": ROWS, "dev": [("d", 0), ("e", 1)], "test": [("t", 0), ("u", 1)]}.items():
        table(splits / f"{split}.csv", ["text", "label"], rows)
    found = open_source(str(splits), DOMAINS)
    assert (found.train, found.validation, found.test) == (expected, (["d"], ["e"]), (["t"], ["u"]))
    assert found.words.startswith("train.csv, column text by label: ")
    (splits / "test.csv").unlink()
    assert open_source(str(splits), DOMAINS).test == (["d"], ["e"])


@pytest.mark.parametrize("delimiter", ",;\t")
def test_separators_of_spreadsheets(tmp_path, delimiter):
    path = table(tmp_path / "x.csv", ["text", "label"], ROWS, delimiter)
    assert open_source(path, DOMAINS).train == (FORMAL, INFORMAL)


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.sampled_from('",;\n'), max_size=9)


@given(
    st.lists(st.tuples(CELLS, st.sampled_from(["0", "1"])), min_size=1, max_size=9), st.sampled_from(["csv", "jsonl"])
)
@settings(max_examples=60)
def test_what_a_program_wrote_is_read_back(rows, kind):
    import tempfile
    from pathlib import Path

    rows = [("one", "0"), ("two", "1"), *rows]
    with tempfile.TemporaryDirectory() as folder:
        path = table(Path(folder) / f"x.{kind}", ["text", "label"], rows)
        found = open_source(path, DOMAINS).train
    cells = [(" ".join(text.split()), label) for text, label in rows]
    assert found == Pair(*([text for text, label in cells if label == own and text] for own in "01"))


@pytest.mark.parametrize(
    ("name", "held", "message"),
    [
        (
            "x.csv",
            "text,label\none,0\ntwo, or three,1\n",
            "line 3: has 3 cells, and the first row 2; write a",
        ),
        ("x.csv", 'text,label\n"one,0\ntwo,1\n', "line 3: unexpected end of data; a cell with quotation marks"),
        ("x.csv", 'text,label\n"one" more,0\n', r"line 2: ',' expected after '\"'"),
        ("x.csv", "same,same\na,b\n", "two columns are called 'same'; if its first row is a sentence and no header"),
        ("x.csv", "text,label\n", "is empty; it should hold a row for each sentence"),
        ("x.csv", "", "is empty"),
        ("x.csv", "text,label\na,0\nb,0\n", "has the classes 0; name the domains"),
        ("x.csv", "text,label\n,0\nb,1\n", "holds no sentences for one domain"),
        ("x.jsonl", '{"text": "a"}\nhello\n', "line 2: is not JSON"),
        ("x.jsonl", '{"text": "a"}\n[1]\n', "line 2: should be an object, such as"),
        ("x.jsonl", "[" * 99999, "line 1: is not JSON"),
        ("x.json", '{"text": "a"}', "should be a list of objects"),
        ("x.json", '[{"text": "a",\n', "is not JSON"),
        ("x.json", "[" * 99999, "nested too deeply|is not JSON"),
        ("x.parquet", "PAR1 not really", "cannot be read as Parquet"),
    ],
)
def test_faults_are_named_by_line(tmp_path, name, held, message):
    (tmp_path / name).write_text(held)
    with pytest.raises(RecipeError, match=message) as refused:
        open_source(str(tmp_path / name), DOMAINS)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "source",
    [
        "{root}/a.txt,{root}/a.txt", "{root}/a.txt,{root}/../x/a.txt", "{root}/a.txt,{root}/link.txt",
        {"a": "{root}/a.txt", "b": "{root}/b.txt", "test": {"a": "{root}/a.txt", "b": "{root}/c.txt"}},
        {"a": "{root}/*.txt", "b": "{root}/b.txt"},
    ],
)  # fmt: skip
def test_one_file_twice_is_refused(tmp_path, source):
    root = tmp_path / "x"
    write(root, {"a.txt": ["one"], "b.txt": ["two"], "c.txt": ["three"]})
    (root / "link.txt").symlink_to(root / "a.txt")

    def placed(value):
        if isinstance(value, dict):
            return {key: placed(one) for key, one in value.items()}
        return value.format(root=root)

    with pytest.raises(RecipeError, match=r"is named twice, to train on for a and .*: give each its own file"):
        open_source(placed(source), DOMAINS)
    write(root, {"copy.txt": ["one"]})
    with pytest.raises(RecipeError, match="both hold the same sentences; give a file for each domain"):
        open_source(f"{root}/a.txt,{root}/copy.txt", DOMAINS)


def test_a_long_cell_and_many_rows(tmp_path):
    drawn = random.Random(0)
    long = " ".join(str(drawn.random()) for _ in range(20_000))
    path = table(tmp_path / "x.csv", ["text", "label"], [(long, 0), ("b", 1)])
    assert open_source(path, DOMAINS).train.a == [long]
    assert csv.field_size_limit() == 131072
    assert list(read_table(tmp_path / "x.csv").cells) == ["text", "label"]
