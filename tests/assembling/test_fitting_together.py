"""Parts of two modalities in one recipe, and parts that cannot work with their neighbours: one line each."""

import pytest

from cyclekit import registry
from cyclekit.assembling.fitting_together import check_modality
from cyclekit.plugins import load_plugins
from cyclekit.recipe.loading import carried_recipes, find_recipe, load_recipe
from cyclekit.registry import RecipeError
from tests.commands import SETTINGS, call, flags
from tests.tiny import TINY_TEXT

PICTURES, SENTENCES = "data 'images' gives pictures", "data 'sentences' gives sentences"
MIXED = [
    ("monet2photo", "generator=transformer", f"generator: generator 'transformer' works on sentences, and {PICTURES}"),
    ("monet2photo", "discriminator=textcnn", "what works on pictures: multiscale, patchgan, pixel, projected"),
    ("monet2photo", "noise=words", f"noise: noise 'words' works on sentences, and {PICTURES}; what works on pic"),
    ("monet2photo", "reconstruction=token_nll", "what works on pictures: blurred_l1, l1"),
    ("monet2photo", "metrics=[bleu]", f"metrics: metric 'bleu' works on sentences, and {PICTURES}"),
    ("monet2photo", "health.checks=[copying]", f"health.checks: health 'copying' works on sentences, and {PICTURES}"),
    ("monet2photo", "validation.metrics=[kid_and_structure,self_bleu]", "validation.metrics: metric 'self_bleu' works"),
    ("formal2informal", "generator=resnet", f"generator: generator 'resnet' works on pictures, and {SENTENCES}"),
    ("formal2informal", "discriminator=patchgan", f"'patchgan' works on pictures, and {SENTENCES}"),
    ("formal2informal", "metrics=[kid]", f"metrics: metric 'kid' works on pictures, and {SENTENCES}"),
    ("formal2informal", "objective.terms=[total_variation]", "term 'total_variation' works on pictures"),
]  # fmt: skip


def refused(*arguments) -> str:
    """The one line in which `check` refuses a recipe."""
    result = call("check", *arguments)
    assert result.status == 2, result
    (line,) = result.err.splitlines()
    return line


@pytest.mark.parametrize(("recipe", "changed", "complaint"), MIXED)
def test_a_part_of_another_modality_is_refused_before_anything_is_built(recipe, changed, complaint):
    line = refused(recipe, "--profile", "published", "--set", changed)
    assert complaint in line


def test_every_carried_recipe_is_of_one_modality():
    load_plugins()
    recipes = carried_recipes()
    assert len(recipes) > 10
    for folder in recipes.values():
        check_modality(load_recipe(folder))


def test_what_belongs_to_no_modality_fits_any():
    load_plugins()
    assert registry.part("gan_loss", "lsgan").modality is None
    assert registry.part("health", "discriminator").modality is None
    assert registry.part("generator", "resnet").modality == "pictures"
    for recipe in ("monet2photo", "formal2informal"):
        check_modality(load_recipe(find_recipe(recipe), overrides=["gan_loss=hinge", "train.optimizer=adamw"]))


def test_a_beam_needs_a_generator_that_chooses():
    line = refused("monet2photo", "--data", "builtin:landscapes", *SETTINGS, "--set", "beam=4")
    assert line.endswith(
        "beam: 4 candidates are to be kept, and generator 'resnet' makes one translation of an item; set beam=null"
    )


def test_ids_have_no_difference():
    line = refused("formal2informal", *flags(TINY_TEXT | {"reconstruction": "l1"}))
    assert "l1 compares continuous values, and these rows are ids" in line


@pytest.mark.usefixtures("own_parts")
def test_a_plugin_of_no_modality_fits_where_its_neighbours_do():
    @registry.register("metric", "mine")
    def mine() -> None:
        """Nothing."""

    check_modality(load_recipe(find_recipe("monet2photo"), overrides=["metrics=[mine]"]))


def test_a_refusal_names_nothing_that_would_not_do():
    load_plugins()
    with pytest.raises(RecipeError, match=r"what works on pictures: none$"):
        check_modality(load_recipe(find_recipe("monet2photo"), overrides=["reranking=noisy_channel"]))
