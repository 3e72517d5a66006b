"""Several seeds of one recipe: which runs belong together, and their mean and deviation."""

import json
import statistics

from cyclekit.report.run_folder import read_run
from cyclekit.report.seeds import groups, seed_rows
from tests.commands import call
from tests.report.folders import BUILTIN, compared_page, metrics_file, run_of

VALUES = {0: 0.0300, 1: 0.0313, 2: 0.0307}


def seeds(folder):
    return [run_of(folder / f"seed{seed}", seed, KID={"value": value}) for seed, value in VALUES.items()]


def test_runs_that_differ_in_the_seed_alone_have_a_mean_and_a_deviation(tmp_path):
    runs = seeds(tmp_path)
    other = [run_of(tmp_path / f"other{seed}", seed, 0.25, KID={"value": seed}) for seed in (0, 1)]
    alone = run_of(tmp_path / "alone", 0, 0.1, KID={"value": 9})
    first, second = groups([read_run(run) for run in (runs[0], other[0], runs[1], alone, runs[2], other[1])])
    assert [run.folder for run in first.runs] == runs
    assert [run.folder for run in second.runs] == other
    assert first.name == "demo, published, seeds 0, 1, 2"
    (row,) = seed_rows(first)["monet -> photo"]
    assert (row.metric, row.better) == ("KID", "lower")
    assert row.mean == statistics.fmean(VALUES.values())
    assert row.deviation == statistics.stdev(VALUES.values())
    assert row.words == "0.03067 ± 0.0006506"


def test_one_seed_twice_is_no_second_sample(tmp_path):
    twice = [run_of(tmp_path / name, 3, KID={"value": 1}) for name in ("one", "again")]
    assert groups([read_run(run) for run in twice]) == []


def test_what_was_not_measured_alike_has_no_mean(tmp_path):
    runs = seeds(tmp_path)
    path = runs[1] / "metrics.json"
    path.write_text(path.read_text().replace(BUILTIN, "elsewhere"))
    (group,) = groups([read_run(run) for run in runs])
    assert seed_rows(group) == {}


def test_the_rows_that_no_seed_moves_stand_beside_them(tmp_path):
    runs = seeds(tmp_path)
    for run, value in zip(runs, VALUES.values()):
        rows = {
            "translated": {"KID": {"value": value}},
            "copy the input": {"KID": {"value": 0.07}},
            "real against real": {"KID": {"value": -0.001}},
        }
        content = metrics_file(rows, items=10, references=20, better={"KID": "lower"}, protocol={"KID": {}})
        (run / "metrics.json").write_text(json.dumps(content))
    page = compared_page(*runs)
    assert "demo, published, seeds 0, 1, 2" in page.text
    assert "0.03067 ± 0.0006506" in page.text
    printed = " ".join(call("compare", *runs).out.split())
    for words in ("0.03067 ± 0.0006506", "copy the input", "real against real", "-0.001", "Mean ± standard deviation"):
        assert words in printed
