"""Metrics are built in a recipe's order, and what they cannot be is refused before training."""

from pathlib import Path

import pytest

from cyclekit import plugins
from cyclekit.assembling.metrics import build_metrics, check_metrics
from cyclekit.recipe.loading import load_recipe
from cyclekit.registry import RecipeError

RECIPE = Path("recipes/monet2photo")


@pytest.fixture(autouse=True)
def _parts():
    plugins.load_plugins(RECIPE, [])


def read(*overrides):
    return load_recipe(RECIPE, overrides=overrides)


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
    ("override", "where", "name"),
    [
        ("metrics=[kid, {name: kid, bootstraps: 0}]", "metrics", "KID (EfficientNet-Lite0)"),
        ("metrics=[{name: kid, features: [lite0, lite2]}, kid]", "metrics", "KID (EfficientNet-Lite0)"),
        ("validation={metrics: [structure, structure], criterion: null}", "validation.metrics", "structure kept"),
        ("health.checks=[collapse, {name: collapse}]", "health.checks", "collapse"),
    ],
)
def test_two_of_one_name_would_hide_each_other(override, where, name):
    with pytest.raises(RecipeError) as refused:
        check_metrics(read(override))
    assert str(refused.value).startswith(f"{where}: '{name}")
    assert str(refused.value).endswith("' stands there twice, and one would hide the other; list it once")
