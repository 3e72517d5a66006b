"""The head and the events of a run's page."""

import re

from tests.report.folders import BUILTIN, START, make_run, page_of, terms


def test_the_data_that_was_used_is_in_the_headline_and_built_in_data_is_marked(tmp_path):
    page = page_of(make_run(tmp_path / "a", START))
    assert BUILTIN in page.text
    assert "Built-in data, not a real data set" in page.text
    assert "data/monet2photo: no such folder" in page.text
    page = page_of(make_run(tmp_path / "b", START | {"data": "/pictures/monet2photo: 1072 + 6287 pictures"}))
    assert "/pictures/monet2photo: 1072 + 6287 pictures" in page.text
    assert "Built-in data" not in page.text
    assert "Data unknown" in page_of(make_run(tmp_path / "c")).text


def test_facts_that_nobody_wrote_down_are_left_out(tmp_path):
    run = make_run(tmp_path, START, {"kind": "resume", "step": 3, "device": "cuda:0"}, terms(500, **{"cycle.x": 1.0}))
    page = page_of(run)
    facts = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", (tmp_path / "report.html").read_text())
    assert facts == [
        ("device", "cuda:0"), ("precision", "bf16"), ("profile", "cpu"), ("seed", "7"), ("epoch", "1"),
        ("trained", "50 s"), ("started", "23 November 2026, 09:00 UTC"),
    ]  # fmt: skip
    assert "checkpoint to use" not in page.text


def test_the_checkpoint_to_use_is_the_best_else_the_newest(tmp_path):
    saved = [{"kind": "checkpoint", "step": step, "folder": f"checkpoints/{step}"} for step in (5, 1000)]
    page = page_of(make_run(tmp_path / "a", START, *saved))
    assert "step 1,000, the newest" in page.text
    assert "checkpoints 2, the last at step 1,000: checkpoints/1000" in page.text
    best = {"kind": "metrics", "step": 5, "values": {}, "best": True}
    assert "checkpoint to usestep 5, the best" in page_of(make_run(tmp_path / "b", START, *saved, best)).text


def test_a_long_log_shows_its_newest_events(tmp_path):
    notes = [{"kind": "note", "step": step, "message": f"note {step}."} for step in range(150)]
    page = page_of(make_run(tmp_path, START, *notes))
    assert "note 149." in page.text
    assert "note 50." in page.text
    assert "note 49." not in page.text


def test_data_that_changed_at_a_resume_is_said(tmp_path):
    page = page_of(make_run(tmp_path, START, {"kind": "resume", "step": 1, "data": "folder: 3 pictures"}))
    assert f"{BUILTIN}folder: 3 picturesThe data changed at a resume." in page.text
