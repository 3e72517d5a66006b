"""Every recipe that travels with cyclekit trains: with each of its profiles, on data that is made on the spot."""

import json
import re

import pytest
from PIL import Image

import cyclekit
from cyclekit.recipe.loading import carried_recipes, load_recipe
from cyclekit.runs import history
from tests.commands import call
from tests.small_recipes import builtin_of, small
from tests.text.tiny_models import bart


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


@pytest.mark.parametrize(("name", "profile"), carried())
def test_every_recipe_passes_all_its_stages_with_every_profile(name, profile, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    recipe = load_recipe(carried_recipes()[name], profile=profile)
    assert recipe.title
    model = bart(tmp_path / "model") if recipe.generator.name == "pretrained" else None
    run = cyclekit.load(name, profile=profile or "published", overrides=small(name, profile, model))
    folder = cyclekit.train(run, tmp_path / "run", device="cpu")
    assert history.steps(folder) == [run.recipe.train.steps]
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


def test_the_table_of_recipes_lists_all_of_them_and_says_how_long_their_cpu_profiles_are():
    recipes = carried_recipes()
    table = (recipes["monet2photo"].parent / "README.md").read_text(encoding="utf-8")
    rows = [line for line in table.splitlines() if line.startswith("| [")]
    assert set(re.findall(r"\]\((\w+)\)", "".join(rows))) == set(recipes)
    said = {found[1]: found[2] for row in rows if (found := re.search(r"\]\((\w+)\).*\| ([\d,]+) steps \|$", row))}
    assert len(said) > 5
    assert said == {name: f"{load_recipe(recipes[name], profile='cpu').train.steps:,}" for name in said}


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
