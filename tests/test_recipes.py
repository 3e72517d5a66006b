"""Every recipe that travels with cyclekit trains: with each of its profiles, on data that is made on the spot."""

import pytest

import cyclekit
from cyclekit import checkpoint
from cyclekit.recipe import carried_recipes, find_recipe, load_recipe

SMALL = {
    "data.load_size": 18,
    "data.crop_size": 16,
    "generator.width": 4,
    "discriminator.width": 4,
    "discriminator.layers": 1,
    "train.steps": 2,
    "train.batch_size": 1,
    "train.workers": 0,
    "train.compile": False,
    "sample.rows": 1,
}
"""What makes any recipe for pictures quick; the parts themselves stay the recipe's own."""


def carried():
    """(recipe, profile) of all there are; the published settings are the profile None."""
    found = [
        (name, profile)
        for name, folder in carried_recipes().items()
        for profile in (None, *load_recipe(folder).profiles)
    ]
    assert {("monet2photo", None), ("monet2photo", "cpu")} <= set(found)
    return found


def builtin_of(name):
    """The source of a recipe that is made on the spot; every recipe has one to fall back to."""
    sources = load_recipe(find_recipe(name)).data.options["sources"]
    made = [source for source in sources if "builtin" in source]
    assert made, f"{name} lists no built-in data"
    source = made[0]
    if source == "builtin:landscapes":
        return {"builtin": "landscapes", "scenes": 4, "held_out": 2}
    return source


@pytest.mark.parametrize(("name", "profile"), carried())
def test_every_recipe_takes_two_steps_with_every_profile(name, profile, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    recipe = load_recipe(carried_recipes()[name], profile=profile)
    assert recipe.title
    assert (carried_recipes()[name] / "README.md").is_file()
    assert recipe.data.name == "images", "a recipe of another modality needs small sizes of its own here"
    overrides = SMALL | {"data.sources": [builtin_of(name)]}
    if recipe.generator.name == "resnet":
        overrides["generator.blocks"] = 1
    run = cyclekit.load(name, profile=profile, overrides=overrides)
    folder = cyclekit.train(run, tmp_path / "run", device="cpu")
    assert checkpoint.steps(folder) == [2]
    translator = cyclekit.Translator.load(folder, device="cpu")
    assert set(translator.targets) <= {recipe.domains.a, recipe.domains.b}
