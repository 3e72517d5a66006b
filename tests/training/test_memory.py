"""Memory is predicted by steps of sizes alone: what they hold is what real steps hold."""

import copy

import pytest
import torch

import cyclekit
from benchmarks.memory import really_held
from cyclekit.core.weightless import is_weightless, without_weights
from cyclekit.training.memory import needed
from tests.pictures import picture_folders
from tests.text.tiny_models import bart
from tests.tiny import TINY, TINY_TEXT, even_stages

WITHIN = 0.15
"""What is promised. Of networks so small the constants of parts are a share that counts."""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return picture_folders(tmp_path_factory.mktemp("pictures"), train=4, test=2)


def run_of(recipe, data=None, base=TINY, **changes):
    return cyclekit.load(recipe, profile="published", data=data, overrides=base | changes, quiet=True)


@pytest.mark.parametrize(
    ("precision", "changes"),
    [
        ("float32", {"train.batch_size": 1, "generator.width": 8, "data.load_size": 32, "data.crop_size": 32}),
        ("bf16", {"train.batch_size": 3, "discriminator.count": 2, "train.moving_average": None}),
    ],
)
def test_predicted_is_what_real_steps_of_pictures_hold(pictures, precision, changes):
    run = run_of("recipes/monet2photo", pictures, **{"objective.replay": 0, **changes})
    assert needed(run, precision=precision).total == pytest.approx(really_held(run, precision), rel=WITHIN)


def test_predicted_is_what_another_objective_holds(pictures):
    common = {key: value for key, value in TINY.items() if not key.startswith("objective")}
    run = run_of("recipes/horse2zebra_cut", pictures, common, **{"objective.layers": [0, 1, 4]})
    assert needed(run).total == pytest.approx(really_held(run), rel=WITHIN)


def test_predicted_is_what_sentences_hold_in_the_stage_that_takes_most():
    run = run_of(
        "recipes/formal2informal", base=TINY_TEXT,
        **{"train.stages": even_stages("recipes/formal2informal"), "objective.replay": 0, "train.steps": 40},
    )  # fmt: skip
    found = needed(run)
    assert found.stage == "cycle-gan"
    # Untrained sentences end by chance, a few a little before they must.
    assert found.total == pytest.approx(really_held(run), rel=0.15)


@pytest.mark.parametrize("changes", [{}, {"generator.lora": 2}, {"train.checkpointing": True}])
def test_predicted_is_what_a_pretrained_network_holds_though_nobody_loads_it(changes, tmp_path):
    kept = {key: value for key, value in TINY_TEXT.items() if not key.startswith(("generator.", "data.vocabulary"))}
    settings = {
        **kept, "data.tokenizer": f"huggingface:{bart(tmp_path)}", "data.limit": 24, "objective.replay": 0,
        "generator.lora": None, "generator.weights": "float32", "train.batch_size": 16, "health.checks": [],
        "train.stages": even_stages("recipes/formal2informal_pretrained"), "train.steps": 40,
        "train.moving_average": None, **changes,
    }  # fmt: skip
    with without_weights():
        bare = run_of("recipes/formal2informal_pretrained", base=settings)
    assert is_weightless(bare.networks.generators)
    found = needed(bare)
    assert found.stage == "cycle-gan"
    real = run_of("recipes/formal2informal_pretrained", base=settings)
    assert needed(real).total == found.total
    assert found.total == pytest.approx(really_held(real), rel=0.15)


def test_a_prediction_leaves_the_run_as_it_is(pictures):
    run = run_of("recipes/monet2photo", pictures)
    before, random = copy.deepcopy(run.networks.generators.b.state_dict()), torch.get_rng_state()
    needed(run)
    assert all(torch.equal(before[key], value) for key, value in run.networks.generators.b.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)
    assert all(parameter.grad is None for parameter in run.networks.generators.b.parameters())


def test_replay_buffers_are_counted_full(pictures):
    sizes = {"data.load_size": 32, "data.crop_size": 32}
    few, many = (run_of("recipes/monet2photo", pictures, **sizes, **{"objective.replay": rows}) for rows in (10, 60))
    assert needed(many).replay == 2 * 60 * 3 * 32 * 32 * 4
    assert needed(many).total - needed(few).total == 2 * 50 * 3 * 32 * 32 * 4
