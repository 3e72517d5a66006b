"""Looking at a run while it learns: what is measured and when, what counts as best, and what a look must not touch."""

import json

import pytest
import yaml

import cyclekit
from cyclekit import registry
from cyclekit.api import read
from cyclekit.callbacks import Health, Log, default_callbacks
from cyclekit.callbacks.validation import Validation
from cyclekit.measuring.metric import Measured, MetricUnavailable
from cyclekit.registry import RecipeError
from cyclekit.runs import history
from tests.callbacks.trainings import lines, training_of
from tests.tiny import TINY_TEXT, even_stages
from tests.training.test_loop import assert_same_weights

RECIPE = "recipes/formal2informal"
STAGES = even_stages(RECIPE)
SETTINGS = TINY_TEXT | {"train.stages": STAGES}
DIRECTIONS = ["formal -> informal", "informal -> formal"]


def tiny_run(**overrides):
    changed = {key.replace("__", "."): value for key, value in overrides.items()}
    return cyclekit.load(RECIPE, profile="published", overrides=SETTINGS | changed)


def trained(folder, **overrides):
    run = tiny_run(**overrides)
    return cyclekit.train(run, folder, device="cpu")


def until(folder, step, **overrides):
    """A run that was interrupted after a step."""
    run = tiny_run(**overrides)
    training_of(run, folder, until=step)
    return folder


def scripted(monkeypatch, looks, better="higher"):
    """A metric `scripted` that gives these values, one look after the other, to both directions alike; one stage.

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
    return {
        "validation": {"metrics": ["scripted"], "criterion": "scripted"},
        "train__sample_every": 1,
        "train__stages": [],
    }


def best_of(folder):
    return history.step_of((folder / "best").resolve())


@pytest.mark.parametrize(("metrics", "there"), [(["copies", "distinct"], "copies, distinct"), ([], "none")])
def test_the_criterion_is_one_of_the_metrics(metrics, there):
    with pytest.raises(RecipeError, match=rf"validation.*the criterion 'selection' is none of its metrics: {there}"):
        read(RECIPE, overrides={"validation": {"metrics": metrics, "criterion": "selection"}})


def test_what_judges_the_choice_does_not_choose():
    metrics = ["second_style_accuracy"]
    with pytest.raises(RecipeError, match="second_style_accuracy is there to judge what another metric chose"):
        tiny_run(validation__metrics=metrics, validation__criterion=metrics[0])
    tiny_run(validation__metrics=[*metrics, "distinct"], validation__criterion="distinct")


def test_metrics_and_checks_that_are_none_are_found_before_training():
    with pytest.raises(RecipeError, match=r"validation.metrics: no metric is called 'copes'; did you mean 'copies'"):
        tiny_run(validation__metrics=["copes"], validation__criterion=None)
    with pytest.raises(RecipeError, match=r"health.checks: no health is called 'copyin'; did you mean 'copying'"):
        tiny_run(health__checks=["copyin"])


def test_the_old_place_of_the_checks_is_one_clear_error_and_old_run_folders_stay_readable(tmp_path):
    with pytest.raises(RecipeError) as mistake:
        read(RECIPE, overrides={"validation.health": ["copying"]})
    assert str(mistake.value) == (
        "overrides=validation.health=['copying']: validation: health is a section of its own: write health: "
        "{checks: [...]} beside validation"
    )
    dumped = yaml.safe_load(tiny_run().recipe.dump())
    dumped["validation"]["health"] = dumped.pop("health")["checks"][:2]
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(dumped))
    assert [check.name for check in read(tmp_path).health.checks] == ["discriminator", "vanishing_gradients"]


def test_data_that_set_nothing_aside_are_one_clear_error(tmp_path):
    with pytest.raises(RecipeError) as mistake:
        trained(tmp_path / "run", data__validation=0)
    assert str(mistake.value) == (
        f"validation: {tiny_run().data.source} sets nothing aside to validate on; set data.validation above 0, or "
        "validation.metrics=[] and validation.criterion=null"
    )
    off = {"validation__metrics": [], "validation__criterion": None}
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
    assert [look["best"] for look in looks] == [False, False, True], "the first of the last stage is its best so far"


def test_only_the_last_stage_has_a_best(monkeypatch, tmp_path):
    """Four stages of two steps. A copy that autoencoding makes may have any criterion, and is no translation."""
    settings = scripted(monkeypatch, [9, 9, 9, 9, 9, 9, 2, 3]) | {"train__stages": STAGES}
    folder = until(tmp_path / "run", 6, **settings)
    assert not (folder / "best").exists()
    assert history.step_of(history.chosen(folder)) == 6
    used = cyclekit.Translator.load(folder)
    assert used.checkpoint == "step 6 of 8, the newest, in stage '{}'; a best is chosen in '{}', the last".format(
        *(stage.name for stage in used.recipe.train.stages[2:])
    )
    cyclekit.train(tiny_run(**settings), folder, device="cpu", resume=True)
    assert [look["step"] for look in lines(folder, "metrics") if look["best"]] == [7, 8]
    assert cyclekit.Translator.load(folder).checkpoint == "step 8 of 8, the best by scripted"


def test_a_best_of_an_early_stage_in_an_older_run_gives_way(monkeypatch, tmp_path):
    settings = scripted(monkeypatch, [9, 8, 7, 6, 5, 4, 3, 2, 1]) | {"train__stages": STAGES}
    folder = until(tmp_path / "run", 3, **settings)
    log = (
        (folder / "log.jsonl").read_text().replace('"criterion": 9.0, "best": false', '"criterion": 9.0, "best": true')
    )
    assert '"best": true' in log
    (folder / "log.jsonl").write_text(log)
    history.point(folder / "best", history.folder_of(folder, 3))
    cyclekit.train(tiny_run(**settings), folder, device="cpu", resume=True)
    assert best_of(folder) == 7
    assert cyclekit.Translator.load(folder).checkpoint == "step 7 of 8, the best by scripted; the newest is step 8"


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
    for path in (history.folder_of(folder, 2), folder / "best", folder / "latest"):
        path.rename(folder / f"lost-{path.name}")
    cyclekit.train(tiny_run(**settings), folder, device="cpu", resume=True)
    assert [look["step"] for look in lines(folder, "metrics") if look["best"]] == [1, 2]
    assert best_of(folder) == 2


def test_looking_changes_no_weight(tmp_path):
    run = tiny_run(validation__every=1)
    without = [callback for callback in default_callbacks(Log()) if not isinstance(callback, Validation | Health)]
    assert len(without) == len(default_callbacks()) - 2
    cyclekit.train(run, tmp_path / "without", device="cpu", callbacks=without)
    folder = trained(tmp_path / "with", validation__every=1)
    assert_same_weights(folder, tmp_path / "without")
    assert len(lines(folder, "metrics")) == 8


PATIENT = {"validation__patience": 2}
IMPATIENT = [1, 3, 2, 2, 2, 2, 2, 2, 2]


def test_patience_ends_a_run_and_says_why(monkeypatch, tmp_path):
    run = tiny_run(**scripted(monkeypatch, IMPATIENT), **PATIENT)
    training = training_of(run, tmp_path / "run")
    assert (training.stop, training.step) == ("patience", 5)  # looks 3 and 4 were worse; the step after is the last
    why = "scripted was no better than 3, of step 2, in 2 looks in a row (validation.patience=2)"
    assert training.enough == why
    assert [(line["step"], line["message"]) for line in lines(tmp_path / "run", "stopped")] == [(5, why)]
    assert history.latest(tmp_path / "run").name == "step-00000005"
    assert best_of(tmp_path / "run") == 2
    assert lines(tmp_path / "run", "end") == lines(tmp_path / "run", "interrupted") == []


@pytest.mark.parametrize("stop_at", [2, 4])
def test_patience_goes_on_counting_after_a_resume(stop_at, monkeypatch, tmp_path):
    straight = training_of(tiny_run(**scripted(monkeypatch, IMPATIENT), **PATIENT), tmp_path / "straight")
    settings = scripted(monkeypatch, IMPATIENT) | PATIENT
    folder = until(tmp_path / "run", stop_at, **settings)
    resumed = training_of(tiny_run(**settings), folder, resume=True)
    assert (resumed.stop, resumed.step, resumed.enough) == ("patience", 5, straight.enough)
    assert_same_weights(folder, tmp_path / "straight")


def test_a_run_that_ended_by_itself_stays_ended(monkeypatch, tmp_path):
    settings = scripted(monkeypatch, IMPATIENT) | PATIENT
    ended = training_of(tiny_run(**settings), tmp_path / "run")
    again = training_of(tiny_run(**settings), tmp_path / "run", resume=True)
    assert (again.step, again.stop, again.enough) == (5, "patience", ended.enough)
    assert [line["kind"] for line in map(json.loads, (tmp_path / "run/log.jsonl").open())][-2:] == ["resume", "stopped"]


def test_better_looks_renew_patience_and_looks_without_a_value_do_not_count(monkeypatch, tmp_path):
    run = tiny_run(**scripted(monkeypatch, [1, 0, 2, None, None, 1, 3, 2]), **PATIENT)
    assert training_of(run, tmp_path / "run").stop == "finished"


def test_patience_needs_a_criterion():
    with pytest.raises(RecipeError, match=r"validation: .*patience is 3, and there is no criterion"):
        read(RECIPE, overrides={"validation.criterion": None, "validation.patience": 3})
