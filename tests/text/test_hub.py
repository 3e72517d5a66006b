"""Sentences of the hub: columns understood, and what is known of them."""

from __future__ import annotations

import datasets
import pytest

from cyclekit.core.batch import Pair
from cyclekit.core.data import SourceMissing
from cyclekit.registry import RecipeError
from cyclekit.text.hub import sentences_of_hub
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
    return sentences_of_hub(datasets.DatasetDict(splits), "hub:x/y", DOMAINS, parallel)


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
    polarity = sentences_of_hub(
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


def test_a_translation_feature_and_labels_that_are_numbers_or_words():
    languages = datasets.Features({"id": datasets.Value("int64"), "translation": datasets.Translation(["en", "de"])})
    rows = {"id": list(range(40)), "translation": [{"en": en, "de": de} for en, de in zip(LONG, SHORT)]}
    pairs = datasets.DatasetDict(train=datasets.Dataset.from_dict(rows, features=languages))
    for domains, columns in ((Pair("en", "de"), {}), (DOMAINS, {"a": "en", "b": "de"})):
        text = sentences_of_hub(pairs, "hub:x/y", domains, None, columns)
        assert (text.train, text.aligned) == ((LONG, SHORT), True)
    for labels in ([0, 1, 1, 0], ["formal", "informal", "Informal", "formal"]):
        plain = datasets.DatasetDict(train=datasets.Dataset.from_dict({"text": ["a", "b", "c", "d"], "label": labels}))
        assert sentences_of_hub(plain, "hub:x/y", DOMAINS, None).train == (["a", "d"], ["b", "c"])


def test_configurations_and_revisions(tmp_path, monkeypatch):
    """A set on this machine stands for one of the hub: `datasets` reads both alike."""
    for name, lines in (("de", ["eins", "zwei"]), ("fr", ["un", "deux"])):
        (tmp_path / "owner" / "name" / name).mkdir(parents=True)
        held = "text,label\n" + "".join(f"{line},{number}\n" for number, line in enumerate(lines))
        (tmp_path / "owner" / "name" / name / "train.csv").write_text(held)
    configs = "".join(f"- config_name: {name}\n  data_files: {name}/train.csv\n" for name in ("de", "fr"))
    (tmp_path / "owner" / "name" / "README.md").write_text(f"---\nconfigs:\n{configs}---\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr("cyclekit.files.hub.reach", lambda repository: None)
    assert open_source({"hub": "owner/name", "config": "fr"}, DOMAINS).train == (["un"], ["deux"])
    with pytest.raises(RecipeError, match=r"has the configurations de, fr; choose one: overrides=data\.sources="):
        open_source("hub:owner/name", DOMAINS)
    with pytest.raises(RecipeError, match=r"a mapping is .* \{hub: OWNER/NAME, config: NAME, revision: COMMIT\}"):
        open_source({"hub": "owner/name", "split": "train"}, DOMAINS)


def test_a_revision_is_taken_from_the_cache_if_it_is_that_one(tmp_path, monkeypatch):
    from cyclekit.files.hub import is_cached

    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path))
    place = tmp_path / "owner___name" / "de" / "0.0.0" / "abc123"
    place.mkdir(parents=True)
    (place / "dataset_info.json").write_text("{}")
    assert is_cached("owner/name")
    assert is_cached("owner/name", "de", "abc123")
    assert not is_cached("owner/name", "fr")
    assert not is_cached("owner/name", None, "def456")
