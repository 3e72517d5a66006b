"""Line charts: every finite value in them or named below them, and numbers that people can read."""

import itertools
import math
import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from cyclekit.report.charts import COLOURS, Chart, Mark, colour_numbers, draw_chart, number_in_words, ticks
from cyclekit.report.series import Series
from tests.report.folders import START, Page, make_run, page_of, terms


def test_the_legend_says_the_last_logged_value(tmp_path):
    records = [terms(step, **{"cycle.monet": 1000 / step, "perceptual": 0.25}) for step in range(10, 10_010, 10)]
    records[-1]["terms"]["cycle.monet"] = 0.31416
    page = page_of(make_run(tmp_path, START, *records))
    assert "monet 0.3142" in page.text
    assert "perceptual 0.25" in page.text
    assert any(svg.get("aria-label") == "cycle over the steps; last: monet 0.3142" for svg in page.all("svg"))
    lines = [path["data-x"].split(",") for path in page.all("path") if path.get("data-x")]
    assert len(lines) == 5
    assert all(len(line) <= 300 and line[-1] == "10000" for line in lines)


def test_values_that_are_not_finite_are_said_not_drawn(tmp_path):
    values = [0.5, float("nan"), 0.4, None, float("inf")]
    records = [terms(step, **{"cycle.monet": value}) for step, value in enumerate(values, start=1)]
    page = page_of(make_run(tmp_path, START, *records))
    assert "monet infinite" in page.text
    assert "not finite: monet" in page.text
    assert not any(re.search("nan|inf", path["d"]) for path in page.all("path"))
    text = page_of(make_run(tmp_path / "all", START, terms(1, **{"cycle.monet": float("nan")}))).text
    assert "No value was logged that can be drawn" in text


def test_ticks_are_round_and_numbers_readable():
    assert ticks(0, 1000) == [0, 250, 500, 750, 1000]
    assert ticks(0.1, 0.35) == pytest.approx([0.1, 0.2, 0.3])
    assert [number_in_words(v) for v in (0.00012, 0.31416, 12345.6, 7, "n/a")] == [
        "0.00012",
        "0.3142",
        "12,346",
        "7",
        "n/a",
    ]


ANY = st.floats() | st.floats(-10, 10)
FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(ANY, max_size=80), st.booleans(), st.floats(1, 1e308))
@example([0.0, 5e-324], True, 1.0)
@example([-1e308, 1e308], False, 1e308)
@example([1e308] * 40, True, 1.0)
@example([1.0, 1.0 + 2**-52], False, 1.0)
def test_whatever_was_logged_is_drawn_or_named_below(values, smooth, apart):
    steps = [min(apart * place, 1e308) for place in range(len(values))]
    html = draw_chart(Chart("<cycle>", [Series("x", steps, values)], smooth=smooth), {})
    page = Page(html)
    paths = [path["d"] for path in page.all("path")]
    assert not any(re.search("nan|inf", path) for path in paths)
    assert "<cycle>" in page.text
    drawn = max((len(re.findall("[ML]", path["d"])) for path in page.all("path") if path.get("data-y")), default=0)
    finite = [value for value in values if math.isfinite(value)]
    # A line has a point for each finite value; of those that cannot be drawn, all or the farthest is said.
    assert drawn == len(finite) or "beyond the axis" in page.text or "can be drawn" in page.text
    assert (len(finite) < len(values)) <= ("not finite: x" in page.text or "can be drawn" in page.text)


@given(st.lists(st.floats(0.0, 1e6), min_size=2, max_size=30))
def test_a_line_keeps_to_the_picture_and_higher_values_are_higher(values):
    html = draw_chart(Chart("x", [Series("x", [float(step) for step in range(len(values))], values)], smooth=False), {})
    (line,) = (path for path in Page(html).all("path") if path.get("data-y"))
    places = [tuple(map(float, place)) for place in re.findall(r"[ML]([-\d.]+) ([-\d.]+)", line["d"])]
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert (places[0][0], places[-1][0]) == (0.0, 1000.0)
    assert all(0 <= y <= 400 for _, y in places)
    highest = min(y for _, y in places)
    assert places[values.index(max(values))][1] == highest


@given(st.lists(st.sampled_from([1.0, 2.0, math.nan, math.inf]), min_size=1, max_size=20))
def test_a_value_that_is_not_finite_breaks_the_line(values):
    html = draw_chart(Chart("x", [Series("x", [float(step) for step in range(len(values))], values)], smooth=False), {})
    lines = [path["d"] for path in Page(html).all("path") if path.get("data-y")]
    runs = [len(list(run)) for finite, run in itertools.groupby(values, math.isfinite) if finite]
    # Each run of finite values is pulled from where the pen was set down.
    assert [1 + piece.count("L") for line in lines for piece in line.split("M")[1:]] == runs
    assert all(line.startswith("M") for line in lines)


def test_marks_stand_where_they_happened_and_only_within_the_steps_shown():
    marks = [Mark(5, "resume & <go>", "resume"), Mark(20, "later", "stage")]
    page = Page(draw_chart(Chart("x", [Series("x", [0, 10], [1, 2])]), {}, marks))
    assert [path["d"] for path in page.all("path") if "mark" in path.get("class", "")] == ["M500.0 0V400"]
    assert "resume & <go>" in page.text
    assert "later" not in page.text


def test_an_interval_that_is_missing_ends_a_piece_of_the_band():
    nan = math.nan
    series = Series("x", [0, 1, 2, 3], [1.0] * 4, [0.5, nan, 0.5, 0.5], [2.0, 2.0, 2.0, 2.0])
    (band,) = (
        path for path in Page(draw_chart(Chart("x", [series]), {})).all("path") if "band" in path.get("class", "")
    )
    assert [len(re.findall("[ML]", piece)) for piece in band["d"].split("Z")[:-1]] == [2, 4]


@given(FINITE, st.floats(1e-280, 1e280))
def test_ticks_are_few_evenly_apart_and_within(low, span):
    assume(abs(low) < 1e6 * span)  # else the ends are hardly different numbers
    found = ticks(low, low + span)
    assert 2 <= len(found) <= 6
    assert all(low - 1e-6 * span <= tick <= low + span * (1 + 1e-6) for tick in found)
    apart = found[1] - found[0]
    assert [after - before for before, after in itertools.pairwise(found)] == pytest.approx([apart] * (len(found) - 1))
    assert any(math.isclose(float(f"{apart:.3e}"[:5]), mantissa) for mantissa in (1, 2, 2.5, 5))


@given(FINITE | st.integers())
def test_a_number_says_its_value_to_four_digits(value):
    assume(abs(value) < 1e308)  # the largest of all would be rounded up to no number
    assert float(number_in_words(value).replace(",", "")) == pytest.approx(value, rel=6e-4, abs=0)


def test_numbers_that_are_none_and_numbers_without_end_are_words():
    assert [number_in_words(v) for v in (math.nan, math.inf, -math.inf, True, None)] == [
        "not a number", "infinite", "−infinite", "True", "None",
    ]  # fmt: skip
    assert number_in_words(10**400).count("000") == 133


@given(st.lists(st.lists(st.sampled_from("abcdefghijk"), max_size=6), max_size=6))
def test_a_label_keeps_its_colour_and_neighbours_differ(labels):
    found = colour_numbers([Chart("c", [Series(label, [], []) for label in of]) for of in labels])
    assert set(found) == {label for of in labels for label in of}
    assert list(found.values()) == [place % COLOURS for place in range(len(found))]
