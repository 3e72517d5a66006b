"""What a resume changes of a run: what it may, and what is written down of it."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from cyclekit.core.data import source_name
from cyclekit.files.disk_errors import clear_disk_errors
from cyclekit.files.whole_file import write_whole
from cyclekit.recipe import stages
from cyclekit.recipe.loading import LENGTHS, differing, load_recipe
from cyclekit.recipe.schema import Recipe
from cyclekit.registry import RecipeError
from cyclekit.runs import history

MAY_CHANGE = (
    "train.steps", "train.epochs", "train.budget", "train.extend", "train.log_every", "train.sample_every",
    "train.save_every", "train.keep", "train.workers", "validation.every", "validation.patience", "health", "trackers",
    "data.sources", "metrics", "beam", "reranking", "title", "license",
)  # fmt: skip
"""What a resume may change, settings or whole sections: how long to train, and what no step depends on.

Where the data lies may change, and not what it holds: that is compared when the checkpoint is read.
"""


def refuse_other(folder: Path, recipe: Recipe) -> dict[str, tuple[Any, Any]]:
    """Make sure that a run can go on by a recipe; what it changes, dotted key -> value there and value now.

    Raises:
        RecipeError: the run was made from a recipe that differs in what a resume cannot change (names the keys).
    """
    changed = differing(load_recipe(folder), recipe)
    refused = "; ".join(_told(key, *values) for key, values in changed.items() if not _may_change(key))
    if refused:
        raise RecipeError(
            f"{folder}: was made from a recipe that differs in {refused}; "
            "resume with the same settings, or start a new run"
        )
    return changed


def resumed(folder: Path, recipe: Recipe) -> tuple[Recipe, list[str]]:
    """The recipe that a run goes on by, with the lengths it had before; and what that changes, in words.

    Args:
        recipe: what is asked for now.

    Raises:
        RecipeError: it differs in what a resume cannot change, or the run is longer already.
    """
    there = load_recipe(folder)
    changed = refuse_other(folder, recipe)
    kept = ("extended", "profile", "started", "domains", "called")
    recipe = recipe.model_copy(update={key: getattr(there, key) for key in kept})
    recipe.train = recipe.train.model_copy(update={"start_from": there.train.start_from})
    recipe._folder = folder
    done = max(history.steps(folder), default=0)
    if recipe.train.steps is not None and recipe.train.steps < done:
        raise RecipeError(
            f"{folder}: has done {done:,} steps, and train.steps is {recipe.train.steps:,}; "
            f"set a number above {done:,}, or leave it out"
        )
    if (recipe.train.budget is None) != (there.train.budget is None):
        counted = "steps or epochs" if there.train.budget is None else "time"
        raise RecipeError(
            f"{folder}: its length is counted in {counted}, and stays so; set train.{_length_of(there)} to change it"
        )
    length = {"train.steps", "train.epochs", "train.budget", "train.extend"} & changed.keys()
    if length and done:
        recipe.extended = [*there.extended, stages.length_until(there.train, done)]
    return recipe, [_told(key, *changed[key]) for key in changed]


def _length_of(recipe: Recipe) -> str:
    return next(length for length in LENGTHS if getattr(recipe.train, length) is not None)


def recorded_source(folder: Path, recipe: Recipe) -> list[Any] | None:
    """The one of a recipe's sources that a run was trained on; None where it says nothing of that, or it is not listed.

    A source before it in the list may have turned up since.
    """
    done = history.steps(folder)
    with contextlib.suppress(
        OSError, ValueError, TypeError, KeyError
    ):  # what is damaged is said when all of it is read
        name = json.loads((history.folder_of(folder, done[-1]) / "state.json").read_text())["source"] if done else None
        listed = recipe.data.options.get("sources")
        return [one for one in listed if source_name(one) == name][:1] or None if isinstance(listed, list) else None
    return None


def record(folder: Path, recipe: Recipe) -> None:
    """Write down the recipe that a run goes on by.

    Raises:
        RecipeError: the disk is full or the folder cannot be written.
    """
    with clear_disk_errors(folder):
        write_whole(folder / "recipe.yaml", recipe.dump())


def _may_change(key: str) -> bool:
    return any(key == one or key.startswith(f"{one}.") for one in MAY_CHANGE)


def _told(key: str, there: Any, now: Any) -> str:
    return f"{key} ({there!r} there, {now!r} now)"
