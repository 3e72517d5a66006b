"""recipe.yaml: what it may say, in which order it is laid over its base, and how every mistake in it is named."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.recipe import loading as recipes
from cyclekit.recipe.loading import carried_recipes, differing, find_recipe, load_recipe, merged
from cyclekit.recipe.validating import validated
from cyclekit.recipe.yaml_files import read_value
from cyclekit.registry import RecipeError
from tests.recipe.refused import START, refusal


def carried():
    """Every recipe that travels with cyclekit, with each of its profiles."""
    found = [
        (name, profile)
        for name, folder in carried_recipes().items()
        for profile in (None, *load_recipe(folder).profiles)
    ]
    assert ("monet2photo", "cpu") in found
    return found


# What is laid over what


def test_a_recipe_is_its_base_and_what_it_changes(folder):
    mine = load_recipe(folder(START + "domains: {a: monet, b: photo}\ntrain: {batch_size: 4}\n"))
    assert (mine.name, mine.domains.a, mine.domains.b) == ("mine", "monet", "photo")
    assert (mine.train.epochs, mine.train.steps, mine.train.batch_size) == (200, None, 4)
    assert (mine.train.learning_rate.generators, mine.train.learning_rate.discriminators) == (2e-4, 2e-4)
    assert mine.generator.name == "resnet"
    assert mine.generator.options == {"blocks": 9, "width": 64}
    options = {"load_size": 286, "crop_size": 256, "validation": "auto", "sources": ["builtin:landscapes"]}
    assert mine.data.options == options
    assert mine.gan_loss.name == "lsgan"


def test_overrides_lie_over_the_profile_over_the_recipe_over_the_base(folder):
    text = START + (
        "generator: {blocks: 6, dropout: 0.5}\nprofiles:\n  tiny: {generator: {blocks: 3, affine: true}}\n  empty:\n"
    )
    mine = load_recipe(folder(text), profile="tiny", overrides=["generator.blocks=1"])
    assert mine.generator.options == {"blocks": 1, "width": 64, "dropout": 0.5, "affine": True}
    assert mine.profile == "tiny"
    assert load_recipe(folder(text)).generator.options["blocks"] == 6
    assert load_recipe(folder(text), profile="tiny").generator.options["blocks"] == 3
    assert load_recipe(folder(text), profile="empty").generator.options["blocks"] == 6


def test_a_profile_of_the_base_says_nothing_of_parts_that_the_recipe_exchanged(folder):
    text = START + "generator: {name: unet, depth: 4}\n"
    mine = load_recipe(folder(text), profile="cpu")
    assert (mine.generator.name, mine.generator.options) == ("unet", {"depth": 4})
    assert mine.discriminator.name == "multiscale"  # the base's part is still the profile's to exchange
    assert mine.data.options["crop_size"] == 64
    own = load_recipe(folder(text + "profiles: {cpu: {generator: {depth: 3}}}\n"), profile="cpu")
    assert own.generator.options == {"depth": 3}
    same = load_recipe(folder(START + "generator: {name: resnet, dropout: 0.5}\n"), profile="cpu")
    assert (same.generator.options["blocks"], same.generator.options["dropout"]) == (4, 0.5)
    plain = load_recipe(folder(START + "gan_loss: hinge\ntrain: {precision: float32}\n"), profile="cpu")
    assert (plain.gan_loss.name, plain.train.steps) == ("hinge", 2400)


def test_overrides_are_the_same_as_strings_and_as_a_mapping(folder):
    mine = folder(START)
    strings = load_recipe(mine, overrides=["train.steps=7", "domains.a=sketch", "generator={name: unet, depth: 5}"])
    mapping = {"train.steps": 7, "domains": {"a": "sketch"}, "generator": {"name": "unet", "depth": 5}}
    assert strings == load_recipe(mine, overrides=mapping)
    assert load_recipe(mine, overrides=["title=a = b"]).title == "a = b"


@pytest.mark.parametrize(
    "override", [["generator.name=unet"], ["generator=unet"], {"generator": {"name": "unet"}}, {"generator": "unet"}]
)
def test_another_part_does_not_inherit_the_options_of_the_one_before(folder, override):
    assert load_recipe(folder(START), overrides=override).generator.options == {}


def test_a_part_named_again_keeps_its_options_and_a_bare_name_takes_new_ones(folder):
    mine = folder(START)
    assert load_recipe(mine, overrides=["generator=resnet"]).generator.options == {"blocks": 9, "width": 64}
    again = load_recipe(mine, overrides=["generator={name: resnet, width: 8}"])
    assert again.generator.options == {"blocks": 9, "width": 8}
    assert load_recipe(mine, overrides=["gan_loss.smoothing=0.1"]).gan_loss.options == {"smoothing": 0.1}


def test_another_part_keeps_only_what_was_said_with_its_name(folder):
    mine = folder(START + "generator: {name: unet, depth: 6}\n")
    assert load_recipe(mine).generator.options == {"depth": 6}
    later = load_recipe(mine, overrides=["generator.name=resnet", "generator.width=8"])
    assert later.generator.options == {"width": 8}


@pytest.mark.parametrize(
    ("overrides", "length"),
    [
        ([], (200, None)),
        (["train.steps=7"], (None, 7)),
        (["train.steps=7", "train.epochs=3"], (3, None)),
        (["train.epochs=3", "train.steps=7"], (None, 7)),
        (["train.steps=null"], (200, None)),
        (["train={epochs: null, steps: 5}"], (None, 5)),
        (["train.steps=1e3"], (None, 1000)),
        (["train.budget=10min"], (None, None, 600)),
        (["train.budget=10min", "train.steps=7"], (None, 7)),
        (["train.steps=7", "train.budget=90"], (None, None, 90)),
    ],
)
def test_training_has_the_length_that_was_given_last(folder, overrides, length):
    train = load_recipe(folder(START), overrides=overrides).train
    assert (train.epochs, train.steps, train.budget) == (*length, None)[:3]


def test_one_sides_rate_leaves_the_others_as_it_was(folder):
    mine = folder(START + "profiles: {cpu: {train: {learning_rate: 4e-4}}}\n")
    rates = load_recipe(mine, profile="cpu", overrides=["train.learning_rate.generators=1e-5"]).train.learning_rate
    assert (rates.generators, rates.discriminators) == (1e-5, 4e-4)


# Mistakes


@pytest.mark.parametrize(
    ("profiles", "complaint"),
    [
        (
            "{cpu: {}, gpu: {}}",
            "recipe.yaml: no profile is called 'cpuu'; did you mean 'cpu'?; there are: cpu, gpu, repaint, published",
        ),
        ("null", "recipe.yaml: no profile is called 'cpuu'; there are: published"),
        ("[cpuu]", "recipe.yaml: profiles: should be a mapping of names to settings"),
        ("{cpuu: 3}", "recipe.yaml: profiles.cpuu: 3 should be a mapping of keys to values"),
        ("{cpuu: {trian: 3}}", "recipe.yaml: trian: no such key; did you mean 'train'?"),
        (
            "{cpuu: {base: x}}",
            "recipe.yaml: profiles.cpuu.base: no profile can change this; the base stands in recipe.",
        ),
    ],
)
def test_profiles_that_cannot_be_taken(folder, profiles, complaint):
    assert refusal(folder(f"{START}profiles: {profiles}\n"), profile="cpuu").startswith(complaint)


@pytest.mark.parametrize(
    ("base", "complaint"),
    [
        (
            "image_cyclegna",
            "base: no config is called 'image_cyclegna'; did you mean 'image_cyclegan'?; there are: image",
        ),
        ("[image_cyclegan]", "base: no config is called '['image_cyclegan']'"),
        ("monet2photo", "base: no config is called 'monet2photo'"),
    ],
)
def test_bases_that_are_none(folder, base, complaint):
    assert refusal(folder(f"base: {base}\n")).startswith(f"recipe.yaml: {complaint}")


def test_a_base_has_no_base(folder, tmp_path, monkeypatch):
    (tmp_path / "chained.yaml").write_text("base: image_cyclegan\n")
    monkeypatch.setattr(recipes, "_carried", lambda kind: tmp_path)
    with pytest.raises(RecipeError) as refused:
        load_recipe(folder("base: chained\n"))
    assert str(refused.value) == (
        f"{tmp_path / 'chained.yaml'}: base: a config has no base of its own; a recipe has at most one"
    )


@pytest.mark.parametrize("wrong", ["x", "=3", "a..b=3", ".a=3", "train.=3"])
def test_overrides_that_are_none(folder, wrong):
    complaint = "write it as key=value, for example overrides=train.batch_size=4"
    assert refusal(folder(START), wrong) == f"overrides={wrong}: {complaint}"


def test_keys_from_python_are_words(folder):
    with pytest.raises(RecipeError, match=r"^overrides=3=4: write it as key=value"):
        load_recipe(folder(START), overrides={3: 4})


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        ("data.sources=[", "the value is not valid YAML: expected the node content, but found '<stream end>'"),
        ("train.steps=!!int x", "the value is not valid YAML: 'x' is no !!int"),
        ("profile=cpu", "is no setting; choose a profile with profile=NAME"),
        ("profiles.cpu.train.steps=3", "is no setting; profiles stand in recipe.yaml"),
        ("base=image_pix2pix", "is no setting; the base stands in recipe.yaml"),
    ],
)
def test_overrides_that_cannot_be(folder, override, complaint):
    assert refusal(folder(START), override).startswith(f"overrides={override}: {complaint}")


def test_recipes_that_are_not_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    there = ", ".join(sorted(carried_recipes()))
    for name, complaint in {
        "monet2phto": f"no such recipe; did you mean 'monet2photo'?; carried with cyclekit: {there}",
        "nowhere/monet2phto": f"no such recipe; did you mean 'monet2photo'?; carried with cyclekit: {there}",
        "qqq": f"no such recipe; carried with cyclekit: {there}",
        "empty": "this folder has no recipe.yaml; `cyclekit new NAME --from RECIPE` makes a recipe",
        "file": "a recipe is a folder with a recipe.yaml; give the folder",
    }.items():
        with pytest.raises(RecipeError) as refused:
            find_recipe(name)
        assert str(refused.value) == f"{name}: {complaint}"


def test_a_carried_name_is_found_from_anywhere_and_a_folder_comes_first(tmp_path, monkeypatch, folder):
    monkeypatch.chdir(tmp_path)
    assert find_recipe("monet2photo") == carried_recipes()["monet2photo"]
    folder(START, "monet2photo")
    assert find_recipe("monet2photo").resolve() == tmp_path / "monet2photo"


# Resolved, written and read back


def settings_of(recipe):
    return recipe.model_dump(exclude={"base", "profiles"})


def read_back(recipe):
    return validated(read_value(recipe.dump()), "the dump")


@pytest.mark.parametrize(("name", "profile"), carried())
def test_carried_recipes_are_the_same_written_and_read_back(name, profile):
    recipe = load_recipe(carried_recipes()[name], profile=profile)
    assert settings_of(read_back(recipe)) == settings_of(recipe)
    assert differing(read_back(recipe), recipe) == {}
    assert recipe.profile == profile


def test_differing_are_named_with_both_values(folder):
    mine = folder(START)
    one = load_recipe(mine, overrides=["train.steps=4", "generator.width=8"])
    other = load_recipe(mine, overrides=["train.steps=5", "generator=unet", "domains.a=sketch"])
    assert differing(one, one) == {}
    assert differing(one, other) == {
        "domains.a": ("a", "sketch"),
        "generator.name": ("resnet", "unet"),
        "generator.blocks": (9, None),
        "generator.width": (8, None),
        "train.steps": (4, 5),
    }


sections = st.recursive(
    st.none() | st.integers() | st.sampled_from(["resnet", "unet"]),
    lambda inner: st.dictionaries(st.sampled_from(["name", "width", "blocks", "train", "x"]), inner, max_size=4),
    max_leaves=8,
)
mappings = st.dictionaries(st.sampled_from(["generator", "train", "x", "width"]), sections, max_size=3)


@settings(deadline=None)
@given(mappings, mappings)
def test_merging_changes_neither_side_and_the_upper_one_wins(under, over):
    before = copy.deepcopy((under, over))
    both = merged(under, over)
    assert (under, over) == before
    assert both.keys() == under.keys() | over.keys()
    assert merged(both, over) == both
    assert merged(under, {}) == under
    assert merged({}, over) == over
    for key, value in over.items():
        if not isinstance(value, dict | str):
            assert both[key] == value
