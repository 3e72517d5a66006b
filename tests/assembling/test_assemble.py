import pytest
import torch

import cyclekit
from cyclekit.assembling.assemble import try_once
from cyclekit.assembling.data import build_data
from cyclekit.recipe.loading import differing, load_recipe
from cyclekit.registry import RecipeError
from tests.pictures import picture_folders
from tests.tiny import TINY, TINY_TEXT


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return str(picture_folders(tmp_path_factory.mktemp("data")))


def load(data, **changes):
    return cyclekit.load("recipes/monet2photo", profile="published", data=data, overrides=TINY | changes)


def test_cyclegan_gets_two_of_everything_and_pix2pix_one(data):
    run = load(data)
    assert run.directions == [("a", "b"), ("b", "a")]
    tiny = {key: value for key, value in TINY.items() if not key.startswith("objective")}
    run = cyclekit.load(
        "recipes/monet2photo", profile="published", data=data, overrides=tiny | {"objective": "pix2pix"}
    )
    assert run.directions == [("a", "b")]
    assert run.networks.generators.a is None
    first = next(run.networks.discriminators.b.parameters())
    assert first.shape[1] == 6, "pix2pix's judges see the input beside the sample"


def test_the_seed_makes_the_networks(data):
    weights = [next(load(data, **{"train.seed": seed}).networks.generators.b.parameters()) for seed in (3, 3, 4)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_networks_that_do_not_take_the_data_are_found_before_training(data):
    run = load(data, **{"discriminator.layers": 4})
    with pytest.raises(RecipeError, match=r"monet2photo: its networks do not take its data: .*at least 48 px"):
        try_once(run)


def test_a_trial_leaves_nothing_behind(data):
    run = load(data, **{"objective.replay": 4})
    before = run.objective.state_dict()
    try_once(run)
    after = run.objective.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize("loss", ["wgan_gp", {"name": "hinge", "r1": 1}])
def test_a_penalty_that_words_have_no_gradient_for_is_found_before_training(loss):
    run = cyclekit.load(
        "recipes/formal2informal", profile="cpu", data="builtin:formality", overrides=TINY_TEXT | {"gan_loss": loss}
    )
    with pytest.raises(RecipeError, match=r"formal2informal: its networks do not take its data: .*torch\.int64"):
        try_once(run)


def test_the_datas_names_of_the_domains_are_the_runs_and_need_not_be_said_to_resume(tmp_path):
    made = picture_folders(tmp_path / "set")
    for old, new in (("trainA", "paintings"), ("trainB", "pictures")):
        (made / old).rename(made / new)
    run = load(str(made))
    assert (run.display("a"), run.display("b")) == ("paintings", "pictures")
    (tmp_path / "run").mkdir()
    (tmp_path / "run/recipe.yaml").write_text(run.recipe.dump())
    kept = load_recipe(tmp_path / "run")
    assert (kept.domains.a, kept.called.a) == ("paintings", "monet")
    asked = cyclekit.api.read("recipes/monet2photo", data=str(made), overrides=TINY)
    swapped = cyclekit.api.read(
        "recipes/monet2photo", data=str(made), overrides=TINY | {"domains.a": "pictures", "domains.b": "paintings"}
    )
    assert differing(kept, asked) == {}
    assert differing(kept, kept) == {}
    assert list(differing(kept, swapped)) == ["domains.a", "domains.b"]
    # Read again, by the recipe's names or by those of the run, they are the same domains.
    for recipe in (asked, kept):
        assert build_data(recipe).domains == ("paintings", "pictures")
    # A set in the field's layout names nothing.
    assert load(str(picture_folders(tmp_path / "other"))).recipe.called is None
