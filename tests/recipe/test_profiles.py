"""A profile that is like another one: what it resolves to, and what is refused."""

import copy

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.recipe.loading import carried_recipes, load_recipe, merged
from cyclekit.recipe.profiles import laid_over
from tests.recipe.refused import START, refusal

SETTINGS = st.dictionaries(
    st.sampled_from(["generator", "train", "objective"]),
    st.dictionaries(st.sampled_from(["name", "width", "steps", "budget"]), st.integers(0, 3), max_size=3),
    max_size=3,
)


@given(SETTINGS, st.lists(SETTINGS, min_size=1, max_size=4))
def test_a_chain_of_profiles_is_each_laid_over_the_one_that_it_is_like(tmp_path_factory, recipe, chain):
    profiles = {f"p{number}": {**settings, "like": f"p{number - 1}"} for number, settings in enumerate(chain)}
    del profiles["p0"]["like"]
    before = copy.deepcopy(profiles)
    laid = laid_over(profiles, f"p{len(chain) - 1}", tmp_path_factory.getbasetemp(), {})
    assert laid == chain
    assert profiles == before
    by_hand, found = recipe, recipe
    for settings in chain:
        by_hand = merged(by_hand, settings)
    for settings in laid:
        found = merged(found, settings)
    assert found == by_hand


def test_a_profile_like_the_bases_own_has_nothing_of_the_recipes(folder):
    own = "cpu: {train: {steps: 7}}, plain: {like: base/cpu}, mine: {like: cpu, train: {batch_size: 3}}"
    mine = folder(f"{START}profiles: {{{own}}}\n")
    base = load_recipe(carried_recipes()["horse2zebra"], profile="cpu").train
    steps = {name: load_recipe(mine, profile=name).train.steps for name in ("cpu", "plain", "mine")}
    assert steps == {"cpu": 7, "plain": base.steps, "mine": 7}
    assert load_recipe(mine, profile="mine").train.batch_size == 3
    assert load_recipe(mine, profile="mine").profile == "mine"


def test_a_profile_of_a_bases_name_that_is_like_another_has_nothing_of_the_bases(folder):
    mine = folder(START + "profiles: {cpu: {like: base/repaint, train: {batch_size: 3}}}\n")
    found, wanted = load_recipe(mine, profile="cpu"), load_recipe(mine, profile="repaint")
    assert found.generator == wanted.generator
    assert (found.train.budget, found.train.steps, found.train.batch_size) == (wanted.train.budget, None, 3)


def test_a_profile_like_the_bases_own_says_nothing_of_parts_that_the_recipe_exchanged(folder):
    mine = folder(START + "generator: unet\nprofiles: {plain: {like: base/cpu}}\n")
    made = load_recipe(mine, profile="plain")
    assert (made.generator.name, made.generator.options) == ("unet", {})


def test_what_a_run_records_is_resolved(folder):
    mine = folder(START + "profiles: {plain: {like: base/cpu}}\n")
    made = load_recipe(mine, profile="plain")
    assert "like" not in yaml.safe_dump(made.model_dump(mode="json", exclude={"profiles"}))


@pytest.mark.parametrize(
    ("profiles", "complaint"),
    [
        ("{mine: {like: 3}}", "profiles.mine.like: 3; write the name of another profile, such as like: cpu"),
        ("{mine: {like: mine}}", "profiles.mine.like: mine is itself like mine; name another profile"),
        ("{mine: {like: b}, b: {like: mine}}", "profiles.b.like: mine is itself like b; name another profile"),
        (
            "{mine: {like: cpuu}}",
            "no profile is called 'cpuu'; did you mean 'cpu'?; there are: cpu, mine, repaint, published",
        ),
        (
            "{mine: {like: base/gpu}}",
            "profiles.mine.like: the base has no profile called 'gpu'; there are: base/cpu, base/repaint",
        ),
    ],
)
def test_what_no_profile_can_be_like(folder, profiles, complaint):
    mine = folder(f"{START}profiles: {profiles}\n")
    assert refusal(mine, profile="mine") == f"recipe.yaml: {complaint}"
