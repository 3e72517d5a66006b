"""What differs from the recipe as published, and who set it."""

from pathlib import Path

import yaml

from cyclekit.recipe.loading import find_recipe, load_recipe
from cyclekit.report.settings import differences, flat_settings, settings


def resolved(recipe: str, profile: str | None = None, *overrides: str) -> dict:
    return yaml.safe_load(load_recipe(find_recipe(recipe), profile=profile, overrides=overrides).dump())


def test_a_run_as_published_differs_in_nothing():
    recipe = resolved("monet2photo")
    assert differences(recipe) == []
    assert "Every setting is as published" in settings(recipe)


def test_each_difference_says_who_set_it():
    recipe = resolved("monet2photo", "cpu", "train.seed=7", "train.batch_size=3")
    found = {each.key: each for each in differences(recipe) or []}
    assert found["train.seed"][1:] == ("0", "7", "this run")
    assert found["train.batch_size"][1:] == ("1", "3", "this run")
    published, cpu = flat_settings(resolved("monet2photo")), flat_settings(resolved("monet2photo", "cpu"))
    by_profile = {key for key, each in found.items() if each.because == "profile cpu"}
    expected = {key for key in {**published, **cpu} if published.get(key) != cpu.get(key)}
    assert by_profile == expected - {"train.batch_size"}
    assert len(by_profile) > 3
    html = settings(recipe)
    assert (
        '<th scope="row">train.seed</th><td data-heading="published">0</td><td data-heading="here"><b>7</b></td>'
        in html
    )


def test_entries_of_lists_are_compared_by_their_names():
    recipe = {
        "train": {"stages": [{"name": "one", "share": 0.5}, {"name": "two", "dials": {"cycle": 1}}]},
        "metrics": [],
    }
    assert flat_settings(recipe) == {
        "train.stages": ["one", "two"], "train.stages.one.share": 0.5, "train.stages.two.dials.cycle": 1, "metrics": []
    }  # fmt: skip


def test_a_recipe_that_does_not_travel_has_nothing_to_compare_with(tmp_path: Path):
    assert differences({"name": "my own", "train": {"steps": 3}}) is None
    assert "no recipe that travels with cyclekit" in settings({"name": "my <own>"})
    assert "my &lt;own&gt;" in settings({"name": "my <own>"})


def test_sections_younger_than_a_run_are_no_difference():
    recipe = resolved("monet2photo")
    del recipe["health"]
    recipe["validation"]["health"] = []
    assert differences(recipe) == []
