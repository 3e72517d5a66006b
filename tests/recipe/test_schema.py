"""What a recipe may say, section by section, and that it is written as it is read."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.recipe.loading import carried_recipes, load_recipe, merged
from cyclekit.recipe.schema import Student
from cyclekit.recipe.validating import validated
from cyclekit.recipe.yaml_files import read_value
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


def settings_of(recipe):
    return recipe.model_dump(exclude={"base", "profiles"})


def read_back(recipe):
    return validated(read_value(recipe.dump()), "the dump")


tricky = st.text(st.characters(exclude_characters="\0"), max_size=12) | st.sampled_from(
    ["2e-4", "1e5", "null", "true", "3", "2026-11-23", "=", "a: b", "~", "no"]
)


options = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | tricky,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(tricky, inner, max_size=2),
    max_leaves=4,
)


@settings(deadline=None, max_examples=40)
@given(
    title=tricky,
    domains=st.lists(
        tricky.filter(lambda name: name.isprintable() and name and not set(name) & set("./\\")),
        min_size=2,
        max_size=2,
        unique=True,
    ),
    rate=st.floats(1e-9, 10),
    option=options,
    steps=st.integers(1, 10**9),
)
def test_whatever_is_set_survives_writing_and_reading(title, domains, rate, option, steps):
    overrides = {
        "title": title,
        "domains": dict(zip("ab", domains)),
        "train.learning_rate": rate,
        "train.steps": steps,
        "generator.extra": option,
    }
    recipe = load_recipe(carried_recipes()["monet2photo"], overrides=overrides)
    assert settings_of(read_back(recipe)) == settings_of(recipe)
    assert recipe.generator.options["extra"] == option


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        ("domains={a: x, b: x}", "both domains are called 'x'; give them two names"),
        ("objective.terms=[x, x]", "'x' stands twice; the log could not tell them apart"),
        ("objective.terms=[{name: total_variation, weight: -1}]", "objective.terms.0.weight"),
        ("validation.criterion=kid", "the criterion 'kid' is none of its metrics: none"),
        ("validation={metrics: [fd], criterion: kid}", "the criterion 'kid' is none of its metrics: fd"),
        ("validation.patience=3", "patience is 3, and there is no criterion that could get better; name one"),
        ("validation.health=[collapse]", "health is a section of its own: write health: {checks: [...]} beside"),
        ("health.after=1", "health.after=1"),
        ("discriminator.count=0", "discriminator.count=0"),
        ("student={depthwise: 1}", "student.depthwise: 1 should be"),
        ("trackers=[tensorboard]", "trackers.0: 'tensorboard' should be 'wandb' or 'mlflow'"),
        ("name=a/b", "name=a/b"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_one_line(override, complaint):
    without = ["validation={metrics: [], criterion: null}"] if override.startswith("validation.") else []
    with pytest.raises(RecipeError) as refused:
        read(*without, override)
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_section_of_which_nothing_is_said_and_a_profile_of_which_nothing_is_said():
    settings = read_value(read().dump()) | {"profiles": {"mine": None}}
    assert validated(settings, "x").profiles == {"mine": {}}
    assert read("student={}").student == Student()
    assert read().student is None


def test_a_run_folder_from_before_health_had_its_section_stays_readable():
    settings = read_value(read().dump())
    checks = settings.pop("health")["checks"]
    settings["validation"]["health"] = checks
    assert [check.name for check in validated(settings, "the dump").health.checks] == [
        check["name"] for check in checks
    ]
    with pytest.raises(RecipeError, match="health is a section of its own"):  # not in what a user writes
        validated({**settings, "base": "image_cyclegan"}, "recipe.yaml")
