"""Where weights may lie, told before torch is imported."""

from __future__ import annotations

from pathlib import Path

from cyclekit.pretrained import find_pretrained, is_pretrained
from cyclekit.registry import RecipeError

HUB = "hub:"


def refuse_place(name: str) -> None:
    """Refuse a source of weights that is not there, as far as a look at the disk tells.

    Raises:
        RecipeError: no such folder or file, or nothing of this name is carried.
    """
    if is_pretrained(name):
        find_pretrained(name)
        return
    if not name.startswith(HUB) and not Path(name).exists():
        hint = f"; on the hub it would be {HUB}{name}" if name.count("/") == 1 else ""
        raise RecipeError(f"{name}: no such run folder or file{hint}")
    if any(Path(name).glob("*/recipe.yaml")):  # a folder of runs
        from cyclekit.recipe.loading import run_folder

        run_folder(name)
