"""Where weights may lie, told before torch is imported."""

from __future__ import annotations

from pathlib import Path

from cyclekit.registry import RecipeError

HUB, PRETRAINED = "hub:", "pretrained:"


def refuse_place(name: str) -> None:
    """Refuse a source of weights that is not there, as far as a look at the disk tells.

    Raises:
        RecipeError: no such folder or file, or a kind of source that there is not yet.
    """
    if name.startswith(PRETRAINED):
        raise RecipeError(
            f"{name}: no networks are published with cyclekit yet; give a run folder, {HUB}OWNER/NAME or a file"
        )
    if not name.startswith(HUB) and not Path(name).exists():
        hint = f"; on the hub it would be {HUB}{name}" if name.count("/") == 1 else ""
        raise RecipeError(f"{name}: no such run folder or file{hint}")
    if any(Path(name).glob("*/recipe.yaml")):  # a folder of runs
        from cyclekit.recipe.loading import run_folder

        run_folder(name)
