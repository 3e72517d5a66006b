"""What run folders are made of, and refused with."""

import pytest

from cyclekit.recipe.loading import carried_recipes, load_recipe
from cyclekit.registry import RecipeError


def recipe(**overrides):
    return load_recipe(carried_recipes()["monet2photo"], overrides=overrides)


def refusal(function, *arguments):
    """The text that a call is refused with."""
    with pytest.raises(RecipeError) as refused:
        function(*arguments)
    return str(refused.value)
