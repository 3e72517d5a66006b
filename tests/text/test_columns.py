"""Which column holds which sentences: by names, numbers and labels, or refused with what to type."""

import json
import re

import pytest
import yaml

from cyclekit.core.batch import Pair
from cyclekit.registry import RecipeError
from cyclekit.text.columns import check_columns
from cyclekit.text.sources import open_source
from tests.text.test_sources import LONG, SHORT, write
from tests.text.test_tables import DOMAINS, FORMAL, INFORMAL, ROWS, table


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
