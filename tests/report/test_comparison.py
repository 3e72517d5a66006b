"""Runs side by side as a page and as tables of a terminal."""

import io
import shlex

import pytest

from cyclekit.registry import RecipeError
from cyclekit.report.comparing import compare
from cyclekit.report.comparison import print_comparison, write_comparison
from cyclekit.terminal.screen import Screen
from tests.report.folders import START, Page, compared_page, make_run, run_of


def test_without_intervals_none_are_spoken_of(tmp_path):
    page = compared_page(
        *(run_of(tmp_path / name, seed, KID={"value": 0.2}) for seed, name in enumerate(("one", "two")))
    )
    assert "Each run is compared with the first, one." in page.text
    assert "interval" not in page.text


def test_what_is_missing_is_said(tmp_path):
    one, two = make_run(tmp_path / "one", START), make_run(tmp_path / "two", START)
    page = compared_page(one, two)
    for words in (
        f"one is not evaluated: cyclekit evaluate {shlex.quote(str(one))}",
        "two: has no samples",
        "None of the runs is evaluated",
    ):
        assert words in page.text


def test_text_from_runs_is_escaped_in_the_page_and_no_markup_in_a_terminal(tmp_path):
    evil = "<b>[red]x"
    runs = [run_of(tmp_path / name, KID={"value": 0.2}) for name in ("one", "[b]two")]
    text = (runs[1] / "metrics.json").read_text()
    (runs[1] / "metrics.json").write_text(text.replace("KID", evil))
    comparison = compare(runs)
    html = write_comparison(comparison, tmp_path / "x.html").read_text()
    assert "<b>[red]" not in html
    assert evil in Page(html).text
    screen = Screen(width=100, markup=False, highlight=False, file=io.StringIO())
    print_comparison(comparison, screen)
    printed = screen.file.getvalue()
    assert "[b]two" in printed
    assert evil in printed


def test_metrics_that_a_run_lacks_are_dashes(tmp_path):
    one, two = run_of(tmp_path / "one", KID={"value": 0.2}), run_of(tmp_path / "two", SSIM={"value": 0.5})
    page = compared_page(one, two)
    assert "KIDlower is better0.2–" in page.text
    assert "SSIMhigher is better–0.5" in page.text


def test_a_folder_is_no_file_and_a_page_is_whole_or_not_there(tmp_path):
    comparison = compare([run_of(tmp_path / "one"), run_of(tmp_path / "two")])
    with pytest.raises(RecipeError) as refused:
        write_comparison(comparison, tmp_path)
    assert str(refused.value) == f"out={tmp_path}: is a folder; name a file, such as {tmp_path / 'compare.html'}"
    (tmp_path / "file").write_text("")
    with pytest.raises(RecipeError, match=r"x\.html: cannot be written: "):
        write_comparison(comparison, tmp_path / "file/x.html")
    assert not list(tmp_path.rglob("*.html"))
