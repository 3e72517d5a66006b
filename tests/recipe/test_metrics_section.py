"""The recipe's `metrics`: a bare list, or a section with what all of them share."""

from pathlib import Path

import pytest
import yaml

from cyclekit import plugins
from cyclekit.assembling.assemble import build_metrics, check_metrics
from cyclekit.recipe.loading import load_recipe, merged
from cyclekit.registry import RecipeError

RECIPE = Path("recipes/monet2photo")


@pytest.fixture(autouse=True)
def _parts():
    plugins.load_plugins(RECIPE, [])


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


def test_what_is_shared_reaches_those_that_know_it_and_yields_to_their_own():
    recipe = read("metrics.measure=[kid, fid_clean, {name: fid_legacy, inception_weights: /mine.pth}]")
    kid, clean, legacy = build_metrics(recipe.metrics.measure, shared={"inception_weights": "/x.pt"})
    assert (clean.weights, legacy.weights) == ("/x.pt", "/mine.pth")
    assert "kernel" in kid.protocol["estimator"]


def test_several_spaces_of_features_are_a_metric_each():
    recipe = read("metrics=[{name: kid, features: [lite0, lite2], bootstraps: 0}, structure, frechet]")
    built = build_metrics(recipe.metrics.measure)
    assert [metric.name for metric in built] == [
        "KID (EfficientNet-Lite0)", "KID (EfficientNet-Lite2)", "structure kept (gradient correlation)",
        "FD (EfficientNet-Lite0)",
    ]  # fmt: skip
    assert [metric.bootstraps for metric in built[:2]] == [0, 0]


@pytest.mark.parametrize("base", ["monet2photo", "facades"])
def test_recipes_of_pictures_are_judged_in_a_space_that_nothing_trains_in(base):
    built = build_metrics(load_recipe(Path("recipes") / base).metrics.measure)
    names = [metric.name for metric in built]
    for one in ("KID", "FD"):
        assert [name for name in names if name.startswith(one)] == [
            f"{one} (EfficientNet-Lite0)", f"{one} (EfficientNet-Lite2)",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "complaint"),
    [
        ("{name: kid, features: []}", r"metrics: metric 'kid': features is \[\]; name one, or several different ones"),
        ("{name: kid, features: [lite2, lite2]}", "features is .*; name one, or several different ones"),
        ("{name: kid, features: [lite0, lite9]}", "there are no features 'lite9'; did you mean 'lite"),
        ("{name: structure, features: [lite0, lite2]}", "has no option 'features'"),
    ],
)
def test_spaces_that_are_none_are_refused_before_training(metric, complaint):
    with pytest.raises(RecipeError, match=complaint):
        check_metrics(read(f"metrics=[{metric}]"))


def test_weights_that_nothing_uses_are_no_silence():
    with pytest.raises(RecipeError) as error:
        check_metrics(read("metrics.inception_weights=/x.pt"))
    assert str(error.value) == (
        "metrics.inception_weights: none of the listed metrics uses it; add one to metrics.measure that does: "
        "fid_clean, fid_legacy"
    )
    check_metrics(read("metrics.inception_weights=/x.pt", "metrics=[fid_legacy]"))


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        ("metrics.weights=x", "metrics.weights: no such key; did you mean 'inception_weights'?; known here: measure, "),
        ("metrics.measure=kid", "metrics.measure: 'kid' should be a valid list"),
        ("metrics.measure=[3]", "metrics.measure.0: 3 should be a part's name, or a mapping with its name and its"),
        ("metrics.inception_weights=3", "metrics.inception_weights: 3 should be a valid string"),
        ("validation.metrics.inception_weights=x", "validation.metrics: should be a valid list"),
    ],
)
def test_mistakes_are_named_where_they_stand(override, complaint):
    with pytest.raises(RecipeError) as error:
        read(override)
    assert complaint in str(error.value)
