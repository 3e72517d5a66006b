"""What folders' names say: a test or validation split anywhere is seen, and what only sounds like one is not."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.image.splits import SPLITS, said_by, tag


@pytest.mark.parametrize(
    ("name", "split", "rest"),
    [
        ("train", "train", ""), ("Training", "train", ""), ("trainA", "train", "A"), ("TRAINB", "train", "B"),
        ("train_A", "train", "A"), ("A_train", "train", "A"), ("trainMonet", "train", "Monet"),
        ("train-photo", "train", "photo"), ("photo test", "test", "photo"), ("test.photo", "test", "photo"),
        ("valB", "validation", "B"), ("dev", "validation", ""), ("val2017", "validation", ""),
        ("DIV2K_train_HR", "train", "DIV2K_HR"), ("holdout", "test", ""), ("train_val", "validation", ""),
        ("train_test_A", "test", "A"), ("valley", None, "valley"), ("trains", None, "trains"),
        ("testimony", None, "testimony"), ("developer", None, "developer"), ("latest", None, "latest"),
        ("trainspotting", None, "trainspotting"), ("contestA", None, "contestA"), ("photos", None, "photos"),
    ],
)  # fmt: skip
def test_the_split_is_a_word_of_its_own(name, split, rest):
    assert said_by(name) == (split, rest)


def splits_of(*paths):
    return {str(one.path): one.split for one in tag([PurePosixPath(path) for path in paths])}


def test_train_counts_in_the_company_of_splits_or_at_the_top():
    assert splits_of("train/a/x", "results/x") == {"train/a/x": "train", "results/x": None}
    assert splits_of("set/train/a/x", "set/results/x")["set/train/a/x"] == "train"
    vehicles = ("photo/train/x", "photo/bus/x", "photo/car/x", "painting/x")
    assert set(splits_of(*vehicles).values()) == {None}
    places = ("photo/train_station/x", "photo/forest/x", "painting/x")
    assert set(splits_of(*places).values()) == {None}
    assert set(splits_of("photo/train/x", "photo/test/x", "photo/y").values()) == {"train", "test", None}
    assert set(splits_of("photo/train/x", "photo/train/sub/y", "painting/x").values()) == {"train", None}


def test_names_of_domains_and_what_stands_beside_are_left():
    found = tag([PurePosixPath("w/train_cats/sub/x.png"), PurePosixPath("w/test/dogs/y.png")], ["cats", "dogs"])
    assert [(one.split, one.folders) for one in found] == [("train", ("w", "cats", "sub")), ("test", ("w", "dogs"))]
    assert [str(at) for at in found[0].at] == ["w", "w/train_cats", "w/train_cats/sub"]


held_out_words = st.sampled_from([word for word, split in SPLITS.items() if split != "train"])
other_words = st.sampled_from(["photos", "A", "b", "train", "cats", "x y", "2017", "train_A", "deep"])
forms = st.sampled_from(["{}", "{}_A", "B-{}", "{}.cats", "my {}", "{}2017", "{}A"])
marked = st.builds(lambda word, form, case: form.format(case(word)), held_out_words, forms,
                   st.sampled_from([str.lower, str.capitalize]))  # fmt: skip


@given(st.lists(other_words, max_size=3), marked, st.lists(other_words, max_size=3), st.lists(other_words, max_size=3))
def test_a_held_out_folder_anywhere_on_the_way_holds_out(above, name, below, beside):
    path = PurePosixPath(*above, name, *below, "x.png")
    assert splits_of(path, PurePosixPath(*beside, "y.png"))[str(path)] in ("validation", "test")
