"""What a run of pictures ends with where its recipe has a `student`: a small generator a direction, and live files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from cyclekit.exporting.distilling import distill
from cyclekit.exporting.folder import export
from cyclekit.exporting.runtimes import runtime_named
from cyclekit.image.codec import ImageCodec
from cyclekit.image.distillation import Settings
from cyclekit.recipe.schema import Recipe
from cyclekit.registry import RecipeError

STUDENT, LIVE = "student", "live"
"""Folders in a run's own: the student's run, and what is exported of it."""


def check_student(recipe: Recipe, codec: object) -> None:
    """Find out before hours of training whether a run can end with a student.

    Args:
        codec: of the run's data.

    Raises:
        RecipeError: it is of no pictures, or a package is missing that exports.
    """
    if recipe.student is None:
        return
    if not isinstance(codec, ImageCodec):
        raise RecipeError("student: is for pictures; set student: null")
    runtime_named("onnx")


def finish(
    run: Path, recipe: Recipe, without: Sequence[str] = (), told: Callable[[str, int, int], None] = lambda *_: None
) -> list[str]:
    """Distil and export what the recipe asks for, and is not there yet; what there is to know, a line each.

    Args:
        run: the run folder; the student goes to `student/` in it, and its files to `live/`.
        told: told what is done, how many of how many.

    Raises:
        RecipeError: see `distill` and `export`.
    """
    wanted, lines = recipe.student, list[str]()
    if wanted is None:
        return lines
    if not (run / STUDENT).exists():
        options = wanted.model_dump(include={"width", "blocks", "depthwise", "factor"})
        how = wanted.model_dump(include={"steps", "batch_size", "crop", "features", "adversarial"})
        settings = Settings(**how, seed=recipe.train.seed)
        made = distill(
            run, run / STUDENT, options=options, settings=settings, pictures=wanted.pictures, without=without, told=told
        )
        lines += made.lines
    if not (run / LIVE).exists():
        lines += export(run / STUDENT, run / LIVE, without=without).notes
    return lines
