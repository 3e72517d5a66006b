"""Runs side by side: what differs, what is clear, and the same items."""

import json
import shlex
from pathlib import Path

import pytest
from PIL import Image

from cyclekit.cli import main
from cyclekit.registry import RecipeError
from cyclekit.report.comparing import compare
from cyclekit.report.comparison import write_comparison
from tests.report.folders import (
    BUILTIN,
    START,
    Page,
    add_cells,
    add_laid_out,
    make_run,
    metrics_file,
    terms,
)  # fmt: skip

RECIPE = "name: demo\ndomains: {{a: monet, b: photo}}\ntrain: {{seed: {seed}, stages: [{{name: x, share: {share}}}]}}\n"
HEADINGS = ["monet", "to photo", "true photo"]


def run_of(folder: Path, seed: int = 0, share: float = 0.5, step: int = 50, **rows: dict) -> Path:
    sheets = add_cells(folder, [0, step], HEADINGS, "str")
    run = make_run(folder, START, *sheets, terms(step), recipe=RECIPE.format(seed=seed, share=share))
    if rows:
        better = {"KID": "lower", "SSIM": "higher"}
        content = metrics_file(
            {"translated": rows}, items=10, references=20, better=better, protocol={"KID": {"seed": 3}}
        )
        (run / "metrics.json").write_text(json.dumps(content))
    return run


def page_of(*runs: Path) -> Page:
    return Page(write_comparison(compare(runs), runs[0].parent / "compare.html").read_text())


def test_without_intervals_none_are_spoken_of(tmp_path):
    page = page_of(*(run_of(tmp_path / name, seed, KID={"value": 0.2}) for seed, name in enumerate(("one", "two"))))
    assert "Each run is compared with the first, one." in page.text
    assert "interval" not in page.text


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
    page = page_of(one, two)
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


def test_the_same_pictures_stand_in_columns(tmp_path):
    one, two = run_of(tmp_path / "one"), run_of(tmp_path / "two", step=80)
    page = page_of(one, two)
    strip = next(tag for tag in page.all("div") if "strip" in (tag.get("class") or "").split())
    assert (strip["data-columns"], strip["data-domains"]) == ("4", "a b b b")
    assert "monetonetwotrue photo" in page.text
    assert "one after step 50 · two after step 80" in page.text
    three = make_run(
        tmp_path / "three", START, *add_laid_out(tmp_path / "three", [200], HEADINGS, "abb"), recipe=RECIPE
    )
    page = page_of(one, two, three)  # of an older run, whose items have no names, their looks tell
    assert "monet: three shows other items" in page.text
    older = make_run(tmp_path / "older", START, *add_laid_out(tmp_path / "older", [80], HEADINGS, "abb"), recipe=RECIPE)
    assert "monetoneoldertrue photo" in page_of(one, older).text


def test_items_of_other_names_and_of_other_looks_are_others(tmp_path):
    one, named, looking = (run_of(tmp_path / name) for name in ("one", "named", "looking"))
    index = named / "samples/step-00000050/index.json"
    index.write_text(index.read_text().replace('"1.png"', '"7.png"'))
    Image.new("RGB", (16, 16), "white").save(looking / "samples/step-00000050/0-1.png")
    page = page_of(one, named, looking)
    assert "monet: named shows other items" in page.text
    assert "monet: looking shows other items" in page.text


def test_the_same_sentences_stand_in_columns(tmp_path):
    runs = []
    for name, made in (("one", "i dont know"), ("two", "i know"), ("three", None)):
        (tmp_path / name / "samples").mkdir(parents=True)
        rows = [("I do not know", made)] if made else [("other", "words")]
        lines = ["# t", "formal\tto informal", *("\t".join(row) for row in rows)]
        (tmp_path / name / "samples/step-1.tsv").write_text("".join(line + "\n" for line in lines))
        sample = {"kind": "sample", "step": 1, "file": "samples/step-1.tsv"}
        runs.append(make_run(tmp_path / name, START, sample, recipe="name: demo\ndomains: {a: formal, b: informal}\n"))
    page = page_of(*runs)
    assert [tag["data-heading"] for tag in page.all("td") if tag.get("data-heading")][:4] == [
        "formal",
        "one",
        "two",
        "three",
    ]
    assert "(not among its items)" in page.text
    assert "i dont know" in page.text


def test_what_is_missing_is_said(tmp_path):
    one, two = make_run(tmp_path / "one", START), make_run(tmp_path / "two", START)
    page = page_of(one, two)
    for words in (
        f"one is not evaluated: cyclekit evaluate {shlex.quote(str(one))}",
        "two: has no samples",
        "None of the runs is evaluated",
    ):
        assert words in page.text


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


def test_the_command_prints_tables_and_writes_a_page(tmp_path, capsys, monkeypatch):
    one = run_of(tmp_path / "same", KID={"value": 0.2, "interval": [0.18, 0.22]})
    two = run_of(tmp_path / "deep/same", 7, KID={"value": 0.1, "interval": [0.08, 0.12]})
    out = tmp_path / "new/compare.html"
    monkeypatch.setattr("sys.argv", ["cyclekit", "compare", str(one), str(two), "--out", str(out)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    for words in (
        "deep/same",
        "train.seed",
        "0.1 (0.080 to 0.120)",
        "clear: better",
        "settings differ in the seed alone",
    ):
        assert words in printed
    assert str(out) in printed
    assert out.is_file()
