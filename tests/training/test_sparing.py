"""`train.accumulate` and `train.checkpointing`: the same training in less memory; fp16: gradients that are scaled."""

import json

import pytest
import torch

import cyclekit
from cyclekit.assembling.networks import modules
from cyclekit.core.data import loader
from cyclekit.registry import RecipeError
from cyclekit.training.graph import GraphedStep
from cyclekit.training.loop import precision_of, prepare, set_dials, train_step, training_of
from cyclekit.training.memory import needed
from cyclekit.training.resuming import restore, write_checkpoint
from tests.pictures import picture_folders
from tests.tiny import TINY, TINY_TEXT

STILL = {"generator.dropout": 0.0}
SILENT = STILL | {"generator.noise": 0.0, "generator.word_dropout": 0.0, "discriminator.dropout": 0.0,
                  "discriminator.blank": 0.0, "noise": None, "generator.temperature": 1.0}  # fmt: skip


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("pictures"), train=8, test=2)


def run_of(recipe, data=None, base=TINY, **changes):
    overrides = base | {"train.precision": "float32"} | changes
    return cyclekit.load(recipe, profile="published", data=data, overrides=overrides, quiet=True)


def trained(run, steps=3, folder=None):
    """A training after some steps, and the terms of each."""
    training, terms = prepare(run, folder, "cpu"), []
    batches = iter(loader(run.data, run.recipe.train.batch_size, seed=0))
    for _ in range(steps):
        set_dials(training)
        terms.append({name: float(term) for name, term in train_step(training, next(batches)).items()})
        training.step += 1
        if run.average is not None:
            run.average.update(modules(run.networks.generators), training.step)
    return training, terms


def assert_same_training(one, other, exactly=False):
    tolerance = (
        {"rtol": 0, "atol": 0} if exactly else {"rtol": 2e-3, "atol": 1.5e-3}
    )  # Adam's steps on what is rounding
    (first, terms), (second, others) = one, other
    for seen, wanted in zip(others, terms):
        assert seen == (wanted if exactly else pytest.approx(wanted, rel=2e-3, abs=1e-3))
    for side in ("generators", "discriminators"):
        states = [modules(getattr(training.run.networks, side)).state_dict() for training in (first, second)]
        for key, value in states[0].items():
            torch.testing.assert_close(states[1][key], value, **tolerance)
    kept = [training.run.objective.state_dict() for training in (first, second)]
    assert kept[0].keys() == kept[1].keys()
    for key, value in kept[0].items():
        torch.testing.assert_close(kept[1][key], value, **tolerance)
    if first.run.average is not None:
        for one_, other_ in zip(first.run.average.networks.parameters(), second.run.average.networks.parameters()):
            torch.testing.assert_close(other_, one_, **tolerance)


@pytest.mark.parametrize(
    ("parts", "changes"),
    [
        (2, {"discriminator.count": 2}),
        (3, {"objective.adversarial_target": 0.3, "objective.replay": 0}),
        (4, {"gan_loss": "wgan_gp", "discriminator.norm": "instance"}),
    ],
)
def test_a_batch_in_parts_is_the_same_training_of_pictures(pictures, parts, changes):
    changes = STILL | {"train.batch_size": 4} | changes
    whole = trained(run_of("recipes/monet2photo", pictures, **changes))
    shared = trained(run_of("recipes/monet2photo", pictures, **changes, **{"train.accumulate": parts}))
    assert_same_training(whole, shared)


@pytest.mark.parametrize("recipe", ["recipes/horse2zebra_cut"])
def test_a_batch_in_parts_is_the_same_training_of_other_objectives(recipe, pictures):
    base = {key: value for key, value in TINY.items() if not key.startswith("objective")}
    changes = STILL | {"train.batch_size": 4, "objective.layers": [0, 1, 4]}
    whole = trained(run_of(recipe, pictures, base, **changes))
    assert_same_training(whole, trained(run_of(recipe, pictures, base, **changes, **{"train.accumulate": 2})))


@pytest.mark.parametrize("parts", [3])
def test_a_batch_in_parts_is_the_same_training_of_sentences(parts):
    changes = SILENT | {"train.stages": [], "train.batch_size": 6, "discriminator.count": 2}
    whole = trained(run_of("recipes/formal2informal", base=TINY_TEXT, **changes), steps=2)
    shared = run_of("recipes/formal2informal", base=TINY_TEXT, **changes, **{"train.accumulate": parts})
    assert_same_training(whole, trained(shared, steps=2))


@pytest.mark.parametrize(("recipe", "base"), [("recipes/monet2photo", TINY), ("recipes/formal2informal", TINY_TEXT)])
def test_checkpointing_is_the_same_training_bit_for_bit(recipe, base, pictures):
    changes = {"generator.blocks": 3} if base is TINY else {"generator.layers": 2, "train.stages": []}
    data = pictures if base is TINY else None
    whole = trained(run_of(recipe, data, base, **changes))
    spare = trained(run_of(recipe, data, base, **changes, **{"train.checkpointing": True}))
    assert_same_training(whole, spare, exactly=True)


def test_both_take_less_memory_and_the_prediction_knows(pictures):
    sizes = {"data.load_size": 64, "data.crop_size": 64, "generator.blocks": 9, "train.batch_size": 4}
    takes = [
        needed(run_of("recipes/monet2photo", pictures, **sizes, **changes)).passing
        for changes in ({}, {"train.checkpointing": True}, {"train.accumulate": 4})
    ]
    assert takes[1] < 0.9 * takes[0]
    assert takes[2] < 0.5 * takes[0]


def test_what_cannot_be_is_refused_in_one_line(pictures):
    with pytest.raises(RecipeError, match=r"^train.checkpointing: generator 'resnet' has no repeated blocks"):
        run_of("recipes/monet2photo", pictures, **{"train.checkpointing": True})  # TINY has one
    with pytest.raises(RecipeError, match="accumulate is 3, batch_size 2: a part has a row at least"):
        run_of("recipes/monet2photo", pictures, **{"train.accumulate": 3})
    with pytest.raises(RecipeError, match=r"train.precision=fp16: is for CUDA cards without bf16; on a processor set"):
        precision_of("fp16", on_cpu=True)


@pytest.fixture
def in_half(monkeypatch, pictures, tmp_path):
    """Makes trainings in fp16 whose arithmetic is float32: not every processor multiplies halves."""
    monkeypatch.setattr("cyclekit.training.state.Training.autocast", lambda self: torch.autocast("cpu", enabled=False))

    def make(folder="run"):
        run = run_of("recipes/monet2photo", pictures, **STILL)
        place = tmp_path / folder
        place.mkdir(exist_ok=True)
        return training_of(run, place, torch.device("cpu"), "fp16")

    return make


def stepped(training, steps, spoiled=()):
    """Steps; in the spoiled ones a gradient is infinite."""
    batches = iter(loader(training.run.data, 2, seed=0, start=training.step))
    first = next(training.run.networks.generators.b.parameters())
    for _ in range(steps):
        set_dials(training)
        hook = first.register_hook(lambda gradient: gradient * float("inf")) if training.step in spoiled else None
        train_step(training, next(batches))
        if hook is not None:
            hook.remove()
        training.step += 1
        training.run.average.update(modules(training.run.networks.generators), training.step)
    return modules(training.run.networks.generators).state_dict()


def test_in_fp16_an_infinite_gradient_leaves_out_that_sides_step_and_no_other(in_half):
    training = in_half()
    before = {key: value.clone() for key, value in stepped(training, 2).items()}
    judge = next(training.run.networks.discriminators.b.parameters()).clone()
    after = stepped(training, 1, spoiled=[2])
    assert all(torch.equal(before[key], value) for key, value in after.items())
    assert not torch.equal(judge, next(training.run.networks.discriminators.b.parameters()))
    scales = {side: scaler.get_scale() for side, scaler in training.scalers.items()}
    assert scales["generators"] == scales["discriminators"] / 2
    assert training.step == 3  # schedules and averages go by it


def test_in_fp16_finite_steps_are_those_of_float32(in_half, pictures):
    plain, _ = trained(run_of("recipes/monet2photo", pictures, **STILL), steps=3)
    scaled = stepped(in_half(), 3)
    for key, value in modules(plain.run.networks.generators).state_dict().items():
        torch.testing.assert_close(scaled[key], value, rtol=1e-4, atol=1e-6)


def test_in_fp16_a_resume_goes_on_with_the_scale_it_had(in_half):
    straight = in_half("straight")
    wanted = stepped(straight, 6, spoiled=[2, 4])
    first = in_half("resumed")
    stepped(first, 3, spoiled=[2])
    place = write_checkpoint(first)
    assert json.loads((place / "state.json").read_text())["scalers"]["generators"]["scale"] == 32768.0
    again = in_half("resumed")
    restore(again)
    resumed = stepped(again, 3, spoiled=[4])
    assert all(torch.equal(wanted[key], value) for key, value in resumed.items())
    assert again.scalers["generators"].state_dict() == straight.scalers["generators"].state_dict()


def test_in_fp16_steps_are_launched_one_by_one(in_half):
    step = GraphedStep(train_step, in_half())
    assert step.eager_because == "in fp16 a step asks whether the gradients are finite"
