"""Runs side by side: what differs, what is clear, and the same items."""

import pytest

from cyclekit.registry import RecipeError
from cyclekit.report.comparing import compare
from cyclekit.report.comparison import write_comparison
from tests.report.folders import BUILTIN, START, compared_page, make_run, run_of


def test_settings_that_differ_and_metrics_with_what_is_clear(tmp_path):
    one = run_of(tmp_path / "one", KID={"value": 0.2, "interval": [0.18, 0.22]}, SSIM={"value": 0.5, "spread": 0.01})
    two = run_of(
        tmp_path / "two", 7, 0.25, KID={"value": 0.1, "interval": [0.08, 0.12]}, SSIM={"value": 0.49, "spread": 0.01}
    )
    comparison = compare([one, two])
    assert comparison.labels == ["one", "two"]
    assert comparison.settings == [("train.seed", ["0", "7"]), ("train.stages.x.share", ["0.5", "0.25"])]
    kid, ssim = comparison.metrics["monet -> photo"]
    assert (kid.metric, kid.verdicts) == ("KID", ["", "clear: better"])
    assert (ssim.metric, ssim.verdicts) == ("SSIM", ["", "within noise"])
    page = compared_page(one, two)
    assert "KIDlower is better0.20.180 to 0.2200.10.080 to 0.120✓ clear: better" in page.text
    assert "0.490.470 to 0.510within noise" in page.text
    assert "Each run is compared with the first, one. A difference is clear when" in page.text
    assert "the value ± 1.96 spreads" in page.text
    assert all((tag.get("src") or "data:").startswith("data:") for _, tag in page.tags)


def test_numbers_of_other_data_or_protocol_are_not_compared(tmp_path):
    runs = [
        run_of(tmp_path / name, KID={"value": value})
        for name, value in (("a", 0.2), ("b", 0.1), ("c", 0.1), ("d", 0.1))
    ]
    for run, old, new in (
        (runs[1], BUILTIN, "elsewhere"),
        (runs[2], '"seed": 3', '"seed": 4'),
        (runs[3], '"items": 10', '"items": 9'),
    ):
        text = (run / "metrics.json").read_text()
        assert old in text
        (run / "metrics.json").write_text(text.replace(old, new))
    (row,) = compare(runs).metrics["monet -> photo"]
    assert row.verdicts == ["", *(f"not compared: other {what}" for what in ("data", "protocol", "counts"))]


def test_mistakes_are_one_clear_line(tmp_path):
    run = make_run(tmp_path / "one", START)
    with pytest.raises(RecipeError, match="compare: needs two runs or more, as in: cyclekit compare"):
        compare([run])
    with pytest.raises(RecipeError, match="one is given twice; name each run once"):
        compare([run, tmp_path / "." / "one"])
    with pytest.raises(RecipeError, match="no such folder; a run's folder looks like"):
        compare([run, tmp_path / "none"])
    with pytest.raises(RecipeError, match=r"out=.*: is a folder; name a file, such as .*compare.html"):
        write_comparison(compare([run, make_run(tmp_path / "two", START)]), tmp_path)
