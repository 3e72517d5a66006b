"""Numbers with intervals, and what may be called a difference."""

import pytest

from cyclekit.report.intervals import Measure, as_measured, verdict


def test_an_interval_is_read_and_a_spread_makes_one():
    assert as_measured({"value": 2.0, "interval": [1.5, 2.5], "spread": 9}) == Measure(2.0, 1.5, 2.5)
    assert as_measured({"value": 2.0, "spread": 0.5}) == Measure(2.0, pytest.approx(1.02), pytest.approx(2.98), True)
    assert as_measured({"value": 2.0, "spread": None}) == as_measured(2) == Measure(2.0)
    assert as_measured({"value": 2.0, "interval": [1, None]}) == Measure(2.0)
    for nothing in (None, "x", True, float("nan"), {"value": None}, {}, [1]):
        assert as_measured(nothing) is None


def test_an_interval_is_told_to_two_digits_of_its_width():
    assert Measure(0.2, 0.18412, 0.21777).interval == "0.184 to 0.218"
    assert Measure(89.6, 86.89, 92.31).interval == "86.9 to 92.3"
    assert Measure(1234.0, 1100.2, 1390.9).interval == "1,100 to 1,391"
    assert Measure(1.0, 1.0, 1.0).interval == Measure(1.0).interval == ""


@pytest.mark.parametrize(
    ("one", "other", "better", "ahead", "clear"),
    [
        (Measure(3, 2.5, 3.5), Measure(2, 1.5, 2.4), "higher", 1, True),
        (Measure(3, 2.5, 3.5), Measure(2, 1.5, 2.4), "lower", -1, True),
        (Measure(3, 2.5, 3.5), Measure(2, 1.5, 2.6), "higher", 1, False),
        (Measure(3, 2.5, 3.5), Measure(2), "higher", 1, None),
        (Measure(1.3, 1.2, 1.4), Measure(0.9, 0.85, 0.95), "near 1", -0.2, True),
        (Measure(1.1, 1.05, 1.15), Measure(0.8, 0.9, 0.7), "near 1", 0.1, False),  # lies may be unordered
        (Measure(1.1, 0.9, 1.3), Measure(0.8, 0.7, 0.9), "near 1", 0.1, False),
        (Measure(1.01, 0.99, 1.03), Measure(0.8, 0.7, 0.9), "near 1", 0.19, True),
    ],
)
def test_a_difference_is_clear_where_the_intervals_are_apart(one, other, better, ahead, clear):
    found = verdict(one, other, better)
    assert found.ahead == pytest.approx(ahead)
    assert found.clear is clear
