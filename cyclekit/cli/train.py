"""`cyclekit run`: train a recipe, or go on with its training."""

from __future__ import annotations

import shlex
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cyclekit.cli.console import INTERRUPTED, asked_to_trust, unsaid
from cyclekit.cli.early import refuse_recipe, refuse_start
from cyclekit.cli.options import (
    DataSource,
    Device,
    Profile,
    RecipeName,
    Settings,
    StartFrom,
    TrustPlugin,
    Without,
    named_sources,
    start_sources,
)
from cyclekit.core.duration import written
from cyclekit.device import check_device, launched, refused_once
from cyclekit.registry import RecipeError
from cyclekit.terminal.printable import answer, say


def run(
    recipe: RecipeName,
    set_: Settings = None,
    data: DataSource = None,
    profile: Profile = None,
    out: Annotated[Path | None, typer.Option(help="The run folder. Default: runs/<recipe>/<time>.")] = None,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with a run, exactly: RECIPE's newest, --out, or a run folder itself."),
    ] = False,
    from_step: Annotated[
        int | None,
        typer.Option(metavar="N", help="With --resume: go on from the checkpoint of step N; later ones are deleted."),
    ] = None,
    from_: StartFrom = None,
    seed: Annotated[int | None, typer.Option(help="Short for --set train.seed=N.")] = None,
    device: Device = "auto",
    without: Without = None,
    trust_plugin: TrustPlugin = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing but errors and, at the end, the folder.")] = False,
    json_: Annotated[
        bool, typer.Option("--json", help="The log as JSON lines on standard output; all else on standard error.")
    ] = False,
) -> None:
    """Train a recipe. Ctrl-C saves; --resume goes on as if nothing had happened.

    Everything is written into the run folder: open its report.html while it trains. `--resume RUN --set train.steps=N`
    trains a run longer; a run of a given time, `--set train.budget=20min`.
    """
    from cyclekit.recipe.loading import is_run, run_folder

    if from_step is not None and not resume:
        raise RecipeError(f"--from-step {from_step}: goes on with a run from an earlier checkpoint; add --resume")
    overrides = [*(set_ or []), *([f"train.seed={seed}"] if seed is not None else [])]
    with refused_once():
        together = launched()
        if resume and Path(recipe).is_dir():
            run_folder(recipe)
        refuse_recipe(recipe, profile, overrides, data=data, device=device, without=without or [])
        if not resume:  # which does not need them any more
            refuse_start(from_)
        check_device(device)
    from cyclekit import api
    from cyclekit.assembling.assemble import assemble, try_once
    from cyclekit.callbacks import JsonLines, Log, Terminal, default_callbacks
    from cyclekit.callbacks.tracking import check_trackers
    from cyclekit.core import processes
    from cyclekit.recipe.loading import find_recipe, profile_named, profile_said
    from cyclekit.runs import folder as runs
    from cyclekit.runs import going_on, history
    from cyclekit.terminal.screen import progress_bar
    from cyclekit.training.group import held_by_the_first, joined
    from cyclekit.training.loop import train

    first = together.rank == 0
    said = unsaid if quiet or not first else say
    changes: list[str] = []
    with ExitStack() as stack:
        stack.enter_context(joined(device))
        found = _run_folder(recipe, out) if resume else find_recipe(recipe)
        read = partial(
            api.read,
            data=named_sources(data),
            overrides=overrides,
            without=without or [],
            start_from=start_sources(from_),
            trust_plugin=trust_plugin or processes.tell(first and asked_to_trust(found)),
        )
        if resume:
            folder = found
            stack.enter_context(held_by_the_first(runs.held(folder)))
            if not is_run(Path(recipe)):
                chosen = profile_named(profile) if profile else runs.profile_of(folder)
                going_on.refuse_other(folder, read(recipe, profile=chosen))
            settings, changes = going_on.resumed(folder, read(str(folder)))
            source = going_on.recorded_source(folder, settings)
        elif out is not None and first:
            runs.refuse_taken_run(out)
        with progress_bar("looking at the data", hidden=quiet or not first) as progress:
            if resume:
                assembled, why = assemble(settings, sources=source, progress=progress, resuming=folder), ""
            else:
                assembled, why = api.assemble_by_profile(recipe, profile, device, partial(read, recipe), progress)
                settings = assembled.recipe
        for line in api.data_lines(assembled.data):
            said(line)
        said(f"profile: {profile_said(settings, why)}")
        for line in assembled.started.lines if assembled.started is not None else ():
            said(f"start: {line}")
        try_once(assembled)
        check_trackers(settings.trackers)
        if settings.student is not None:
            from cyclekit.exporting.finishing import check_student

            check_student(settings, assembled.data.codecs.a)
        if not resume:
            folder = stack.enter_context(held_by_the_first(runs.new_run(assembled.recipe, out)))
        said(f"run folder: {folder}  (open {folder / 'report.html'} while it trains)")
        for change in changes:
            said(f"changed: {change}")
        if resume and not history.steps(folder):
            said("no checkpoint was written yet: begins at step 0 again, as it did before")
        log = Log()
        shown = [*([JsonLines(log)] if json_ else []), *([] if quiet else [Terminal(log, plain=json_)])]
        beside = [*default_callbacks(log), *shown]
        training = train(assembled, folder, beside, device=device, resume=resume, from_step=from_step, changed=changes)
        again = shlex.join([*runs.resume_command(folder), *_as_given(device, without)])
        if training.stop == "interrupted" and first:  # even if quiet: this is not what was asked for
            say(f"interrupted at step {training.step:,}; saved. Go on with: {again}")
    if training.stop == "interrupted":
        raise typer.Exit(INTERRUPTED)
    was_done = resume and not training.terms
    if training.stop == "patience":
        said(f"{'had ' if was_done else ''}stopped by itself: {training.enough}")
    if was_done:
        budget = settings.train.budget
        length = f"steps={2 * training.step}" if budget is None else f"budget={written(2 * budget)}"
        said(f"was done already: {training.step:,} steps; train it longer with: {again} --set train.{length}")
    else:
        said(f"done: {training.step:,} steps in {training.seconds:.0f} s")
    if settings.student is not None and first:
        from cyclekit.exporting.finishing import LIVE, finish

        with progress_bar("distilling", hidden=quiet) as bar:
            lines = finish(folder, settings, without or [], lambda _, done, total: bar(done, total))
        for line in lines:
            said(f"student: {line}")
        said(f"student: cyclekit live {shlex.quote(str(folder / LIVE))}")
    if not json_ and first:
        answer(folder)


def _run_folder(recipe: str, out: Path | None) -> Path:
    """The run to resume: a run folder itself, or a recipe's run.

    Raises:
        RecipeError: there is none.
    """
    from cyclekit.recipe.loading import find_recipe, is_run, load_recipe
    from cyclekit.runs import folder as runs

    given = Path(recipe)
    if is_run(given):
        if out is not None and out.resolve() != given.resolve():
            raise RecipeError(f"--out {out}: a run goes on in its own folder, {given}; leave it out")
        return given
    return runs.find(load_recipe(find_recipe(recipe)).name, out)


def _as_given(device: str, without: list[str] | None) -> list[str]:
    """What a run folder does not know of the command that made it, and the one that goes on must say again."""
    return [*(["--device", device] if device != "auto" else []), *(f"--without={name}" for name in without or [])]
