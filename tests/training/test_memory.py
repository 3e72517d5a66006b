"""Memory is predicted by steps of sizes alone: what they hold is what real steps hold."""

import copy

import pytest
import torch
from torch import nn

import cyclekit
from benchmarks.memory import really_held
from cyclekit.training.fitting import Fitting, timed
from cyclekit.training.memory import WORKSPACE, needed
from cyclekit.training.sizes import Held, Sizes
from tests.pictures import picture_folders
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


def test_what_fits_does_and_one_row_more_does_not(pictures):
    fits = Fitting(run_of("recipes/monet2photo", pictures, **{"generator.dropout": 0.0}), "cpu")
    most = 3 * fits.needed.total
    rows = fits.largest_batch(most)
    assert fits.predict(fits.run, batch_size=rows).total <= most < fits.predict(fits.run, batch_size=rows + 1).total
    assert fits.largest_batch(1000) == 0


def test_a_crop_is_named_where_the_batch_cannot_be_smaller(pictures):
    fits = Fitting(run_of("recipes/monet2photo", pictures, **{"data.load_size": 128, "data.crop_size": 128}), "cpu")
    half = fits.needed.total // 2
    crops = [other for other in fits.others(half) if other.startswith("data.crop_size=")]
    side = int(crops[0].split("=")[1].split()[0])
    assert fits.predict(fits.run, side=side).total <= half < fits.predict(fits.run, side=side + 32).total


def test_a_card_is_predicted_without_one(pictures):
    run = run_of("recipes/monet2photo", pictures, **{"data.load_size": 64, "data.crop_size": 64})
    fits = Fitting(run, "cuda")
    assert "on a CUDA card, in bf16" in fits.words
    assert fits.needed.passing > WORKSPACE
    assert fits.largest_batch(10 * fits.needed.total) > 1


def test_steps_are_timed(pictures):
    pace = timed(run_of("recipes/monet2photo", pictures), "cpu")
    assert pace.seconds > 0
    assert pace.steps == 2  # 4 pictures, 2 a batch


def test_held_counts_what_is_alive_and_views_once():
    with Held() as held:
        first = torch.ones(1000)
        view = first[10:]
        assert held.now == 4000
        second = first * 2
        del first
        assert held.now == 8000
        del view, second
        assert (held.now, held.peak) == (0, 8000)


def test_sizes_have_whole_numbers_and_no_others():
    layer, ids = nn.Linear(4, 3), torch.tensor([[1, 2, 0], [2, 0, 0]])
    with Sizes():
        rows = torch.rand(2, 3, 4)
        kept = layer(rows)[ids > 0]
        drawn = kept.argmax(1)
    assert tuple(kept.shape) == (3, 3)
    assert drawn.tolist() == [0, 0, 0]
