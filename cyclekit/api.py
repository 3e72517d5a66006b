"""What the command line does, as functions: load a recipe, train it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cyclekit import runs
from cyclekit.assemble import Run, assemble, try_once
from cyclekit.callbacks import default_callbacks
from cyclekit.device import check_device
from cyclekit.plugins import load_plugins
from cyclekit.recipe import as_listed, find_recipe, load_recipe
from cyclekit.schema import Recipe
from cyclekit.tracking import check_trackers
from cyclekit.training import train as train_in
from cyclekit.training_state import Callback


def load(
    recipe: str | Path,
    *,
    profile: str | None = None,
    data: Any = None,
    overrides: Sequence[str] | Mapping[str, Any] = (),
    without: Sequence[str] = (),
    start_from: Any = None,
    progress: Callable[[int, int], None] | None = None,
    resuming: str | Path | None = None,
) -> Run:
    """Read a recipe and assemble it.

    Args:
        recipe: a recipe folder, or the bare name of one that travels with cyclekit.
        profile: one of the recipe's profiles; None for its settings as they stand (the published ones).
        data: takes the place of the recipe's sources: a folder, `hub:OWNER/NAME`, `builtin:NAME`, `{a: PATH, b: PATH}`.
        overrides: as after `--set`: `["train.batch_size=4"]` or `{"train.batch_size": 4}`.
        without: installed plugins to leave out.
        start_from: weights in place of random ones: a run folder, `hub:OWNER/NAME`, a file of weights, or
            `{domain: SOURCE}`. What of the networks begins fresh all the same is warned of; `Run.started` has all.
        progress: told how much of a long look at the data is done: (done, total).
        resuming: the folder of a run that `train(..., resume=True)` will go on with: what it started from is not
            looked for again.

    Raises:
        RecipeError: any mistake in the recipe, the overrides, the data or the weights.
    """
    settings = read(recipe, profile=profile, data=data, overrides=overrides, without=without, start_from=start_from)
    run = assemble(settings, progress=progress, resuming=None if resuming is None else Path(resuming))
    for line in run.started.fresh if run.started is not None else ():
        warnings.warn(line, stacklevel=2)
    return run


def read(
    recipe: str | Path,
    *,
    profile: str | None = None,
    data: Any = None,
    overrides: Sequence[str] | Mapping[str, Any] = (),
    without: Sequence[str] = (),
    start_from: Any = None,
) -> Recipe:
    """Like `load`, but only read and check the recipe; its plugin is loaded too."""
    folder = find_recipe(str(recipe))
    load_plugins(folder, without)
    settings = load_recipe(folder, profile=profile, overrides=overrides)
    if data is not None:
        settings.data = settings.data.model_copy(update={"sources": [as_listed(settings, _plain(data))]})
    if start_from is not None:
        settings.train.start_from = _plain(start_from)
    return settings


def _plain(data: Any) -> Any:
    """A source as a recipe has it: paths as text. The options of a built-in one stay what they are."""
    if isinstance(data, Mapping):
        return {key: str(value) if isinstance(value, Path) else value for key, value in data.items()}
    return str(data)


def train(
    run: Run,
    out: str | Path | None = None,
    *,
    resume: bool = False,
    device: str = "auto",
    callbacks: Sequence[Callback] | None = None,
) -> Path:
    """Train a run in a folder of its own.

    Args:
        out: the run folder; None for `runs/<recipe>/<time>`, or with `resume` for the newest run of the recipe.
        resume: go on from the newest checkpoint.
        device: "auto", "cpu", "cuda" or "mps".
        callbacks: what happens beside the steps; None for log, samples, checkpoints and report.

    Returns:
        The run folder.

    Raises:
        RecipeError: the folder is taken, there is nothing to resume, the recipe differs, or training broke off.
    """
    check_device(device)
    where = Path(out) if out is not None else None
    try_once(run)
    check_trackers(run.recipe.trackers)
    folder = runs.find(run.recipe, where) if resume else runs.create(run.recipe, where)
    train_in(run, folder, default_callbacks() if callbacks is None else callbacks, device=device, resume=resume)
    return folder
