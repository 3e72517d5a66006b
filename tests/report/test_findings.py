"""What health checks said on the way, or that they looked and found nothing."""

from tests.report.folders import FORMAL, START, make_run, page_of, terms


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


def test_checks_that_found_nothing_are_said_once_they_looked(tmp_path):
    recipe = FORMAL + "health: {checks: [{name: copying}, {name: collapse}]}\ntrain: {stages: [{name: x}, {name: y}]}\n"
    before = [{"kind": "stage", "step": 1, "name": "x"}, {"kind": "sample", "step": 5, "file": "a.tsv"}]
    assert "nothing found" not in page_of(make_run(tmp_path / "before", START, *before, recipe=recipe)).text
    after = [*before, {"kind": "stage", "step": 10, "name": "y"}, {"kind": "sample", "step": 20, "file": "a.tsv"}]
    text = page_of(make_run(tmp_path / "after", START, *after, recipe=recipe)).text
    assert "Health: nothing found by copying, collapse." in text


def test_each_check_is_told_once_by_its_newest_findings_and_what_stands_with_them(tmp_path):
    records = [
        {"kind": "health", "step": 10, "check": "<copying>", "finding": "old", "share": 0.9},
        {"kind": "health", "step": 30, "since": 20, "check": "<copying>", "finding": "new", "share": 0.62, "x": None},
        {"kind": "health", "step": 40, "since": 35, "finding": "of no check"},
        {"kind": "rollback", "step": 40, "message": "went <back>"},
    ]
    page = page_of(make_run(tmp_path, START, *records, recipe=FORMAL))
    assert (
        "Findings<copying> step 30, 2 times since step 10newshare: 0.62"
        "check step 40 since step 35of no checkwent <back>"
    ) in page.text


def test_checks_wait_for_their_time_in_the_last_stage(tmp_path):
    recipe = FORMAL + "health: {after: 0.5, checks: [copying]}\ntrain: {steps: 100}\n"
    for step, said in ((49, False), (50, True)):
        run = make_run(tmp_path / str(step), {"kind": "metrics", "step": step, "values": {}}, recipe=recipe)
        assert ("✓ Health: nothing found by copying." in page_of(run).text) is said
