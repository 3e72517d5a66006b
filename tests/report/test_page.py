"""The run's page: whole, honest, self-contained, bounded, and never half-written."""

import json
import os
import re
import time
from html import unescape
from pathlib import Path

import pytest
from PIL import Image

from cyclekit.registry import RecipeError
from cyclekit.report import write_report
from cyclekit.report.charts import Chart, draw, number, ticks
from cyclekit.report.older_sheets import tabular
from cyclekit.report.sentences import as_markdown, tables_of
from cyclekit.report.series import Series, envelope, smoothed, thin
from cyclekit.report.sheets import SHEET_BYTES, SHEETS, encoded, spread, within
from tests.report.folders import BUILTIN, START, Page, add_sheets, make_run, metrics_file, page_of, terms


def test_the_page_asks_for_nothing_outside_itself(tmp_path):
    run = make_run(tmp_path / "run", START, terms(50), *add_sheets(tmp_path / "run", [0, 100]))
    page = page_of(run)
    addresses = [a[key] for _, a in page.tags for key in ("src", "href", "srcset", "action", "data") if a.get(key)]
    assert len(page.all("img")) == 2
    assert addresses
    inside = [address for address in addresses if address.startswith("#")]
    assert {address[1:] for address in inside} <= {attributes.get("id") for _, attributes in page.tags}
    assert all(address.startswith("data:") for address in addresses if address not in inside)
    assert not re.search(r"@import|url\(", write_report(run).read_text())
    assert all(image["alt"] for image in page.all("img"))


def test_the_data_that_was_used_is_in_the_headline_and_built_in_data_is_marked(tmp_path):
    page = page_of(make_run(tmp_path / "a", START))
    assert BUILTIN in page.text
    assert "Built-in data, not a real data set" in page.text
    assert "data/monet2photo: no such folder" in page.text
    page = page_of(make_run(tmp_path / "b", START | {"data": "/pictures/monet2photo: 1072 + 6287 pictures"}))
    assert "/pictures/monet2photo: 1072 + 6287 pictures" in page.text
    assert "Built-in data" not in page.text
    assert "Data unknown" in page_of(make_run(tmp_path / "c")).text


@pytest.mark.parametrize(
    ("last", "state", "refreshes"),
    [
        ({"kind": "terms", "step": 120}, "Running", True),
        ({"kind": "resume", "step": 120}, "Running", True),
        ({"kind": "end", "step": 120, "seconds": 480.2}, "Finished", False),
        ({"kind": "interrupted", "step": 120}, "Interrupted", False),
        ({"kind": "failed", "step": 120, "message": "cycle.monet is nan"}, "Failed", False),
    ],
)
def test_where_the_run_stands(tmp_path, last, state, refreshes):
    page = page_of(make_run(tmp_path, START, terms(100), last))
    badge = next(a for tag, a in page.tags if "badge" in (a.get("class") or ""))
    assert badge["class"] == f"badge {state.lower()}"
    assert f"demo: {state.lower()}, step 120 of 4,000" in page.text
    assert last.get("message", "") in page.text
    assert any(meta.get("http-equiv") == "refresh" for meta in page.all("meta")) == refreshes


def test_a_log_that_stopped_growing_is_called_silent(tmp_path):
    run = make_run(tmp_path, START, terms(100))
    os.utime(run / "log.jsonl", (time.time() - 3 * 3600,) * 2)
    page = page_of(run)
    assert "No news for 3 h 0 min: it may have been killed." in page.text
    assert not any(meta.get("http-equiv") == "refresh" for meta in page.all("meta"))


def test_a_recipe_without_a_log_yet_says_what_is_missing(tmp_path):
    (tmp_path / "recipe.yaml").write_text("name: demo\n")
    text = page_of(tmp_path).text
    for words in (
        "Not started",
        "No samples yet",
        "No terms logged yet",
        "Not evaluated yet",
        "Nothing has been logged",
    ):
        assert words in text


def test_a_folder_that_is_no_run_is_one_clear_line(tmp_path):
    with pytest.raises(RecipeError, match="no such folder; a run's folder looks like"):
        write_report(tmp_path / "nowhere")
    make_run(tmp_path / "2026-11-23", START)
    with pytest.raises(RecipeError, match=r"neither recipe.yaml nor log.jsonl; did you mean .*2026-11-23\?"):
        write_report(tmp_path)


def test_text_from_files_is_escaped(tmp_path):
    evil = "<script>alert('&\"')</script>$title"
    run = make_run(
        tmp_path,
        START | {"data": evil, "passed_over": [[evil, evil], evil], "device": evil, "time": evil},
        terms(50, **{f"cycle.{evil}": 0.5, evil: 1.0}),
        {"kind": "sample", "step": 1, "file": f"samples/{evil}.png"},
        {"kind": "sample", "step": 2, "file": f"{evil}.html"},
        {"kind": "metrics", "step": 3, evil: 2.0},
        {"kind": evil, "step": 3, "message": evil},
        {"kind": "failed", "step": 50, "message": evil},
        recipe=json.dumps({"name": evil, "domains": {"a": evil, "b": evil}, evil: {evil: [evil]}}),
    )
    (run / "environment.json").write_text(json.dumps({evil: evil}))
    row = {"translated": {evil: {"value": 1, "spread": 0.1}}, "copy the input": {evil: 2}, evil: {evil: evil}}
    direction = {"rows": row, "better": {evil: evil}, "protocol": {evil: evil}, "not measured": {evil: evil}}
    (run / "metrics.json").write_text(json.dumps({"data": evil, evil: evil, "directions": {evil: direction}}))
    html = write_report(run).read_text()
    assert "<script>alert" not in html
    assert len(Page(html).all("script")) == 2
    assert Page(html).text.count(evil) > 20


def links(page: Page) -> list[str | None]:
    """Where the page leads out of itself."""
    return [link["href"] for link in page.all("a") if not (link["href"] or "").startswith("#")]


def test_files_outside_the_run_folder_stay_out(tmp_path):
    secret = add_sheets(tmp_path, [1])[0]["file"]
    records = [
        {"kind": "sample", "step": 1, "file": f"../{secret}"},
        {"kind": "sample", "step": 2, "file": "../a.html"},
    ]
    page = page_of(make_run(tmp_path / "run", START, *records))
    assert page.all("img") == []
    assert links(page) == []
    assert page.text.count("outside the run folder") == 2


def test_a_cut_off_last_line_is_passed_over_and_other_bad_lines_are_counted(tmp_path):
    run = make_run(tmp_path, START, terms(50, **{"cycle.monet": 0.25}))
    with (run / "log.jsonl").open("a") as log:
        log.write('{"kind":"terms","step":100,"te')
    page = page_of(run)
    assert "step 50 of 4,000" in page.text
    assert "cannot be read" not in page.text
    with (run / "log.jsonl").open("a") as log:
        log.write("\n" + json.dumps(terms(150)) + "\n")
    page = page_of(run)
    assert "step 150 of 4,000" in page.text
    assert "log.jsonl: 1 line cannot be read" in page.text


def test_what_a_resume_took_back_is_not_shown(tmp_path):
    lost, kept = terms(90, **{"cycle.monet": 77.7}), terms(60, **{"cycle.monet": 0.125})
    page = page_of(make_run(tmp_path, START, terms(50), lost, {"kind": "resume", "step": 50}, kept))
    assert "77.7" not in page.text
    assert "monet 0.125" in page.text
    assert "step 60 of 4,000" in page.text


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
    assert "No finite value was logged" in text


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


def test_metrics_on_the_way_become_curves(tmp_path):
    records = [{"kind": "metrics", "step": s, "to photo": {"KID": {"value": 1 / s, "spread": 9}}} for s in (1, 2, 4)]
    page = page_of(make_run(tmp_path, START, *records))
    assert "KID over the steps; last: to photo 0.25" in [svg.get("aria-label") for svg in page.all("svg")]


def test_the_report_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    run = make_run(tmp_path, START)
    before = sorted(path.name for path in run.iterdir())
    report = write_report(run)
    assert sorted(path.name for path in run.iterdir()) == sorted([*before, "report.html"])
    old = report.read_text()

    def disk_full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", disk_full)
    (run / "log.jsonl").write_text(json.dumps(START | {"data": "new"}) + "\n")
    with pytest.raises(RecipeError, match=r"report.html: cannot be written: No space left on device"):
        write_report(run)
    assert report.read_text() == old
    assert sorted(path.name for path in run.iterdir()) == sorted([*before, "report.html"])


def test_a_long_run_stays_small_and_quick(tmp_path, monkeypatch):
    sheets = add_sheets(tmp_path, list(range(0, 10_000, 50)))
    names = [f"{kind}.{domain}" for kind in ("adversarial", "cycle", "identity") for domain in ("monet", "photo")]
    records = [terms(step, **{name: (step % 7) / 7 for name in names}) for step in range(1, 10_001)]
    run = make_run(tmp_path, START, *sorted([*records, *sheets], key=lambda record: record["step"]))
    report = write_report(run)
    encoded = []
    monkeypatch.setattr(Image.Image, "save", lambda *_, **__: encoded.append(1))
    write_report(run)
    assert encoded == []  # sheets are made to fit once
    assert report.stat().st_size < 1_000_000
    page = Page(report.read_text())
    steps = [int(figure["data-step"]) for figure in page.all("figure") if figure.get("data-step")]
    assert 4 < len(steps) <= SHEETS
    assert (steps[0], steps[-1]) == (0, 9950)


def test_a_big_sheet_is_made_to_fit_and_a_broken_one_is_said(tmp_path):
    path = tmp_path / "noise.png"
    Image.effect_noise((2600, 1900), 120).save(path)
    sheet = encoded(path, path.stat().st_mtime_ns)
    assert len(sheet.uri) < SHEET_BYTES * 1.4
    assert sheet.width / sheet.height == pytest.approx(2600 / 1900, rel=0.01)
    run = make_run(tmp_path / "run", START, *add_sheets(tmp_path / "run", [1, 2]))
    (run / "samples/step-00000001.png").write_bytes(b"half a picture")
    page = page_of(run)
    assert len(page.all("img")) == 1
    assert "samples/step-00000001.png cannot be shown" in page.text


def test_a_sheet_that_was_drawn_anew_is_read_anew(tmp_path):
    run = make_run(tmp_path, START, *add_sheets(tmp_path, [1]))
    first = page_of(run).all("img")[0]["src"]
    path = run / "samples/step-00000001.png"
    Image.new("RGB", (64, 48), "white").save(path)
    os.utime(path, ns=(1, 1))
    assert page_of(run).all("img")[0]["src"] != first


HEADINGS = ["formal", "to informal", "and back to formal", "informal", "to formal"]
FORMAL = "name: demo\ndomains: {a: formal, b: informal}\n"


def add_tables(folder: Path, *sheets: list[list[str]], headings: list[str] = HEADINGS) -> list[dict]:
    (folder / "samples").mkdir(parents=True, exist_ok=True)
    records = []
    for step, rows in enumerate(sheets):
        lines = ["# demo · step", "\t".join(headings), *("\t".join(row) for row in rows)]
        (folder / f"samples/step-{step:08d}.tsv").write_text("".join(line + "\n" for line in lines))
        records.append({"kind": "sample", "step": step, "file": f"samples/step-{step:08d}.tsv"})
    return records


def test_sentences_are_tables_by_direction_with_what_changed_marked(tmp_path):
    row = ["I do not know it.", "i dont know it.", "I know it.", "u r late", ""]
    page = page_of(make_run(tmp_path, START, *add_tables(tmp_path, [row], [row]), recipe=FORMAL))
    assert [figure["data-step"] for figure in page.all("figure") if figure.get("data-step")] == ["0", "1"]
    cards = [tag["aria-label"] for tag in page.all("div") if tag.get("class") == "sentences"]
    assert cards == ["formal · to informal", "informal · to formal"] * 2
    html = (tmp_path / "report.html").read_text()
    assert '<td data-heading="formal"><div><s>I do not</s> know it.</div></td>' in html
    assert '<td data-heading="to informal"><div><mark>i dont</mark> know it.</div></td>' in html
    assert re.search(r'back to formal"><div>I <i title="[^"]*"></i> know it.</div>', html)
    assert '<td data-heading="to formal"><div><small>empty</small></div></td>' in html
    assert "unchanged" not in page.text
    assert page.all("img") == links(page) == []


def test_copies_are_said(tmp_path):
    row = ["I know.", "I know.", "I  know.", "ok", "No."]
    page = page_of(make_run(tmp_path, START, *add_tables(tmp_path, [row]), recipe=FORMAL))
    assert page.text.count("unchanged") == 2


def test_sentences_are_escaped_in_the_page_and_in_markdown(tmp_path):
    evil = "<script>alert('&\"')</script>|`*_[x](y)_*`"
    headings = [evil, f"to {evil}"]
    run = make_run(tmp_path, START, *add_tables(tmp_path, [[evil, f"a {evil}"]], headings=headings), recipe=FORMAL)
    html = write_report(run).read_text()
    assert "<script>alert" not in html
    assert Page(html).text.count(evil) == 4
    sheet = tabular(run / "samples/step-00000000.tsv", (("a", evil),))
    lines = as_markdown(tables_of(sheet)).splitlines()
    assert [line.count("|") for line in lines] == [3, 3, 3]
    assert not re.search(r"[<>`*_\[\]()]", lines[2])
    assert unescape(lines[2]) == f"| {evil} | a {evil} |"


def test_a_broken_or_endless_table_is_said(tmp_path):
    sheets = [[["a"] * 5] * 250, [["a"] * 5], [["a" * 5000, *"bcde"]], [["a"] * 5]]
    run = make_run(tmp_path, START, *add_tables(tmp_path, *sheets), recipe=FORMAL)
    (run / "samples/step-00000001.tsv").write_text("# title\na\tb\nonly one\n")
    (run / "samples/step-00000003.tsv").write_bytes(b"\xff\xff")
    page = page_of(run)
    assert page.text.count("150 rows more are in the file") == 2
    assert "step-00000001.tsv cannot be shown: its rows differ in length" in page.text
    assert "step-00000003.tsv cannot be shown" in page.text
    assert "a" * 1000 + " …" in page.text
    assert "a" * 1001 not in page.text


def test_stages_and_findings_are_told(tmp_path):
    finding = "formal -> informal: 62 % are copies; lower objective.cycle"
    records = [
        {"kind": "stage", "step": 1, "name": "autoencoding"},
        terms(50),
        {"kind": "stage", "step": 100, "name": "cycle-gan"},
        {"kind": "resume", "step": 110},
        {"kind": "stage", "step": 111, "name": "cycle-gan"},
        {"kind": "health", "step": 120, "check": "copying", "finding": "older"},
        {"kind": "health", "step": 150, "check": "copying", "finding": finding},
        {"kind": "health", "step": 150, "check": "copying", "finding": "the other way as well"},
        terms(200),
    ]
    page = page_of(make_run(tmp_path, START, *records, recipe=FORMAL))
    assert "stagecycle-gan, since step 100" in page.text
    assert f"copying step 150, 2 times since step 120{finding}the other way as well" in page.text
    for mark in ("stage cycle-gan at step 100", "resume at step 110", "health copying at step 120"):
        assert mark in page.text
    assert "stage cycle-gan at step 111" not in page.text
    assert "Findings" not in page_of(make_run(tmp_path / "other", START)).text


def test_what_happened_when_stands_on_one_line(tmp_path):
    records = [
        {"kind": "stage", "step": 1, "name": "autoencoding"},
        terms(50),
        {"kind": "stage", "step": 1000, "name": "cycle-gan"},
        {"kind": "metrics", "step": 1200, "values": {"a -> b": {"x": 1.0}}, "criterion": 61.25, "best": True},
        {"kind": "health", "step": 1600, "since": 1400, "check": "copying", "finding": "the outputs copy"},
        {"kind": "rollback", "step": 1200, "message": "went back from step 1,600 to 1,200"},
        {"kind": "metrics", "step": 2000, "values": {"a -> b": {"x": 0.5}}, "criterion": 50.0, "best": False},
        terms(2000),
        {"kind": "stopped", "step": 2000, "message": "no better in 4 looks"},
    ]
    page = page_of(make_run(tmp_path, START, *records, recipe=FORMAL))
    assert [tag["style"] for tag in page.all("span") if tag.get("title")] == [
        "left:0.03%;width:24.98%",
        "left:25.00%;width:75.00%",
    ]
    assert [(tag["class"], tag["style"]) for tag in page.all("i") if "pin" in (tag.get("class") or "")] == [
        ("pin rollback", "left:30.00%"),
        ("pin best", "left:30.00%"),
        ("pin health", "left:35.00%"),
    ]
    assert "Stopped by itself" in page.text
    assert "no better in 4 looks" in page.text
    assert "went back from step 1,600 to 1,200" in page.text
    assert "copying step 1,600 since step 1,400" in page.text
    assert "checkpoint to usestep 1,200, the best (61.25)" in page.text
    assert len([path for path in page.all("path") if path.get("class") == "mark best"]) == len(page.all("svg"))


def test_checks_that_found_nothing_are_said_once_they_looked(tmp_path):
    recipe = FORMAL + "health: {checks: [{name: copying}, {name: collapse}]}\ntrain: {stages: [{name: x}, {name: y}]}\n"
    before = [{"kind": "stage", "step": 1, "name": "x"}, {"kind": "sample", "step": 5, "file": "a.tsv"}]
    assert "nothing found" not in page_of(make_run(tmp_path / "before", START, *before, recipe=recipe)).text
    after = [*before, {"kind": "stage", "step": 10, "name": "y"}, {"kind": "sample", "step": 20, "file": "a.tsv"}]
    text = page_of(make_run(tmp_path / "after", START, *after, recipe=recipe)).text
    assert "Health: nothing found by copying, collapse." in text


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


def test_samples_that_are_no_pictures_are_linked(tmp_path):
    page = page_of(make_run(tmp_path, START, {"kind": "sample", "step": 5, "file": "samples/step 5.html"}))
    assert links(page) == ["./samples/step%205.html"]


def test_spread_keeps_the_ends_and_most_of_its_choice():
    for count in range(1, 200):
        chosen = spread(list(range(count)))
        assert len(chosen) <= SHEETS
        assert (chosen[0], chosen[-1]) == (0, count - 1)
        grown = set(spread(list(range(count + 1)))) - set(chosen)
        assert len(grown) <= 1
    assert spread([]) == []


def test_as_many_sheets_as_a_budget_allows_and_always_the_ends():
    steps = list(range(100))
    assert within(steps, lambda step: 10, budget=10_000) == spread(steps)
    asked = []

    def letters(step):
        asked.append(step)
        return 10

    chosen = within(steps, letters, budget=95)
    assert (chosen[0], chosen[-1]) == (0, 99)
    assert 5 <= len(chosen) <= 9
    assert set(asked) - set(chosen) <= {0, 64, 99}  # of those that do not fit, hardly any is made
    assert within(steps, lambda step: 1000, budget=95) == [0, 99]
    assert within([], lambda step: 1000) == []
    assert within([7], lambda step: 1000, budget=1) == [7]


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
    html = draw(Chart("cycle", [series]), {})
    assert "beyond the axis, furthest: 50 (x, step 1,234)" in html


def test_ticks_are_round_and_numbers_readable():
    assert ticks(0, 1000) == [0, 250, 500, 750, 1000]
    assert ticks(0.1, 0.35) == pytest.approx([0.1, 0.2, 0.3])
    assert [number(v) for v in (0.00012, 0.31416, 12345.6, 7, "n/a")] == ["0.00012", "0.3142", "12,346", "7", "n/a"]
