"""Tables of metrics: each number as it was measured, and judged where it can be."""

import itertools
import json
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.report.intervals import Measure
from cyclekit.report.metrics import measures_of_table, metric_chart, protocols
from tests.report.folders import BUILTIN, START, Page, make_run, metrics_file, page_of


def test_metrics_are_compared_with_copying_the_way_that_is_better(tmp_path):
    run = make_run(tmp_path, START)
    rows = {
        "translated": {
            "KID": {"value": 0.0123, "spread": 0.001}, "SSIM": {"value": 0.61, "interval": [0.58, 0.66]},
            "PSNR": {"value": 18.0}, "FD": {"value": 9.0},
        },
        "copy the input": {
            "KID": {"value": 0.0312, "spread": 0.002}, "SSIM": {"value": 0.64, "spread": 0.01},
            "PSNR": {"value": 18.0}, "FD": {"value": 7.0},
        },
    }  # fmt: skip
    better = {"KID": "lower", "SSIM": "higher", "PSNR": "higher", "FD": "lower"}
    (run / "metrics.json").write_text(json.dumps(metrics_file(rows, better=better, protocol={"KID": {"seed": 3}})))
    text = page_of(run).text
    assert "KIDlower is better0.01230.0103 to 0.0143✓ better than copying0.03120.0273 to 0.0351" in text
    assert "SSIMhigher is better0.610.580 to 0.660within noise of copying0.64" in text
    assert "PSNRhigher is better18same as copying18" in text
    assert "FDlower is better9worse than copying7" in text
    assert "the interval is the value ± 1.96 spreads" in text
    assert f"Measured on {BUILTIN}" in text
    assert "how each number is measuredKIDseed3" in text
    assert "Not the data this run learnt from" not in text


def test_metrics_that_cannot_be_compared_are_shown_and_not_judged(tmp_path):
    run = make_run(tmp_path, START)
    metrics = metrics_file({"translated": {"KID": {"value": 0.1}}}, **{"not measured": {"FD": "no weights"}})
    (run / "metrics.json").write_text(json.dumps(metrics | {"data": "elsewhere"}))
    text = page_of(run).text
    assert "which way is better is not stated" in text
    assert "There is no row 'copy the input'" in text
    assert "FD: no weights" in text
    assert "Not the data this run learnt from" in text
    assert "than copying" not in text
    (run / "metrics.json").write_text('{"results": [1, 2]}')
    assert "not laid out as expected" in page_of(run).text
    (run / "metrics.json").write_text("{")
    assert "metrics.json cannot be read" in page_of(run).text


DIRECTION = {"items": 3, "size": [16, 16], "better": {"KID": "lower"}}


def test_a_metric_that_copying_satisfies_is_not_judged_by_it(tmp_path):
    run = make_run(tmp_path, START)
    rows = {"translated": {"KID": 1.0}, "copy the input": {"KID": 0.0}}
    for protocol, judged in (({}, True), ({"KID": {"copying": "is perfect"}}, False)):
        (run / "metrics.json").write_text(json.dumps(metrics_file(rows, **DIRECTION, protocol=protocol)))
        page = page_of(run)
        assert ("worse than copying" in page.text) is judged
        assert "3 held-out items · size: 16, 16" in page.text


def test_a_protocol_is_told_once_where_directions_agree_and_by_direction_where_they_do_not(tmp_path):
    one, other = {"protocol": {"KID": {"seed": 1, "notes": ["<few>"]}}}, {"protocol": {"KID": {"seed": 2}}}
    assert protocols({}) == ""
    same = Page(protocols({"a -> b": one, "b -> a": {"protocol": {"KID": {"seed": 1}}}}))
    assert len(same.all("h4")) == 1
    assert "a -> b" not in same.text
    differ = Page(protocols({"a -> b": one, "b -> a": other}))
    assert "KID a -> bseed1KID b -> aseed2" in differ.text
    assert "few" not in differ.text


def test_measures_are_numbers_only():
    rows = {"translated": {"a": 1, "b": {"value": 2.0}, "c": "x", "d": None, "e": {"value": math.nan}}, "odd": 3}
    assert measures_of_table({"rows": rows}) == {"translated": {"a": Measure(1), "b": Measure(2.0)}, "odd": {}}
    assert measures_of_table([]) == {}


FINITE = st.floats(-1e308, 1e308)
CELLS = st.none() | st.builds(
    lambda value, others: Measure(value, min(value, *others), max(value, *others)),
    FINITE, st.tuples(FINITE, FINITE),
)  # fmt: skip


@settings(max_examples=40)
@given(st.lists(CELLS | st.builds(Measure, FINITE), max_size=5))
def test_a_picture_of_a_metric_keeps_order_and_stays_in_its_place(cells):
    page = Page(metric_chart(cells))
    places = [float(dot["cx"]) for dot in page.all("circle")]
    known = [cell.value for cell in cells if cell is not None]
    assert len(places) in (0, len(known))
    assert all(0 <= place <= 120 for place in places)
    for one, other in itertools.combinations(range(len(places)), 2):
        assert places[one] <= places[other] or known[one] > known[other]
