"""Lengths of time as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.duration import seconds_of, written


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10min", 600), ("1h", 3600), ("1.5 h", 5400), (" 2min ", 120), ("0.5s", 0.5)]
)
def test_times_are_read(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("value", [600, 0.25, None, True, []])
def test_what_is_no_text_is_left_as_it_is(value):
    assert seconds_of(value) is value


@pytest.mark.parametrize("text", ["", "600", "10 minutes", "10m", "-5min", "1e3s", "1h30min", "nans", "٣min", "5MIN"])
def test_other_texts_are_refused(text):
    with pytest.raises(ValueError, match="should be a length of time, such as 90s, 10min or 1h"):
        seconds_of(text)


@given(st.integers(1, 10**9) | st.floats(1, 1e9).map(lambda seconds: round(seconds, 3)))
def test_what_is_written_is_read_again(seconds):
    assert seconds_of(written(seconds)) == seconds


def test_the_largest_whole_unit_is_written():
    assert [written(seconds) for seconds in (7200, 5400, 90, 1.5)] == ["2h", "90min", "90s", "1.5s"]
