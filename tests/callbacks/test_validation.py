"""Looking at a run while it learns: what is measured and when, what counts as best, and what a look must not touch."""

import json

import pytest

import cyclekit
from cyclekit import checkpoint, registry
from cyclekit.api import read
from cyclekit.callbacks import Log, default_callbacks
from cyclekit.callbacks.validation import Validation
from cyclekit.core.metric import Measured, MetricUnavailable
from cyclekit.registry import RecipeError
from cyclekit.training import train
from tests.test_training import assert_same_weights
from tests.tiny import TINY_TEXT, even_stages

RECIPE = "recipes/formal2informal"
SETTINGS = TINY_TEXT | {"train.stages": even_stages(RECIPE)}
DIRECTIONS = ["formal -> informal", "informal -> formal"]


def tiny_run(**overrides):
    changed = {key.replace("__", "."): value for key, value in overrides.items()}
    return cyclekit.load(RECIPE, overrides=SETTINGS | changed)


def trained(folder, **overrides):
    run = tiny_run(**overrides)
    return cyclekit.train(run, folder, device="cpu")


def until(folder, step, **overrides):
    """A run that was interrupted after a step."""
    run = tiny_run(**overrides)
    folder.mkdir()
    (folder / "recipe.yaml").write_text(run.recipe.dump())
    train(run, folder, default_callbacks(), device="cpu", until=step)
    return folder


def lines(folder, kind):
    """The log's lines of one kind."""
    found = map(json.loads, (folder / "log.jsonl").read_text().splitlines())
    return [line for line in found if line["kind"] == kind]


def scripted(monkeypatch, looks, better="higher"):
    """A metric `scripted` that gives these values, one look after the other, to both directions alike.

    A value of None is a look at which it cannot be had.
    """
    values = iter([value for value in looks for _ in DIRECTIONS])

    class Scripted:
        name, needs_truth = "scripted", False

        def __init__(self):
            self.better, self.protocol = better, {}

        def __call__(self, translated):
            value = next(values)
            if value is None:
                raise MetricUnavailable("not now")
            return Measured(value)

    monkeypatch.setitem(registry._parts["metric"], "scripted", registry.Part(Scripted, __name__))
    return {"validation": {"metrics": ["scripted"], "criterion": "scripted"}, "train__sample_every": 1}


def noted(monkeypatch, finding):
    """A health check `noted` that finds this."""
    monkeypatch.setitem(registry._parts["health"], "noted", registry.Part(lambda: lambda shown: finding, __name__))


def best_of(folder):
    return checkpoint.step_of((folder / "best").resolve())


@pytest.mark.parametrize(("metrics", "there"), [(["copies", "distinct"], "copies, distinct"), ([], "none")])
def test_the_criterion_is_one_of_the_metrics(metrics, there):
    with pytest.raises(RecipeError, match=rf"validation: .*the criterion 'selection' is none of its metrics: {there}"):
        read(RECIPE, overrides={"validation": {"metrics": metrics, "criterion": "selection"}})


def test_metrics_and_checks_that_are_none_are_found_before_training():
    with pytest.raises(RecipeError, match=r"validation.metrics: no metric is called 'copes'; did you mean 'copies'"):
        tiny_run(validation__metrics=["copes"], validation__criterion=None)
    with pytest.raises(RecipeError, match=r"validation.health: no health is called 'copyin'; did you mean 'copying'"):
        tiny_run(validation__health=["copyin"])


def test_data_that_set_nothing_aside_are_one_clear_error(tmp_path):
    with pytest.raises(RecipeError) as mistake:
        trained(tmp_path / "run", data__validation=0)
    assert str(mistake.value) == (
        f"validation: {tiny_run().data.source} sets nothing aside to validate on; set data.validation above 0, or "
        "validation.metrics=[] and validation.health=[]"
    )
    off = {"validation__metrics": [], "validation__health": [], "validation__criterion": None}
    folder = trained(tmp_path / "off", data__validation=0, **off)
    assert not lines(folder, "metrics")
    assert not (folder / "best").exists()


def test_every_look_is_a_line_with_both_directions(tmp_path):
    folder = trained(tmp_path / "run", validation__every=3)
    looks = lines(folder, "metrics")
    assert [look["step"] for look in looks] == [3, 6, 8]
    for look in looks:
        assert list(look["values"]) == DIRECTIONS
        for values in look["values"].values():
            assert {"style accuracy (%)", "self-BLEU", "exact copies (%)", "distinct outputs (%)"} <= set(values)
        assert isinstance(look["criterion"], float)
    assert looks[0]["best"], "the first is the best so far"


def test_without_every_it_looks_when_samples_are_shown(tmp_path):
    assert [look["step"] for look in lines(trained(tmp_path / "run"), "metrics")] == [4, 8]


def test_the_criterion_is_the_mean_over_directions(tmp_path):
    folder = trained(tmp_path / "run", validation__metrics=["distinct"], validation__criterion="distinct")
    for look in lines(folder, "metrics"):
        values = [directed["distinct outputs (%)"] for directed in look["values"].values()]
        assert look["criterion"] == pytest.approx(sum(values) / 2)


@pytest.mark.parametrize(
    ("better", "looks", "best"),
    [
        ("higher", [1, 5, 2, 5, 3, 6, 4, 4], [1, 2, 6]),
        ("lower", [9, 5, 7, 5, 3, 6, 4, 4], [1, 2, 5]),
        ("higher", [None, 2, None, 1, 3, None, 2, 1], [2, 5]),
    ],
)
def test_best_is_the_first_of_the_best(better, looks, best, monkeypatch, tmp_path):
    folder = trained(tmp_path / "run", **scripted(monkeypatch, looks, better))
    assert [look["step"] for look in lines(folder, "metrics") if look["best"]] == best
    assert best_of(folder) == best[-1]
    assert [look["criterion"] for look in lines(folder, "metrics")] == looks


def test_what_was_best_survives_a_resume(monkeypatch, tmp_path):
    settings = scripted(monkeypatch, [3, 7, 5, 6, 4, 8, 7, 7])
    folder = until(tmp_path / "run", 3, **settings)
    assert best_of(folder) == 2
    cyclekit.train(tiny_run(**settings), folder, device="cpu", resume=True)
    assert [look["step"] for look in lines(folder, "metrics") if look["best"]] == [1, 2, 6]
    assert best_of(folder) == 6


def test_a_best_that_a_crash_took_back_has_to_be_found_again(monkeypatch, tmp_path):
    """The log's line of a look comes before its checkpoint: a crash in between leaves a best that does not exist."""
    settings = scripted(monkeypatch, [3, 9, 9, 5, 5, 5, 5, 5, 5])
    folder = until(tmp_path / "run", 2, **settings)
    for path in (checkpoint.folder_of(folder, 2), folder / "best", folder / "latest"):
        path.rename(folder / f"lost-{path.name}")
    cyclekit.train(tiny_run(**settings), folder, device="cpu", resume=True)
    assert [look["step"] for look in lines(folder, "metrics") if look["best"]] == [1, 2]
    assert best_of(folder) == 2


def test_findings_get_into_the_log_once_a_look_from_the_last_stage_on(monkeypatch, tmp_path):
    noted(monkeypatch, "all is lost: give up")
    folder = trained(tmp_path / "run", validation__health=["noted"], validation__every=1)
    found = [(line["step"], line["check"], line["finding"]) for line in lines(folder, "health")]
    assert [line["step"] for line in lines(folder, "stage") if line["name"] == "cycle-gan"] == [7]
    assert found == [
        (step, "noted", f"{direction}: all is lost: give up") for step in (7, 8) for direction in DIRECTIONS
    ]


def test_without_stages_health_is_looked_at_from_the_start(monkeypatch, tmp_path):
    noted(monkeypatch, "all is lost: give up")
    folder = trained(tmp_path / "run", validation__health=["noted"], validation__every=4, train__stages=[])
    assert sorted({line["step"] for line in lines(folder, "health")}) == [4, 8]


def test_healthy_runs_are_not_written_about(monkeypatch, tmp_path):
    noted(monkeypatch, None)
    folder = trained(tmp_path / "run", validation__health=["noted"])
    assert lines(folder, "metrics")
    assert not lines(folder, "health")


def test_untrained_networks_are_found_to_collapse(tmp_path):
    """The recipe's own checks, on the real thing."""
    found = lines(trained(tmp_path / "run"), "health")
    assert ("collapse", 8) in {(line["check"], line["step"]) for line in found}
    assert len({(line["step"], line["check"], line["finding"]) for line in found}) == len(found)


def test_looking_changes_no_weight(tmp_path):
    run = tiny_run(validation__every=1)
    without = [callback for callback in default_callbacks(Log()) if not isinstance(callback, Validation)]
    assert len(without) == len(default_callbacks()) - 1
    cyclekit.train(run, tmp_path / "without", device="cpu", callbacks=without)
    folder = trained(tmp_path / "with", validation__every=1)
    assert_same_weights(folder, tmp_path / "without")
    assert len(lines(folder, "metrics")) == 8
