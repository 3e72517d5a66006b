"""The recipe's `metrics`: a bare list, or a section with what all of them share."""

from pathlib import Path

import pytest
import yaml

from cyclekit.recipe.loading import load_recipe, merged
from cyclekit.registry import RecipeError

RECIPE = Path("recipes/monet2photo")


def read(*overrides):
    return load_recipe(RECIPE, overrides=overrides)


def names(recipe):
    return [part.name for part in recipe.metrics.measure]


def test_a_bare_list_is_what_is_measured_and_is_written_as_one():
    recipe = read("metrics=[kid, {name: precision, k: 3}]")
    assert names(recipe) == ["kid", "precision"]
    assert recipe.metrics.shared == {}
    assert yaml.safe_load(recipe.dump())["metrics"] == [{"name": "kid"}, {"name": "precision", "k": 3}]


def test_shared_options_are_laid_over_a_list_and_a_list_under_them():
    recipe = read("metrics=[fid_clean]", "metrics.inception_weights=/x.pt")
    assert (names(recipe), recipe.metrics.shared) == (["fid_clean"], {"inception_weights": "/x.pt"})
    recipe = read("metrics.inception_weights=/x.pt", "metrics=[kid]")
    assert (names(recipe), recipe.metrics.shared) == (["kid"], {"inception_weights": "/x.pt"})
    kept = merged({"metrics": ["kid"]}, {"metrics": {"inception_weights": "/x.pt"}})
    assert kept == {"metrics": {"measure": ["kid"], "inception_weights": "/x.pt"}}


def test_a_section_survives_the_run_folder(tmp_path):
    recipe = read("metrics.measure=[fid_clean, kid]", "metrics.inception_weights=/x.pt")
    (tmp_path / "recipe.yaml").write_text(recipe.dump())
    again = load_recipe(tmp_path)
    assert again.metrics == recipe.metrics
    assert again.dump() == recipe.dump()


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        ("metrics.weights=x", "metrics.weights=x: no such key; did you mean 'inception_weights'?; known here: "),
        ("metrics.measure=kid", "metrics.measure=kid: 'kid' should be a valid list"),
        ("metrics.measure=[3]", "metrics.measure.0: 3 should be a part's name, or a mapping with its name and its"),
        ("metrics.inception_weights=3", "metrics.inception_weights=3: 3 should be a valid string"),
        ("validation.metrics.inception_weights=x", "validation.metrics: should be a valid list"),
    ],
)
def test_mistakes_are_named_where_they_stand(override, complaint):
    with pytest.raises(RecipeError) as error:
        read(override)
    assert complaint in str(error.value)
