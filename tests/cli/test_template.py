"""The text of a new recipe: it means what the first one means, and says what to edit."""

import copy
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.cli.template import template
from cyclekit.recipe.loading import carried_recipes, differing, load_recipe
from cyclekit.recipe.yaml_files import read_value
from tests.commands import call


@pytest.mark.parametrize("name", [*carried_recipes()])
def test_a_new_recipe_means_what_the_first_one_means_and_says_what_to_edit(name, tmp_path):
    source = carried_recipes()[name]
    assert call("new", "mine", "--from", name).status == 0
    text = (tmp_path / "mine" / "recipe.yaml").read_text()
    first = load_recipe(source)
    for profile in (None, *first.profiles):
        one, other = (load_recipe(folder, profile=profile) for folder in (source, tmp_path / "mine"))
        found = list(differing(one, other))
        assert found == ["name", "title"]
    assert load_recipe(tmp_path / "mine").title == "mine"
    assert re.search(r"^  batch_size: \d+ +# how many items", text, re.MULTILINE)
    assert re.search(r"^  (steps|epochs): \d+ +# how long", text, re.MULTILINE)
    if "cpu" in first.profiles:
        assert re.search(r"^profiles:\n(  .*\n)*?  cpu:.*\n", text, re.MULTILINE)


TITLES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1) | st.sampled_from(
    ["#", "a: b", "{", "null"]
)


@given(TITLES, st.dictionaries(st.just("own"), st.none() | st.text("a:#{ '\"")))
def test_whatever_a_recipe_sets_is_written_so_that_it_is_read_again(title, own):
    resolved = load_recipe(carried_recipes()["monet2photo"])
    text = template(own, resolved, title=title, source="x", folder="a b")
    read = read_value(text)
    assert read["title"] == title
    assert {key: read[key] for key in own} == own
    assert read["train"]["batch_size"] == resolved.train.batch_size
    assert "cyclekit run 'a b'" in text


def test_a_section_that_is_taken_away_stays_taken_away():
    resolved = load_recipe(carried_recipes()["monet2photo"])
    read = read_value(template({"sample": None}, resolved, title="t", source="x", folder="f"))
    assert read["sample"] is None


def test_nothing_of_what_it_is_made_from_is_changed():
    resolved = load_recipe(carried_recipes()["monet2photo"])
    own = {"generator": "resnet", "metrics": ["kid"], "profiles": {"cpu": None}}
    before = copy.deepcopy(own)
    read = read_value(template(own, resolved, title="t", source="x", folder="f"))
    assert own == before
    assert read["generator"]["name"] == "resnet"
    assert list(read["profiles"]) == [*dict.fromkeys(["cpu", *resolved.profiles])]
