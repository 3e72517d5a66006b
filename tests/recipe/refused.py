"""What a recipe is refused with."""

import pytest

from cyclekit.recipe.loading import load_recipe
from cyclekit.registry import RecipeError

START = "base: image_cyclegan\ndata: {sources: [builtin:landscapes]}\n"
"""The least that a recipe says."""


def refusal(folder, *overrides, profile=None):
    """The text that a recipe is refused with, without the path it begins with."""
    with pytest.raises(RecipeError) as refused:
        load_recipe(folder, profile=profile, overrides=overrides)
    text = str(refused.value)
    assert "\n" not in text
    return text.replace(f"{folder / 'recipe.yaml'}", "recipe.yaml")
