"""Parts that cannot stand beside each other in a recipe: told before anything is built."""

from __future__ import annotations

from cyclekit import registry
from cyclekit.recipe.parts import parts_of
from cyclekit.recipe.schema import Recipe
from cyclekit.registry import RecipeError


def check_modality(recipe: Recipe) -> None:
    """Make sure that all parts work on what the data part gives.

    Raises:
        RecipeError: one is of another modality; names those of its kind that would do.
    """
    given = registry.part("data", recipe.data.name, "data").modality
    for where, kind, choice in parts_of(recipe):
        wanted = registry.part(kind, choice.name, where).modality
        if given is not None and wanted is not None and wanted != given:
            fit = [name for name in registry.names(kind) if registry.part(kind, name).modality in (given, None)]
            raise RecipeError(
                f"{where}: {kind} '{choice.name}' works on {wanted}, and data '{recipe.data.name}' gives {given}; "
                f"what works on {given}: {', '.join(fit) or 'none'}"
            )
