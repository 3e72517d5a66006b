"""What stands in data.sources: folders, globs, mappings, built-in pictures, or one line."""

import pytest

from cyclekit.core.batch import Pair
from cyclekit.core.data import SourceMissing
from cyclekit.image.sources import open_collection, open_source
from cyclekit.registry import RecipeError
from tests.image.test_data import build


def test_every_kind_of_source(unpaired, tmp_path):
    a, b = unpaired / "trainA", unpaired / "trainB"
    assert build(f"{a},{b}").description.startswith("two folders: monet 4, photo 6")
    assert build(f"{a}/*.png, {b}/*.png").sizes == (4, 6)
    assert build(sources={"a": str(a), "b": str(b)}).source == f"a: {a}, b: {b}"
    assert build(sources=str(unpaired)).sizes == (5, 7)
    small = build(sources=[{"builtin": "landscapes", "scenes": 3, "held_out": 2}])
    assert small.sizes == (3, 3)


@pytest.fixture
def two(tmp_path, pictures):
    pictures(tmp_path / "p", "1.png", "2.png")
    pictures(tmp_path / "q", "3.png")
    return {"p": str(tmp_path / "p"), "q": str(tmp_path / "q")}


def opened(source, aligned=None):
    return open_source(source, Pair("monet", "photo"), 16, aligned, "a")


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (("a", "b"), (None, None)), (("monet", "photo"), (None, None)), (("a", "photo"), (None, None)),
        (("a", "winter"), (None, "winter")), (("summer", "b"), ("summer", None)),
        (("summer", "winter"), ("summer", "winter")), ((1, 2), ("1", "2")),
    ],
)  # fmt: skip
def test_keys_of_a_mapping_say_which_domain_whatever_their_order(two, keys, names):
    for source in ({keys[0]: two["p"], keys[1]: two["q"]}, {keys[1]: two["q"], keys[0]: two["p"]}):
        found = opened(source)
        if names == (None, None) or None in names or list(source) == list(keys):
            assert found.train.map(lambda side: list(side.names)) == (["1", "2"], ["3"])
            assert found.names == names
        else:  # two new names: the first is a
            assert found.names == names[::-1]
            assert found.train.map(lambda side: list(side.names)) == (["3"], ["1", "2"])


@pytest.mark.parametrize(("keys", "side"), [(("a", "monet"), "a"), (("monet", "a"), "a"), (("photo", "b"), "b")])
def test_a_domain_named_twice_is_refused(two, keys, side):
    with pytest.raises(RecipeError, match=rf" names domain {side} twice, and the other never$"):
        opened(dict(zip(keys, two.values())))


@pytest.mark.parametrize("path", [None, 5, ["x"], {"c": "x"}])
def test_what_is_no_path_is_refused_and_not_passed_over(two, path):
    with pytest.raises(RecipeError, match=r"^data\.sources: b: .* is no path; name a folder or a glob$"):
        opened({"a": two["p"], "b": path})


@pytest.mark.parametrize("source", [{"a": "x"}, {"a": "x", "b": "y", "c": "z"}, {}])
def test_other_mappings_are_no_source(source):
    with pytest.raises(RecipeError, match=r" is no source; a mapping is \{a: PATH, b: PATH\}, where the keys may be"):
        opened(source)


def test_a_folder_whose_name_has_a_comma_or_a_star_is_a_folder(tmp_path, pictures):
    for folder in ("A,B", "all*"):
        for side in ("trainA", "trainB"):
            pictures(tmp_path / folder / side, "1.png")
        assert opened(str(tmp_path / folder)).words == "trainA and trainB"


def test_a_collection_is_the_same_list_twice(tmp_path, two, pictures):
    pictures(tmp_path / "p/test", "4.png")
    found = open_collection(two["p"], 16)
    assert found.train.a is found.train.b
    assert list(found.train.a.names) == ["1", "2"]
    assert list(found.test.a.names) == ["4"]
    assert found.paired
    made = open_collection({"builtin": "landscapes", "scenes": 2, "held_out": 1}, 16)
    assert made.words.startswith("domain b of ")
    assert (len(made.train.a.names), len(made.test.b.names)) == (2, 1)
    with pytest.raises(SourceMissing, match="no such folder"):
        open_collection(str(tmp_path / "nowhere"), 16)


def test_home_is_where_the_user_is(two, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert opened("~/p, ~/q").train.map(lambda side: list(side.names)) == (["1", "2"], ["3"])
    assert opened({"a": "~/p", "b": "~/q"}).names == (None, None)
