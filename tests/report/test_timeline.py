"""What happened when: stages, findings, rollbacks and the best checkpoint on one line."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.report.run_folder import RunFiles, read_run
from cyclekit.report.timeline import MOST, SIGNS, happenings, timeline
from tests.report.folders import FORMAL, START, Page, make_run, page_of, terms


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


def test_a_run_to_which_nothing_happened_has_no_line(tmp_path):
    assert timeline(read_run(make_run(tmp_path, START, terms(5))), 5) == ""


HAPPENED = st.tuples(st.sampled_from(["health", "resume", "rollback", "stage"]), st.integers(0, 10**9))


@settings(max_examples=40)
@given(st.lists(HAPPENED, min_size=1, max_size=30), st.integers(0, 100))
def test_every_happening_is_told_or_counted_and_stands_within_the_line(happened, steps):
    log = [{"kind": kind, "step": step, "check": "copying"} for kind, step in happened]
    files = RunFiles(Path("run"), {}, {}, log, None, 0.0, [])
    marks = happenings(files)
    first = next((record["step"] for record in log if record["kind"] == "health"), None)
    assert sorted(mark.step for mark in marks) == [mark.step for mark in marks]
    assert [mark.step for mark in marks if mark.kind == "health"] == ([] if first is None else [first])
    page = Page(timeline(files, steps))
    pins = [tag["style"] for tag in page.all("i") if "pin" in (tag.get("class") or "")]
    told = len([mark for mark in marks if mark.kind in SIGNS])
    assert len(pins) == told
    assert all(0 <= float(pin.removeprefix("left:").removesuffix("%")) <= 100 for pin in pins)
    listed = len(page.all("li"))
    assert listed == min(told, MOST) + (told > MOST)
    assert (f"and {told - MOST} more" in page.text) == (told > MOST)
    for tag in page.all("span"):
        if tag.get("style"):
            begin, width = (float(part.split(":")[1].removesuffix("%")) for part in tag["style"].split(";"))
            assert 0 <= begin <= 100
            assert 0 <= begin + width <= 100.02
