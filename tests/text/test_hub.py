"""Sentences of the hub: columns understood, and what is known of them."""

from __future__ import annotations

import datasets
import pytest

from cyclekit.core.batch import Pair
from cyclekit.core.data import SourceMissing
from cyclekit.registry import RecipeError
from cyclekit.text.hub import sentences_of
from cyclekit.text.sources import open_source
from tests.text.test_sources import LONG, SHORT

DOMAINS = Pair("formal", "informal")


def table(classes=("informal", "formal"), /, **columns):
    features = {
        name: datasets.ClassLabel(names=list(classes)) if isinstance(cells[0], int) else datasets.Value("string")
        for name, cells in columns.items()
    }
    return datasets.Dataset.from_dict(columns, features=datasets.Features(features))


def found(parallel=None, **splits):
    return sentences_of(datasets.DatasetDict(splits), "hub:x/y", DOMAINS, parallel)


def test_two_columns_that_translate_each_other():
    text = found(train=table(Formal=LONG, informal=SHORT), test=table(formal=["a", "b"], informal=["c", "d"]),
                 validation=table(formal=["v"], informal=["w"]))  # fmt: skip
    assert text.train == (LONG, SHORT)
    assert text.aligned
    assert text.test == (["a", "b"], ["c", "d"])
    assert text.truth == ([["c"], ["d"]], [["a"], ["b"]])
    assert text.validation == (["v"], ["w"])
    assert text.words == "columns Formal, informal"
    apart = found(False, train=table(formal=LONG, informal=SHORT), validation=table(formal=["v"], informal=["w"]))
    assert (apart.aligned, apart.truth, apart.validation) == (False, None, None)
    assert apart.test == (["v"], ["w"])


def test_columns_without_their_empty_cells_hold_no_pairs():
    uneven = table(formal=[*LONG, None, " "], informal=[*SHORT, "x", "y"])
    text = found(train=uneven)
    assert text.train == (LONG, [*SHORT, "x", "y"])
    assert not text.aligned
    assert text.words == "columns formal, informal (2 empty cells left out)"
    with pytest.raises(
        RecipeError, match=r"data\.parallel: hub:x/y holds no pairs in its columns formal, informal; set"
    ):
        found(True, train=uneven)
    with pytest.raises(RecipeError, match=r"data\.parallel: hub:x/y test has empty cells; set data\.parallel=false"):
        found(True, train=table(formal=LONG, informal=SHORT), test=uneven)


def test_one_column_beside_a_label():
    train = table(text=["a", "b", None, "d"], label=[0, 1, 1, 0], title=["t"] * 4)
    text = found(train=train)
    assert text.train == (["b"], ["a", "d"])
    assert text.words == "column text by label: formal, informal (1 empty cell left out)"
    polarity = sentences_of(
        datasets.DatasetDict(train=table(("1", "2"), review=["bad", "good"], label=[0, 1])), "hub:x/y", DOMAINS, None
    )
    assert polarity.train == (["bad"], ["good"])


@pytest.mark.parametrize(
    ("splits", "message"),
    [
        ({"test": table(formal=["a"], informal=["b"])}, r"hub:x/y has no split 'train' \(it has test\)"),
        ({"train": table(one=["a"], two=["b"])}, "train has the columns one, two; two domains are text columns formal"),
        ({"train": table(formal=["a"], informal=[""])}, "hub:x/y train holds no sentences for one domain"),
        ({"train": table(("x", "y", "z"), text=["a"], label=[0])}, "has the classes x, y, z; name the domains after"),
    ],
)
def test_what_is_not_two_domains(splits, message):
    with pytest.raises(RecipeError, match=message):
        found(**splits)


def test_offline_by_wish(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(SourceMissing, match="HF_HUB_OFFLINE is set, and it is not in the local cache"):
        open_source("hub:some/body", DOMAINS)
