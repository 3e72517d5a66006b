"""Long series made short: the trend, and every spike."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.report.charts import Chart, draw_chart
from cyclekit.report.series import Series, envelope, smoothed, thin


def test_thinning_keeps_trend_and_spikes():
    values = [1.0] * 5000
    values[1234] = 50.0
    series = Series("x", [float(step) for step in range(5000)], values)
    assert max(thin(series).values) == 1.0
    assert max(envelope(series).values) == 50.0
    assert envelope(series).steps[envelope(series).values.index(50.0)] == 1234
    assert len(thin(series).values) <= 300
    assert len(envelope(series).values) <= 300
    assert smoothed(thin(series)).values == [1.0] * 300
    html = draw_chart(Chart("cycle", [series]), {})
    assert "beyond the axis, furthest: 50 (x, step 1,234)" in html


VALUES = st.lists(st.floats(-1e300, 1e300) | st.just(math.nan) | st.just(math.inf), min_size=1, max_size=60)


def series_of(values):
    return Series("x", [10.0 * place for place in range(len(values))], values)


@given(VALUES, st.integers(3, 20))
def test_an_envelope_keeps_extremes_and_gaps_and_adds_nothing(values, points):
    series, short = series_of(values), envelope(series_of(values), points)
    assert len(short.values) <= max(points, len(values) if len(values) <= points else 0)
    place = {step: value for step, value in zip(series.steps, series.values)}
    assert all(place[step] is value for step, value in zip(short.steps, short.values))
    assert short.steps == sorted(set(short.steps))
    finite = [value for value in values if math.isfinite(value)]
    kept = [value for value in short.values if math.isfinite(value)]
    assert (min(finite, default=0), max(finite, default=0)) == (min(kept, default=0), max(kept, default=0))
    assert (len(finite) < len(values)) == (len(kept) < len(short.values))


@given(VALUES, st.integers(1, 20))
def test_a_thinned_series_ends_where_the_series_ends_and_stays_within_it(values, points):
    short = thin(series_of(values), points)
    assert len(short.values) == min(points, len(values))
    assert short.steps[-1] == series_of(values).steps[-1]
    finite = [value for value in values if math.isfinite(value)]
    assert all(min(finite) <= value <= max(finite) for value in short.values if math.isfinite(value))
    # Only a stretch without any finite value is a gap.
    assert any(map(math.isfinite, short.values)) == bool(finite)


@given(VALUES)
def test_smoothing_keeps_steps_and_range(values):
    line = smoothed(series_of(values))
    assert (line.steps, len(line.values)) == (series_of(values).steps, len(values))
    finite = [value for value in values if math.isfinite(value)]
    margin = 1e-9 * max(map(abs, finite), default=0)
    assert all(min(finite) - margin <= v <= max(finite) + margin for v in line.values if math.isfinite(v))


def test_smoothing_follows_a_straight_line_and_ignores_a_lone_spike():
    straight = [float(value) for value in range(100)]
    middle = slice(10, -10)
    assert smoothed(series_of(straight)).values[middle] == pytest.approx(straight[middle])
    spiked = [*straight[:50], 1e9, *straight[51:]]
    assert smoothed(series_of(spiked)).values == pytest.approx(straight, abs=3)
