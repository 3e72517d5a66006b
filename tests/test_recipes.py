"""Every recipe that travels with cyclekit trains: with each of its profiles, on data that is made on the spot."""

import json

import pytest
from PIL import Image

import cyclekit
from cyclekit import registry
from cyclekit.builtin import scenes as builtin
from cyclekit.recipe.loading import carried_recipes, find_recipe, load_recipe
from cyclekit.runs import checkpoint
from tests.commands import call
from tests.tiny import TINY_TEXT, even_stages

TRAINING = {
    "train.steps": 2,
    "train.batch_size": 1,
    "train.workers": 0,
    "train.compile": False,
    "sample.rows": 1,
}

SMALL = {
    "images": {
        "data.load_size": 18,
        "data.crop_size": 16,
        "generator.width": 4,
        "discriminator.width": 4,
        "discriminator.layers": 1,
        **TRAINING,
    },
    "sentences": {key: value for key, value in TINY_TEXT.items() if key.split(".")[0] not in ("train", "objective")}
    | TRAINING
    | {"train.batch_size": 2},
}
"""What makes any recipe quick, by its data part; the parts themselves stay the recipe's own."""

BUILTIN = {
    **{
        name: {"scenes": 4, "held_out": 2}
        for name, part in registry.registered()["builtin"].items()
        if part.factory.__module__ == builtin.__name__
    },
    "emoji": {"pictures": 4, "held_out": 2},
    "formality": {"sentences": 60, "held_out": 12, "validation": 12},
    "reviews": {"sentences": 60, "held_out": 12, "validation": 12},
    "bible": {"words": 6, "held_out": 12},
}
"""What makes built-in data small."""


def carried():
    """(recipe, profile) of all there are; the published settings are the profile None."""
    found = [
        (name, profile)
        for name, folder in carried_recipes().items()
        for profile in (None, *load_recipe(folder).profiles)
    ]
    assert {
        ("monet2photo", None),
        ("monet2photo", "cpu"),
        ("formal2informal", None),
        ("formal2informal", "cpu"),
    } <= set(found)
    return found


def builtin_of(name):
    """The source of a recipe that is made on the spot, made small; every recipe has one to fall back to."""
    sources = load_recipe(find_recipe(name)).data.options["sources"]
    made = [source for source in sources if "builtin" in source]
    assert made, f"{name} lists no built-in data"
    source = made[0] if isinstance(made[0], dict) else {"builtin": made[0].removeprefix("builtin:")}
    assert source["builtin"] in BUILTIN, f"say here how builtin:{source['builtin']} becomes small"
    return source | BUILTIN[source["builtin"]]


def small(name, profile):
    """Overrides that make a recipe quick, all its stages passed."""
    recipe = load_recipe(carried_recipes()[name], profile=profile)
    assert recipe.data.name in SMALL, "a recipe of another modality needs small sizes of its own here"
    overrides = SMALL[recipe.data.name] | {"data.sources": [builtin_of(name)]}
    if recipe.generator.name == "resnet":
        overrides["generator.blocks"] = 1
    if recipe.generator.name in ("unet", "colorizer"):
        overrides["generator.depth"] = 3
    if recipe.discriminator.name == "projected":  # its layers are of a trained network, which sees 32 px and more
        overrides |= {"discriminator.layers": [-1], "data.load_size": 34, "data.crop_size": 32}
    if recipe.train.stages:
        overrides |= {"train.stages": even_stages(name, profile), "train.steps": len(recipe.train.stages)}
    return overrides


@pytest.mark.parametrize(("name", "profile"), carried())
def test_every_recipe_passes_all_its_stages_with_every_profile(name, profile, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    recipe = load_recipe(carried_recipes()[name], profile=profile)
    assert recipe.title
    run = cyclekit.load(name, profile=profile or "published", overrides=small(name, profile))
    folder = cyclekit.train(run, tmp_path / "run", device="cpu")
    assert checkpoint.steps(folder) == [run.recipe.train.steps]
    lines = map(json.loads, (folder / "log.jsonl").read_text().splitlines())
    passed = [line["name"] for line in lines if line["kind"] == "stage"]
    assert passed == [stage.name for stage in recipe.train.stages]
    translator = cyclekit.Translator.load(folder, device="cpu")
    assert set(translator.targets) <= {recipe.domains.a, recipe.domains.b}
    if recipe.data.name == "images":
        (picture,) = translator([Image.new("RGB", (20, 13), "orange")], to=recipe.domains.b)
        assert picture.size == (20, 13)
    if recipe.data.name == "sentences":
        for target in (recipe.domains.a, recipe.domains.b):
            (sentence,) = translator(["I would like a table by the window ."], to=target)
            assert isinstance(sentence, str)


@pytest.mark.parametrize("name", carried_recipes())
def test_every_recipe_is_explained(name):
    assert (carried_recipes()[name] / "README.md").is_file()


def test_a_recipe_without_built_in_data_is_noticed(tmp_path):
    """Or the test above would need the network, or data that nobody has."""
    (tmp_path / "recipe.yaml").write_text("base: image_cyclegan\ndata: {sources: [data/there]}\n")
    with pytest.raises(AssertionError, match="lists no built-in data"):
        builtin_of(str(tmp_path))


def test_colouring_and_restoring_keep_size_and_colouring_brightness(tmp_path, monkeypatch):
    """Through files, at a size that no network takes as it is, from a colour and from a grey picture."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    noise = Image.effect_noise((41, 23), 90)
    colourful = Image.merge("RGB", (noise, noise.rotate(180), noise.transpose(Image.Transpose.FLIP_TOP_BOTTOM)))
    (tmp_path / "in").mkdir()
    colourful.save(tmp_path / "in/colourful.png")
    noise.save(tmp_path / "in/grey.png")
    for name, target in (("colorize", "colour"), ("rain2clear", "clear")):
        folder = cyclekit.train(cyclekit.load(name, profile="cpu", overrides=small(name, "cpu")), tmp_path / name)
        out = tmp_path / f"{name}-out"
        assert call("translate", folder, tmp_path / "in", "--to", target, "--out", out).status == 0
        for before in (colourful, noise):
            path = out / ("colourful.png" if before is colourful else "grey.png")
            with Image.open(path) as after:
                assert after.size == before.size
                if name == "colorize":
                    assert after.mode == "RGB"
                    assert after.convert("L").tobytes() == before.convert("L").tobytes()
