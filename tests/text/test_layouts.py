"""Which file is what: by the names that the field gives them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.batch import Pair
from cyclekit.registry import RecipeError
from cyclekit.text import layouts
from cyclekit.text.sources import open_source
from tests.text.test_sources import DOMAINS, LONG, SHORT, write


@pytest.mark.parametrize(
    "names", [("train.formal.txt", "train.informal.txt"), ("FORMAL.train", "informal.train"), ("a.txt", "b.txt"),
              ("train.0.txt.gz", "train.1.txt.gz"), ("train/formal", "train/informal.txt")]
)  # fmt: skip
def test_names_of_files(tmp_path, names):
    root = write(tmp_path, {names[0]: ["one"], names[1]: ["two"], "README": ["x"], "notes.about.this.txt": ["y"]})
    assert open_source(root, DOMAINS).train == (["one"], ["two"])


def test_the_yelp_layout(tmp_path):
    files = {
        "train.0.txt.gz": ["bad", "worse", "bad"], "train.1.txt.gz": ["good"], "dev.0.txt.gz": ["d"],
        "dev.1.txt.gz": ["e", "f"], "test.0.tsv.gz": ["awful\tsplendid\tfine", "poor\trich"],
        "test.1.tsv.gz": ["nice\tugly"],
    }  # fmt: skip
    found = open_source(write(tmp_path, files), Pair("negative", "positive"))
    assert found.train == (["bad", "worse", "bad"], ["good"])
    assert found.validation == (["d"], ["e", "f"])
    assert found.test == (["awful", "poor"], ["nice"])
    assert found.truth == ([["splendid", "fine"], ["rich"]], [["ugly"]])
    assert not found.aligned


def test_the_gyafc_layout(tmp_path):
    files = {"train/formal": LONG, "train/informal": SHORT, "test/formal": ["F"], "test/informal": ["i", "j"]}
    files |= {f"test/informal.ref{k}": [f"f{k}"] for k in range(4)}
    files |= {f"test/formal.ref{k}": [f"I{k}", f"J{k}"] for k in range(4)}
    files |= {"tune/formal": ["t"], "tune/informal": ["u"], "tune/formal.ref0": ["v"], "tune/informal.ref0": ["w"]}
    found = open_source(write(tmp_path, files), DOMAINS)
    assert found.train == (LONG, SHORT)
    assert found.aligned
    assert found.validation == (["t"], ["u"])
    assert found.truth.a == [["f0", "f1", "f2", "f3"]]
    assert found.truth.b == [["I0", "I1", "I2", "I3"], ["J0", "J1", "J2", "J3"]]


@given(
    st.permutations(["formal", "dev", "ref0"]), st.sampled_from(["", ".txt", ".TSV", ".txt.gz"]), st.booleans()
)  # fmt: skip
def test_what_a_name_says_may_stand_in_any_order(words, ending, upper):
    name = ".".join(words)
    found = layouts._understood(Path((name.upper() if upper else name) + ending), None)
    assert found == ("validation", "formal", "ref0")


@pytest.mark.parametrize(
    "name", [".formal.txt", "train.test.formal", "formal.informal.txt", "ref0.ref1.formal", "train.txt", "ref0"]
)
def test_names_that_say_something_else_are_passed_over(name):
    assert layouts._understood(Path(name), None) is None


def test_a_folder_and_its_file_do_not_both_say_the_split(tmp_path):
    write(tmp_path, {"train/test.formal": ["x"], "train/formal": ["one"], "train/informal": ["two"]})
    assert layouts.in_folder(tmp_path, DOMAINS).train == ([tmp_path / "train/formal"], [tmp_path / "train/informal"])


def test_domains_go_by_their_names_first_and_numbers_last(tmp_path):
    write(tmp_path, {f"{name}.txt": [name] for name in ("0", "1", "a", "b", "formal", "informal")})
    for names in (("formal", "informal"), ("a", "b"), ("0", "1")):
        found = layouts.in_folder(tmp_path, DOMAINS)
        assert found.train == Pair(*([tmp_path / f"{name}.txt"] for name in names))
        assert found.words == f"{names[0]}.txt, {names[1]}.txt"
        for name in names:
            (tmp_path / f"{name}.txt").unlink()
    assert layouts.domains_in(tmp_path) is None


def test_a_development_split_measures_where_there_is_no_test_split(tmp_path):
    files = {name: ["x"] for name in ("train.a", "train.b", "dev.a", "dev.b", "dev.a.ref0", "dev.b.ref0")}
    found = layouts.in_folder(Path(write(tmp_path, files)), DOMAINS)
    assert (found.validation, found.test) == (None, ([tmp_path / "dev.a"], [tmp_path / "dev.b"]))
    assert found.references == ([tmp_path / "dev.b.ref0"], [tmp_path / "dev.a.ref0"])  # which translate the other
    write(tmp_path, {"test.a": ["x"], "test.b": ["x"]})
    found = layouts.in_folder(tmp_path, DOMAINS)
    assert found.validation == ([tmp_path / "dev.a"], [tmp_path / "dev.b"])
    assert found.references == ([], [])


def test_tables_by_split(tmp_path):
    assert layouts.tables_in(tmp_path / "nowhere") == {}
    write(tmp_path, {"test.csv": ["x"], "train.md": ["x"]})
    assert layouts.tables_in(tmp_path) == {}  # nothing to train on
    write(tmp_path, {"TRAIN.jsonl.gz": ["x"], "valid.csv": ["x"], "extra.csv": ["x"]})
    names = {split: path.name for split, path in layouts.tables_in(tmp_path).items()}
    assert names == {"train": "TRAIN.jsonl.gz", "validation": "valid.csv", "test": "test.csv"}
    write(tmp_path, {"dev.parquet": ["x"]})
    with pytest.raises(RecipeError, match=r"dev\.parquet and .*valid\.csv are the same by their names; remove one$"):
        layouts.tables_in(tmp_path)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"a": "{root}/a.txt"}, r"^data\.sources: wants \{a: PATH, b: PATH\}, got \{'a'"),
        ({"a": "{root}/a.txt", "b": "{root}/a.txt", "tset": 1}, r"^data\.sources: wants \{a: PATH, b: PATH\}, got"),
        (
            {"a": "{root}/a.txt", "b": "{root}/a.txt", "test": "x"},
            r"^data\.sources\.test: wants \{a: PATH, b: PATH\}, got x",
        ),
        ({"a": "{root}/a.txt", "b": "{root}/c"}, r"^data\.sources\.b: .*c: no such file; both domains need sentences$"),
    ],
)
def test_files_named_one_by_one(tmp_path, source, message):
    write(tmp_path, {"a.txt": ["x"]})
    with pytest.raises(RecipeError, match=message):
        layouts.files_named({key: str(one).format(root=tmp_path) for key, one in source.items()})
