"""Values in words and in HTML."""

import json
import math
import re
from datetime import datetime
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.report.words import (
    as_float,
    as_found,
    duration,
    empty,
    finite,
    flat,
    moment_in_words,
    plain,
    section,
    table,
)
from tests.report.folders import Page

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
NESTED = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


@settings(max_examples=40)
@given(st.dictionaries(st.text("abc<&", min_size=1), NESTED))
def test_a_table_has_a_row_for_each_leaf_escaped(values):
    leaves = list(flat(values))
    html = table(values)
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td></tr>', html, flags=re.DOTALL)
    assert [tuple(map(unescape, row)) for row in rows] == [(name, plain(value)) for name, value in leaves]
    assert {tag for tag, _ in Page(html).tags} <= {"table", "tbody", "tr", "th", "td"}
    assert (html == "") == (not values)


def test_flat_names_are_dotted_and_an_empty_mapping_is_a_value():
    assert list(flat({"a": {"b": {"c": 1}, "d": {}}, 2: [3]})) == [("a.b.c", 1), ("a.d", {}), ("2", [3])]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"), (True, "true"), (False, "false"), (0.1, "0.1"), (7, "7"), ("x", "x"), ([], "none"),
        ([1, None, "a"], "1, null, a"), ([{"name": "KID"}, {"name": "FD"}], "KID, FD"),
        ([{"name": "KID", "k": 3}], '[{"name": "KID", "k": 3}]'), ([[1], [2]], "[[1], [2]]"), ({"ü": 1}, '{"ü": 1}'),
    ],
)  # fmt: skip
def test_a_setting_is_spelt_as_a_recipe_does(value, words):
    assert plain(value) == words


def test_content_of_an_unexpected_shape_is_shown_as_it_is_up_to_a_length():
    page = Page(as_found("Not a <table>", {"a": ["<b>"]}))
    assert "Not a <table>" in page.text
    assert json.loads(page.text.removeprefix("Not a <table>")) == {"a": ["<b>"]}
    assert len(as_found("", ["x" * 100_000])) < 25_000
    assert "(the rest is in the file)" in as_found("", ["x" * 100_000])


@given(st.text("<>&\"'ab"))
def test_words_for_nothing_are_escaped(words):
    assert Page(empty(words)).text == words


@settings(max_examples=40)
@given(NESTED, st.text(max_size=2))
def test_a_section_is_a_mapping_whatever_is_there(values, key):
    assert section({key: values}, key) == (values if isinstance(values, dict) else {})
    assert section(values, "not there") == {}


@settings(max_examples=40)
@given(NESTED | st.just(10**400) | st.just(-(10**400)))
def test_a_number_is_finite_only_where_arithmetic_with_it_works(value):
    found = finite(value)
    if found is None:
        assert isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(as_float(value))
    else:
        assert found is value
        assert math.isfinite(found * 0.5)


@pytest.mark.parametrize(
    ("value", "number"),
    [(1, 1.0), ("2.5", 2.5), ("nan", math.nan), ("-inf", -math.inf), (None, math.nan), ("x", math.nan), ([], math.nan),
     (10**400, math.inf), (-(10**400), -math.inf)],
)  # fmt: skip
def test_logged_values_are_floats(value, number):
    assert as_float(value) == pytest.approx(number, nan_ok=True)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (0.6, "1 s"), (59.4, "59 s"), (59.7, "1 min 0 s"), (61, "1 min 1 s"), (599.4, "9 min 59 s"),
     (600, "10 min"), (3599.4, "59 min"), (3600, "1 h 0 min"), (172_799, "47 h 59 min"), (172_800, "2.0 days")],
)  # fmt: skip
def test_lengths_of_time_are_in_the_two_units_that_matter(seconds, words):
    assert duration(seconds) == words


@given(st.floats(0, 1e7), st.floats(0, 1e7))
def test_longer_is_never_told_as_shorter(one, other):
    units = {"s": 1, "min": 60, "h": 3600, "days": 86400}

    def told(seconds):
        return sum(float(n) * units[unit] for n, unit in re.findall(r"([\d.]+) (\w+)", duration(seconds)))

    assert (told(one) <= told(other)) or one > other
    assert told(one) == pytest.approx(one, abs=60, rel=0.03)


def test_a_time_is_told_as_people_write_it_and_what_is_none_as_it_is():
    assert moment_in_words("2026-11-23T09:05:00+00:00") == "23 November 2026, 09:05 UTC"
    assert moment_in_words("2026-11-23T09:05:00") == "23 November 2026, 09:05"
    assert moment_in_words("soon") == "soon"
    assert moment_in_words(None) is None


@given(st.datetimes() | st.text() | st.integers())
def test_no_time_fails(moment):
    assert isinstance(moment_in_words(moment.isoformat() if isinstance(moment, datetime) else moment), str)
