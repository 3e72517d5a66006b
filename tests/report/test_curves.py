"""What a run's log has in numbers, as charts: a line for each, by kind."""

import re

from cyclekit.report.__init__ import write_report
from tests.report.folders import START, make_run, page_of, terms


def test_metrics_on_the_way_become_curves(tmp_path):
    records = [{"kind": "metrics", "step": s, "to photo": {"KID": {"value": 1 / s, "spread": 9}}} for s in (1, 2, 4)]
    page = page_of(make_run(tmp_path, START, *records))
    assert "KID over the steps; last: to photo 0.25" in [svg.get("aria-label") for svg in page.all("svg")]


def test_validation_becomes_curves_by_metric_and_direction(tmp_path):
    records = [
        {"kind": "metrics", "step": step, "values": {"a -> b": {"copies": 8 / step}, "b -> a": {"copies": 0.5}},
         "criterion": step / 4, "best": True}
        for step in (1, 2, 4)
    ]  # fmt: skip
    labels = [svg.get("aria-label") for svg in page_of(make_run(tmp_path, START, *records)).all("svg")]
    assert labels == [
        "copies over the steps; last: a -> b 2; b -> a 0.5",
        "criterion over the steps; last: criterion 1",
    ]


def test_intervals_of_metrics_on_the_way_are_bands(tmp_path):
    records = [
        {"kind": "metrics", "step": step, "values": {"a -> b": {"KID": {"value": 0.5, "interval": [0.4, 0.7]}}}}
        for step in (10, 20)
    ]
    page = page_of(make_run(tmp_path, START, *records))
    bands = [path["d"] for path in page.all("path") if (path.get("class") or "").startswith("band")]
    assert len(bands) == 1
    assert re.fullmatch(r"M500.0 (\S+)L1000.0 \1L1000.0 (\S+)L500.0 \2Z", bands[0])
    assert "the band is the 95 % interval" in page.text


def test_a_term_of_any_kind_has_a_chart_known_kinds_first(tmp_path):
    values = {"perceptual.monet": 1.0, "cycle.monet": 2.0, "cycle.photo": 3.0, "total": 4.0}
    records = [terms(step, **values) for step in (1, 2)]
    labels = [svg["aria-label"] for svg in page_of(make_run(tmp_path, START, *records)).all("svg")]
    assert labels == [
        "cycle over the steps; last: monet 2; photo 3",
        "perceptual over the steps; last: monet 1",
        "total over the steps; last: total 4",
        "learning rate over the steps; last: generators 0.0002; discriminators 0.0002",
        "throughput over the steps; last: items 9.5",
    ]


def test_a_domain_has_one_colour_in_every_chart(tmp_path):
    records = [terms(1, **{"adversarial.photo": 1.0, "cycle.monet": 2.0, "cycle.photo": 3.0, "identity.monet": 1.0})]
    html = write_report(make_run(tmp_path, START, *records)).read_text()
    colours = re.findall(r'<li class="c(\d)"><i></i>(monet|photo) ', html)
    assert len(colours) == 4
    assert len(set(colours)) == 2


def test_a_term_that_comes_later_and_one_that_is_no_number(tmp_path):
    records = [
        terms(1, **{"cycle.monet": 1.0}),
        terms(2, **{"cycle.monet": "?", "cycle.photo": 3.0}),
        {"kind": "terms", "step": 3},
    ]
    page = page_of(make_run(tmp_path, START, *records))
    lines = [path["data-x"] for path in page.all("path") if path.get("data-x")]
    assert lines[:2] == ["1,2", "2"]
    assert "with values that are not finite: monet" in page.text
