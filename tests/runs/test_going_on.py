"""Going on with a run: what a resume may change, and what is written down of it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.recipe.loading import load_recipe
from cyclekit.recipe.train_section import Extension
from cyclekit.runs import folder as runs
from cyclekit.runs import going_on
from tests.runs.made_of import recipe, refusal

pytestmark = pytest.mark.usefixtures("here")

FREE = {
    "train.save_every": 7, "train.sample_every": 7, "train.log_every": 7, "train.keep": 7, "train.workers": 7,
    "train.steps": 70, "train.extend": "constant", "health.on_failure": "stop", "health.checks": ["collapse"],
    "validation.patience": 7, "trackers": ["wandb"], "data.sources": ["elsewhere"], "title": "mine",
}  # fmt: skip


@given(st.sets(st.sampled_from(sorted(FREE)), min_size=1))
@settings(max_examples=10)
def test_what_no_step_depends_on_may_change_and_is_told(tmp_path_factory, keys):
    folder = runs.create(recipe(**{"train.steps": 4}), tmp_path_factory.mktemp("one") / "run")
    goes_on, told = going_on.resumed(folder, recipe(**{"train.steps": 4, **{key: FREE[key] for key in keys}}))
    assert {line.partition(" ")[0] for line in told} == keys
    assert goes_on.extended == []  # nothing is trained yet: it has one length
    going_on.record(folder, goes_on)
    assert load_recipe(folder).dump() == goes_on.dump()
    assert going_on.resumed(folder, goes_on)[1] == []


STEP_DEPENDS_ON = {
    "train.batch_size": 2, "train.learning_rate": 0.1, "train.seed": 5, "train.betas": [0.1, 0.2],
    "train.schedule": "constant", "train.gradient_clip": 3.0, "train.moving_average": 0.5, "train.precision": "bf16",
    "generator.width": 3, "data.crop_size": 30, "objective.cycle": 1.0, "gan_loss": "bce", "domains.a": "sketch",
    "discriminator.count": 2, "initialisation": "keep",
}  # fmt: skip


@pytest.mark.parametrize("key", STEP_DEPENDS_ON)
def test_what_a_step_depends_on_may_not(here, key):
    folder = runs.create(recipe())
    assert f"differs in {key}" in refusal(going_on.resumed, folder, recipe(**{key: STEP_DEPENDS_ON[key]}))


def trained_to(folder, step):
    """As if a checkpoint of a step were there."""
    (folder / "checkpoints" / f"step-{step:08d}").mkdir(parents=True)


def test_every_length_that_a_run_had_is_written_down(here):
    folder = runs.create(recipe(**{"train.steps": 100}))
    assert load_recipe(folder).extended == []
    lengths = []
    for done, longer in ((100, {"train.steps": 200}), (150, {"train.steps": 300, "train.extend": "constant"})):
        trained_to(folder, done)
        before = load_recipe(folder)
        goes_on, _ = going_on.resumed(folder, recipe(**longer))
        going_on.record(folder, goes_on)
        lengths.append(Extension(until=done, steps=before.train.steps, extend=before.train.extend))
        assert load_recipe(folder).extended == lengths
    assert [length.steps for length in lengths] == [100, 200]


def test_a_run_is_not_made_shorter_than_it_is(here):
    folder = runs.create(recipe(**{"train.steps": 100}))
    trained_to(folder, 60)
    assert refusal(going_on.resumed, folder, recipe(**{"train.steps": 59})) == (
        f"{folder}: has done 60 steps, and train.steps is 59; set a number above 60, or leave it out"
    )
    assert going_on.resumed(folder, recipe(**{"train.steps": 80}))[0].train.steps == 80


def test_the_source_of_a_run_is_the_only_one_it_goes_on_with(here):
    sources = ["gone", {"builtin": "landscapes", "seed": 3}, "later"]
    made_from = recipe(**{"data.sources": sources})
    folder = runs.create(made_from)
    assert going_on.recorded_source(folder, made_from) is None
    trained_to(folder, 4)
    for source, found in (("builtin: landscapes, seed: 3", [sources[1]]), ("elsewhere", None)):
        (folder / "checkpoints" / "step-00000004" / "state.json").write_text(json.dumps({"source": source}))
        assert going_on.recorded_source(folder, made_from) == found


def test_a_resume_of_another_recipe_names_what_differs(here):
    folder = runs.create(recipe(**{"train.steps": 4, "train.batch_size": 2}))
    assert going_on.resumed(folder, recipe(**{"train.steps": 4, "train.batch_size": 2}))[1] == []
    other = {"train.steps": 5, "train.batch_size": 3, "generator.width": 8}
    assert refusal(going_on.resumed, folder, recipe(**other)) == (
        f"{folder}: was made from a recipe that differs in generator.width (64 there, 8 now); "
        "train.batch_size (2 there, 3 now); resume with the same settings, or start a new run"
    )
