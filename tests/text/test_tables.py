"""Tables of sentences: read by column, or refused with what to type; a header or a label is never a sentence."""

import csv
import gzip
import json
import random
import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.core.batch import Pair
from cyclekit.registry import RecipeError
from cyclekit.text.columns import check_columns
from cyclekit.text.sources import open_source
from cyclekit.text.tables import read_table
from tests.text.test_sources import LONG, SHORT, write

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


@pytest.mark.parametrize(
    "name", ["x.csv", "x.csv.gz", "X.CSV", "x.jsonl", "x.jsonl.gz", "x.json", "x.parquet", "x.tsv"]
)
@pytest.mark.parametrize("labels", [["0", "1"], [0, 1], ["formal", "informal"], ["Informal", "FORMAL"]])
def test_a_label_column_parts_the_domains(tmp_path, name, labels):
    if name == "X.CSV":
        path = tmp_path / "x.csv"
        table(path, ["text", "label"], [(text, labels[place]) for text, place in ROWS])
        path = str(path.rename(tmp_path / name))
    else:
        path = table(tmp_path / name, ["text", "label"], [(text, labels[place]) for text, place in ROWS])
    columns = {"text": "text", "label": "label"} if name == "x.tsv" else {}
    found = open_source(path, DOMAINS, columns=columns)
    expected = (INFORMAL, FORMAL) if "FORMAL" in labels else (FORMAL, INFORMAL)
    assert found.train == expected
    assert "column text by label: " in found.words
    assert ("0 for formal, 1 for informal" in found.words) == (str(labels[0]) == "0")


@pytest.mark.parametrize(
    ("columns", "labels"),
    [
        ({"text": "review", "label": "stars", "a": [4, 5], "b": 1}, ["5", "1"]),
        ({"text": "review", "label": "stars", "a": "pos", "b": "neg"}, ["pos", "neg"]),
        ({"label": "stars", "a": True, "b": False}, ["true", "false"]),
        ({"text": "Review", "label": "Stars", "a": 5, "b": 1}, ["5.0", "1.0"]),
    ],
)
def test_columns_and_labels_by_any_name(tmp_path, columns, labels):
    rows = [(i, text, labels[place]) for i, (text, place) in enumerate(ROWS)] + [(999, "so so", "3")]
    if "text" not in columns:
        rows = [row[1:] for row in rows]
    names = ["id", "review", "stars"][-len(rows[0]) :]
    if "a" in columns and isinstance(columns["a"], list):
        rows[0] = (0, FORMAL[0], "4")
    labelled = [(*row[:-1], float(row[-1]) if row[-1].endswith(".0") else row[-1]) for row in rows]
    found = open_source(table(tmp_path / "x.jsonl", names, labelled), DOMAINS, columns=check_columns(columns))
    assert found.train == (FORMAL, INFORMAL)
    assert "(left out: 1 of 3)" in found.words


def test_columns_by_number_where_there_is_no_header(tmp_path):
    path = table(tmp_path / "x.csv", None, [(place + 1, "title", text) for text, place in ROWS])
    found = open_source(path, DOMAINS, columns=check_columns({"text": 3, "label": 1, "a": 1, "b": 2}))
    assert found.train == (FORMAL, INFORMAL)
    tabs = table(tmp_path / "x.tsv", None, [(text, place) for text, place in ROWS])
    assert open_source(tabs, DOMAINS, columns={"text": 1, "label": 2}).train == (FORMAL, INFORMAL)


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


def test_two_columns_and_a_translation_feature(tmp_path):
    rows = [{"id": i, "translation": {"en": en, "de": de}} for i, (en, de) in enumerate(zip(LONG, SHORT))]
    path = tmp_path / "wmt.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for domains, columns in ((Pair("en", "de"), {}), (DOMAINS, {"a": "en", "b": "de"})):
        found = open_source(str(path), domains, columns=columns)
        assert found.train == (LONG, SHORT)
        assert found.aligned
    pairs = table(tmp_path / "pairs.csv", ["formal", "informal"], list(zip(LONG, SHORT)))
    assert open_source(pairs, DOMAINS, False).train == (LONG, SHORT)


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


# What to type is taken out of the message and typed.
REFUSED = {
    "strange names": ("x.csv", ["utterance", "register"], "{text: utterance, label: register}"),
    "no header": ("x.csv", None, "{text: 1, label: 2}"),
    "a .tsv with a header": ("x.tsv", ["text", "label"], "{text: text, label: label}"),
    "a .tsv without": ("x.tsv", None, "{text: 1, label: 2}"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_what_to_type(tmp_path, case):
    name, header, filled = REFUSED[case]
    path = table(tmp_path / name, header, ROWS)
    write(tmp_path, {"other.txt": ["one"]})
    source = path if name == "x.csv" else f"{path},{tmp_path}/other.txt"
    with pytest.raises(RecipeError) as refused:
        open_source(source, DOMAINS)
    command = re.search(r"set (data\.columns='\{.*?\}')", str(refused.value))[1].replace("'", "")
    command = command.replace("{text: COLUMN, label: COLUMN}", filled)
    columns = yaml.safe_load(command.partition("=")[2])
    assert open_source(path, DOMAINS, columns=check_columns(columns)).train == (FORMAL, INFORMAL)


def test_labels_that_may_mean_either_domain_are_asked_for(tmp_path):
    path = table(tmp_path / "x.csv", ["text", "label"], [(text, ["pos", "neg"][place]) for text, place in ROWS])
    with pytest.raises(RecipeError, match=r"has the classes neg, pos; .*set data.columns='\{label: label, a: neg, b"):
        open_source(path, DOMAINS)
    assert open_source(path, DOMAINS, columns={"label": "label", "a": "pos", "b": "neg"}).train == (FORMAL, INFORMAL)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([json.dumps({"text": text}) for text in FORMAL], r"its lines are objects of JSON; name it \.jsonl"),
        ([f"{text}\t{place}" for text, place in ROWS], r"every line has 2 columns with tabs between; name it \.tsv"),
        (
            [f'"{text}",{place}' for text, place in ROWS[::2]],
            r"column 2 of every row is a label \(0\); if it is",
        ),
        (
            ["text,label", *(f'"{text}",{place}' for text, place in ROWS[::2])],
            r"its first row is a header \(text",
        ),
        ([f"{place},{text.replace(',', '')}" for text, place in ROWS[::2]], "column 1 of every row is a label"),
    ],
)
def test_a_table_under_the_name_of_lines_is_refused(tmp_path, lines, message):
    root = write(tmp_path, {"a.txt": lines, "b.txt": ["one"]})
    with pytest.raises(RecipeError, match=message):
        open_source(root, DOMAINS)


ORDINARY = [
    "the food was great , really .",
    "no, thanks, not today",
    "well ; maybe ; later",
    "a\tb",
    "{not json}",
    "1, 2",
]


@given(st.lists(st.sampled_from([*ORDINARY, *LONG]), min_size=12, max_size=30), st.randoms())
@settings(max_examples=30)
def test_sentences_with_commas_stay_sentences(some, drawn):
    import tempfile
    from pathlib import Path

    lines = [*some, *drawn.sample(LONG, 3), ORDINARY[1]]
    with tempfile.TemporaryDirectory() as folder:
        root = write(Path(folder), {"a.txt": lines, "b.txt": ["one"]})
        assert open_source(root, DOMAINS).train.a == [" ".join(line.split()) for line in lines]


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
    ("columns", "message"),
    [
        ({"txt": "text"}, "there is no 'txt'; did you mean 'text'"),
        ({"a": "x"}, "says what one domain is, and not the other; write"),
        ({"text": "x", "a": "y", "b": "z"}, "text and a and b want a label column too"),
        ({"text": "x", "label": 2}, "columns are all named, or all numbered from 1"),
        ({"text": 0, "label": 2}, "numbered from 1"),
        ({"text": ["x"], "label": "y"}, "columns are all named, or all numbered"),
        ({"text": "txet", "label": "label"}, r"has no column 'txet'; did you mean 'text'.*it has text, label"),
        ({"text": "label", "label": "label"}, "column 'label' cannot be both text and label"),
        ({"a": "text", "b": "text"}, "column 'text' cannot be both domains"),
        ({"label": "label", "a": 0, "b": 7}, "no row has the label '7'; it has 0, 1"),
        ({"label": "label", "a": 0, "b": [0, 1]}, "both domains have the label '0'"),
        ({"text": 1, "label": 5}, "has no column '5'; it has 1, 2"),
    ],
)
def test_columns_that_make_no_sense(tmp_path, columns, message):
    path = table(tmp_path / "x.csv", ["text", "label"], ROWS)
    with pytest.raises(RecipeError, match=rf"data\.columns: .*{message}"):
        open_source(path, DOMAINS, columns=check_columns(columns))


def test_columns_of_lines_and_of_one_domain(tmp_path):
    root = write(tmp_path, {"a.txt": ["one"], "b.txt": ["two"]})
    with pytest.raises(RecipeError, match=r"no tables but lines, which have no columns; leave it out"):
        open_source(root, DOMAINS, columns={"text": "text"})
    one = table(tmp_path / "x.csv", ["text", "label"], ROWS)
    with pytest.raises(RecipeError, match="is the table of one domain; write"):
        open_source(f"{one},{tmp_path}/b.txt", DOMAINS, columns={"text": "text", "label": "label"})
    with pytest.raises(RecipeError, match=r"x\.csv has rows of label 0, 1, and all would be formal; give it alone if"):
        open_source(f"{one},{tmp_path}/b.txt", DOMAINS)
    assert len(open_source(f"{one},{tmp_path}/b.txt", DOMAINS, columns={"text": "text"}).train.a) == len(ROWS)
    with pytest.raises(RecipeError, match=r"column 'label' holds no text; these do: text"):
        open_source(
            table(tmp_path / "y.jsonl", ["text", "label"], ROWS), DOMAINS, columns={"text": "label", "label": "text"}
        )


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
