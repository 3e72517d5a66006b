"""Metrics as sums over rows: the value of all rows, its spread from resampled ones, and protocols as one."""

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.measuring.metric import Measured, MetricUnavailable
from cyclekit.text.row_sums import SentenceMetric, Terms, percent, ratio, shares
from tests.text.toys import Toys


@pytest.fixture(scope="module")
def data():
    return Toys()


def metric(terms, score=percent, **options):
    return SentenceMetric("toy", "higher", terms, score, {"value": "toy"}, **options)


def begins(letter):
    return lambda sentences: Terms(shares([fake.startswith(letter) for fake in sentences.fake]))


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30))
def test_a_share_is_of_what_counts(rows):
    hits, counted = [hit for hit, _ in rows], [counts for _, counts in rows]
    found = percent(shares(hits, counted).sum(0, keepdims=True))
    if any(counted):
        assert found == pytest.approx([100 * sum(hit for hit, counts in rows if counts) / sum(counted)])
    else:
        assert numpy.isnan(found).all()
    assert shares(hits).tolist() == shares(hits, [True] * len(hits)).tolist()


def test_a_ratio_of_nothing_is_no_number():
    found = ratio(numpy.array([[1.0, 4.0], [2.0, 0.0], [0.0, 5.0]]))
    assert found.tolist() == pytest.approx([0.25, numpy.nan, 0], nan_ok=True)


def test_several_directions_are_one_set_of_rows(data):
    directions = [data.translated(["a", "a", "b"]), data.translated(["a"])]
    found = metric(begins("a"))
    assert found.pooled(directions).value == 75
    assert found(directions[0]).value == pytest.approx(200 / 3)
    assert found.pooled(directions[::-1]).value == 75


def test_the_spread_is_that_of_drawing_the_rows_again(data):
    half = data.translated(["a", "b"] * 20)
    measured = metric(begins("a"))(half)
    assert measured == metric(begins("a"))(half)  # seeded
    assert measured.spread == pytest.approx(100 * 0.5 / 40**0.5, rel=0.1)
    low, high = measured.interval
    assert low < 50 < high
    assert high - low == pytest.approx(2 * 1.96 * measured.spread, rel=0.15)


def test_rows_that_are_alike_have_no_spread_and_one_row_has_none_known(data):
    assert metric(begins("a"))(data.translated(["a"] * 5)) == Measured(100, 0.0, (100, 100))
    assert metric(begins("a"))(data.translated(["a"])) == Measured(100)
    assert metric(begins("a"), spread=False)(data.translated(["a", "b"])) == Measured(50)
    assert metric(begins("a"), spread=False).protocol["interval"] == "none"
    assert "1000 bootstrap resamples" in metric(begins("a")).protocol["interval"]


def test_resamples_that_may_say_nothing_give_no_interval(data):
    """One row of three counts: a third of all resamples miss it."""
    only_first = metric(lambda sentences: Terms(shares([True] * 3, [True, False, False])))
    assert only_first(data.translated(["a", "b", "c"])) == Measured(100)


def test_nothing_to_count_is_no_number(data):
    with pytest.raises(MetricUnavailable, match=r"^finds nothing to count in these sentences$"):
        metric(lambda sentences: Terms(shares([True], [False])))(data.translated(["a"]))
    with pytest.raises(MetricUnavailable, match=r"^needs accepted translations of each sentence, which these data"):
        metric(begins("a"), needs_truth=True)(data.translated(["a"], truth=False))


def test_protocols_are_told_once_where_they_agree_and_side_by_side_where_not(data):
    told = iter([{"tokens": "13a", "notes": ["one"]}, {"tokens": "zh", "case": "kept", "notes": ["one", "two"]}])
    found = metric(lambda sentences: Terms(shares([True]), next(told)))
    assert found.protocol == {"value": "toy", "interval": found.protocol["interval"]}  # before anything is measured
    found.pooled([data.translated(["a"]), data.translated(["a"])])
    assert found.protocol["tokens"] == "13a; zh"
    assert found.protocol["case"] == "kept"
    assert found.protocol["notes"] == ["one", "two"]
    both = Terms(numpy.ones((2, 1)), {"x": 1}).beside(Terms(numpy.zeros((2, 3)), {"x": 1, "y": 2}))
    assert both.rows.tolist() == [[1, 0, 0, 0]] * 2
    assert both.protocol == {"x": 1, "y": 2}
