"""The baselines: words of style are exchanged and nothing else is; a person's translation is the first accepted one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.core.batch import Pair
from cyclekit.measuring.metric import HUMAN
from cyclekit.text.baselines import WORD_SWAP, WordSwap, baselines, word_swap_of
from cyclekit.text.style_classifier import classifier_of
from tests.text.toys import BLAME, PRAISE, Toys, rewrites


@pytest.fixture(scope="module")
def data():
    return Toys(references=2)


@pytest.fixture(scope="module")
def swap(data):
    return WordSwap(data.train)


@pytest.mark.parametrize(("target", "gone", "come"), [("b", BLAME, PRAISE), ("a", PRAISE, BLAME)])
def test_style_is_exchanged_and_content_stays(data, swap, target, gone, come):
    sources = data.test.a if target == "b" else data.test.b
    for source, output in zip(sources, swap(sources, target)):
        changed = [(old, new) for old, new in zip(source.split(), output.split(), strict=True) if old != new]
        assert len(changed) == 1
        assert changed[0][0] in gone
        assert changed[0][1] in come


def test_contexts_choose_the_counterpart():
    """Of two words of style, the one that stands where the other one stood."""
    a = ["the food is rotten", "food was late today"] * 30
    b = ["the food is fresh", "food was prompt today"] * 30
    found = WordSwap(Pair(a, b))(["the food is rotten", "food was late today"], "b")
    assert found == ["the food is fresh", "food was prompt today"]


def test_spaces_and_punctuation_stay_where_they_are(swap):
    assert swap(["  my cup,is awful!"], "b")[0].startswith("  my cup,is ")
    assert swap(["  my cup,is awful!"], "b")[0].endswith("!")


@given(sentences=st.lists(st.text(max_size=30), min_size=1, max_size=3))
@settings(max_examples=60)
def test_any_sentence_is_taken(swap, sentences):
    assert len(swap(sentences, "b")) == len(sentences)


def test_domains_that_do_not_differ_exchange_nothing():
    same = ["one two three"] * 20
    assert WordSwap(Pair(same, same))(["one two three"], "b") == ["one two three"]


def test_baselines_of_held_out_items(data):
    items = data.held_out("a")
    found = baselines(data, "b", items)
    assert list(found) == [WORD_SWAP, HUMAN]
    assert all(batch.size == len(items) for batch in found.values())
    swapped, human = (data.codecs.b.decode(batch) for batch in found.values())
    assert human == [rewrites(sentence, 1)[0] for sentence in data.test.a]
    assert classifier_of(data).style.hits(swapped, "b").all()
    assert word_swap_of(data) is word_swap_of(data)


def test_without_truth_there_is_no_human(data):
    items = [item._replace(truth=None) if place == 3 else item for place, item in enumerate(data.held_out("b"))]
    assert list(baselines(data, "a", items)) == [WORD_SWAP]
