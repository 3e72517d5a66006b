"""What the command line does, as functions: load a recipe, train it, measure it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from cyclekit.assembling.assemble import Run, assemble, try_once
from cyclekit.assembling.data import open_data
from cyclekit.callbacks import Log, Terminal, default_callbacks
from cyclekit.callbacks.tracking import check_trackers
from cyclekit.core.parts import Data
from cyclekit.device import check_device
from cyclekit.plugins import load_plugins
from cyclekit.recipe.loading import (
    MADE,
    as_listed,
    find_recipe,
    is_run,
    load_recipe,
    profile_for,
    profile_named,
    profile_said,
)
from cyclekit.recipe.schema import Recipe
from cyclekit.registry import RecipeError
from cyclekit.runs import folder as runs
from cyclekit.runs import going_on
from cyclekit.terminal.printable import say
from cyclekit.terminal.screen import progress_bar
from cyclekit.training.group import held_by_the_first, joined
from cyclekit.training.loop import train as train_in
from cyclekit.training.state import Callback
from cyclekit.use.evaluation import measure, write_metrics


def load(
    recipe: str | Path,
    *,
    profile: str | None = None,
    data: Any = None,
    overrides: Sequence[str] | Mapping[str, Any] = (),
    without: Sequence[str] = (),
    start_from: Any = None,
    resuming: str | Path | None = None,
    device: str = "auto",
    trust_plugin: bool = False,
    quiet: bool = False,
) -> Run:
    """Read a recipe and assemble it.

    Args:
        recipe: a recipe folder, or the bare name of one that travels with cyclekit.
        profile: one of the recipe's profiles; "published" for its settings as they stand; None chooses as `cyclekit
            run` does: `cpu` where there is no accelerator and the recipe has one, else the published settings.
        data: takes the place of the recipe's sources: a folder, `hub:OWNER/NAME`, `builtin:NAME`, `{a: PATH, b: PATH}`.
        overrides: as after `--set`: `["train.batch_size=4"]` or `{"train.batch_size": 4}`.
        without: installed plugins to leave out.
        start_from: weights in place of random ones: a run folder, `hub:OWNER/NAME`, a file of weights, or
            `{domain: SOURCE}`. What of the networks begins fresh all the same is warned of; `Run.started` has all.
        resuming: the folder of a run that `train(..., resume=True)` will go on with: what it started from is not
            looked for again.
        device: what it will be trained on: "auto", "cpu", "cuda" or "mps". It decides about the profile, nothing else.
        trust_plugin: where `recipe` is a run folder: let its plugin.py run, though it was not made on this machine.
        quiet: say neither which profile and data were taken, nor how far a long look at the data has come.

    Raises:
        RecipeError: any mistake in the recipe, the overrides, the data or the weights.
    """
    check_device(device)
    read_with = partial(
        read,
        recipe,
        data=data,
        overrides=overrides,
        without=without,
        start_from=start_from,
        trust_plugin=trust_plugin,
    )
    with progress_bar("looking at the data", hidden=quiet, after=1) as told:
        going_on_with = None if resuming is None else Path(resuming)
        run, why = assemble_by_profile(str(recipe), profile, device, read_with, told, going_on_with)
    if not quiet:
        for line in [*data_lines(run.data), f"profile: {profile_said(run.recipe, why)}"]:
            say(line)
    for line in run.started.fresh if run.started is not None else ():
        warnings.warn(line, stacklevel=2)
    return run


def assemble_by_profile(
    recipe: str,
    profile: str | None,
    device: str,
    read_with: Callable[..., Recipe],
    progress: Callable[[int, int], None] | None = None,
    resuming: Path | None = None,
) -> tuple[Run, str]:
    """Read and assemble a recipe with the profile that fits the machine and the data, and say why that one.

    Built-in data stand in for one's own, and are simpler: a recipe may have a profile `made` for them. Whether they are
    what is there shows when the data are opened; the recipe is then read again, and assembled once.

    Args:
        recipe: a recipe folder, or the bare name of one that travels with cyclekit.
        profile: as after `--profile`; None to choose.
        device: "auto", "cpu", "cuda" or "mps".
        read_with: reads the recipe; takes `profile`.
        progress, resuming: as of `assemble`.

    Raises:
        RecipeError: any mistake in the recipe or its data.
    """
    chosen, why = profile_for(recipe, profile, device)
    assemble_it = partial(assemble, progress=progress, resuming=resuming)
    data = None
    try:
        settings = read_with(profile=chosen)
        if profile is None and MADE in settings.profiles:
            data = open_data(settings, progress=progress)
        if data is None or not _is_built_in(data):
            return assemble_it(settings, data=data), why
    except RecipeError:
        with suppress(RecipeError):  # the overrides may fit the other profile, if there is one
            if profile is None and _is_built_in((run := assemble_it(read_with(profile=MADE))).data):
                return run, FOR_MADE
        raise
    made = read_with(profile=MADE)
    same = (made.data, made.train.seed) == (settings.data, settings.train.seed)
    return assemble_it(made, data=data if same else None), FOR_MADE


FOR_MADE = "for built-in data; data of your own have another"


def _is_built_in(data: Data) -> bool:
    return data.source.startswith("builtin:")


def data_lines(data: Data) -> list[str]:
    """Which source was taken, why others were not, and what to know of how it was read."""
    passed_over = [f"not used: {name} ({reason})" for name, reason in data.passed_over]
    return [*passed_over, f"data: {data.source}: {data.description}", *(f"data: {note}" for note in data.notes)]


def read(
    recipe: str | Path,
    *,
    profile: str | None = None,
    data: Any = None,
    overrides: Sequence[str] | Mapping[str, Any] = (),
    without: Sequence[str] = (),
    start_from: Any = None,
    trust_plugin: bool = False,
) -> Recipe:
    """Like `load`, but only read and check the recipe; its plugin is loaded too. Without a profile it chooses none."""
    folder = find_recipe(str(recipe))
    load_plugins(folder, without, of_run=is_run(folder), trust_plugin=trust_plugin)
    settings = load_recipe(folder, profile=profile_named(profile), overrides=overrides)
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
    quiet: bool = False,
) -> Path:
    """Train a run in a folder of its own.

    Args:
        out: the run folder; None for `runs/<recipe>/<time>`, or with `resume` for the newest run of the recipe.
        resume: go on from the newest checkpoint, by this run's recipe: what a resume may change of it is changed
            (docs/continue.md), such as the length.
        device: "auto", "cpu", "cuda" or "mps".
        callbacks: what happens beside the steps, instead of log, samples, checkpoints, report and what is shown.
        quiet: show nothing. Otherwise a panel shows progress and time left, on a terminal and in a notebook; elsewhere
            a line every 10 seconds does.

    Started by torchrun, the processes train together, and the first does what happens beside the steps.

    Returns:
        The run folder.

    Raises:
        RecipeError: the folder is taken, or another process trains in it, there is nothing to resume, the recipe
            differs, or training broke off.
    """
    check_device(device)
    where = Path(out) if out is not None else None
    try_once(run)
    check_trackers(run.recipe.trackers)
    if callbacks is None:
        log = Log()
        callbacks = [*default_callbacks(log), *([] if quiet else [Terminal(log)])]
    with joined(device):
        if not resume:
            with held_by_the_first(runs.new_run(run.recipe, where)) as folder:
                train_in(run, folder, callbacks, device=device)
            return folder
        folder = runs.find(run.recipe.name, where)
        with held_by_the_first(runs.held(folder)):
            run.recipe, changed = going_on.resumed(folder, run.recipe)
            train_in(run, folder, callbacks, device=device, resume=True, changed=changed)
        return folder


def evaluate(
    run: str | Path,
    *,
    sources: list[Any] | None = None,
    device: str = "auto",
    batch_size: int | None = None,
    without: Sequence[str] = (),
    overrides: Sequence[str] | Mapping[str, Any] = (),
    trust_plugin: bool = False,
    validation: bool = False,
    progress: Callable[[int, int], None] | None = None,
    quiet: bool = False,
) -> dict[str, Any]:
    """Translate all held-out data of a run in every direction it learned, measure, and write metrics.json.

    Args:
        sources: replaces the data the run was trained on.
        batch_size: held-out items that go through the network at once; None: 8 pictures or 64 sentences.
        without: installed plugins to leave out.
        overrides: settings below `metrics`, `beam` and `reranking` that replace the run's own, as after `--set`.
        trust_plugin: let the run's plugin.py run, though it was not made on this machine.
        validation: measure the items set aside to choose by, write validation.json, and leave held-out ones unread.
        progress: told how many held-out items are translated, (done, total), instead of a bar that shows it.
        quiet: show no bar.

    Returns:
        What metrics.json holds: see `evaluation.measure`. Where the folder cannot be written, a warning says so.

    Raises:
        RecipeError: no such run, no data, nothing to measure by, or overrides of anything else.
    """
    with progress_bar("translating held-out data", hidden=quiet or progress is not None) as bar:
        measured = measure(
            run,
            sources=sources,
            device=device,
            batch_size=batch_size,
            without=without,
            overrides=overrides,
            trust_plugin=trust_plugin,
            validation=validation,
            progress=progress or bar,
        )
    try:
        write_metrics(run, measured)
    except RecipeError as error:  # what was measured is worth more than the file
        warnings.warn(str(error), stacklevel=2)
    return measured
