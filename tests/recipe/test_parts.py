"""Every part that a recipe names is found, and metrics of several feature spaces are a metric each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.recipe.loading import carried_recipes, load_recipe
from cyclekit.recipe.parts import for_each_space, parts_of
from cyclekit.recipe.values import PartChoice
from cyclekit.registry import RecipeError


def choices_in(value):
    """Every part of a recipe, wherever it stands: found by walking, not by name."""
    if isinstance(value, PartChoice):
        yield value
    if isinstance(value, list):
        for one in value:
            yield from choices_in(one)
    elif hasattr(value, "model_fields"):
        for name in type(value).model_fields:
            yield from choices_in(getattr(value, name))


@pytest.mark.parametrize("name", [*carried_recipes()])
def test_every_part_of_a_recipe_is_found_once_where_it_stands(name):
    settings = {"objective.terms": [{"name": "total_variation"}]}
    recipe = load_recipe(carried_recipes()[name], overrides=settings)
    found = [*parts_of(recipe)]
    assert sorted(id(choice) for *_, choice in found) == sorted({id(choice) for choice in choices_in(recipe)})
    assert ("objective.terms", "term", recipe.objective.terms[0]) in found
    for where, kind, choice in found:
        *sections, last = where.split(".")
        there = recipe
        for section in sections:
            there = getattr(there, section)
        stands = there.measure if where == "metrics.measure" else getattr(there, last)
        stands = stands.measure if where == "metrics" else stands
        assert choice is stands or any(choice is one for one in stands)
        assert kind in (last, last.removesuffix("s"), {"checks": "health"}.get(last))


@given(st.dictionaries(st.sampled_from("abk"), st.integers()), st.lists(st.text(), min_size=1, unique=True))
def test_a_metric_of_several_spaces_is_one_for_each_in_their_order(options, spaces):
    found = for_each_space({"features": spaces, **options}, "metrics")
    assert found == [{**options, "features": space} for space in spaces]
    assert for_each_space(options, "metrics") == [options]
    assert for_each_space({"features": "lite0"}, "metrics") == [{"features": "lite0"}]


@pytest.mark.parametrize("spaces", [[], ["a", "a"], ["a", "b", "a"]])
def test_no_space_or_one_twice_is_refused(spaces):
    with pytest.raises(RecipeError) as refused:
        for_each_space({"features": spaces}, "metrics: metric 'kid'")
    assert str(refused.value) == f"metrics: metric 'kid': features is {spaces}; name one, or several different ones"
