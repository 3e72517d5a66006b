"""`cyclekit run`: train a recipe, or go on with its training."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from cyclekit.cli.console import INTERRUPTED, first_process, unsaid
from cyclekit.cli.early import refuse_recipe, refuse_start
from cyclekit.cli.options import (
    DataSource,
    Device,
    Profile,
    RecipeName,
    Settings,
    StartFrom,
    Without,
    named_sources,
    start_sources,
)
from cyclekit.device import check_device
from cyclekit.terminal.printable import answer, say


def run(
    recipe: RecipeName,
    set_: Settings = None,
    data: DataSource = None,
    profile: Profile = None,
    out: Annotated[Path | None, typer.Option(help="The run folder. Default: runs/<recipe>/<time>.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was interrupted, exactly.")] = False,
    from_: StartFrom = None,
    seed: Annotated[int | None, typer.Option(help="Short for --set train.seed=N.")] = None,
    device: Device = "auto",
    without: Without = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing but errors and, at the end, the folder.")] = False,
    json_: Annotated[
        bool, typer.Option("--json", help="The log as JSON lines on standard output; all else on standard error.")
    ] = False,
) -> None:
    """Train a recipe. Ctrl-C saves; --resume goes on as if nothing had happened.

    Everything is written into the run folder: open its report.html while it trains.
    """
    overrides = [*(set_ or []), *([f"train.seed={seed}"] if seed is not None else [])]
    refuse_recipe(recipe, profile, overrides, data=data, device=device, without=without or [])
    if not resume:  # which does not need them any more
        refuse_start(from_)
    check_device(device)
    from cyclekit import api, runs
    from cyclekit.assemble import assemble, try_once
    from cyclekit.callbacks import JsonLines, Log, Terminal, default_callbacks
    from cyclekit.recipe import profile_for
    from cyclekit.terminal.screen import progress_bar
    from cyclekit.tracking import check_trackers
    from cyclekit.training import train

    first = first_process()
    said = say if first and not quiet else unsaid
    chosen, why = profile_for(recipe, profile, device)
    settings = api.read(
        recipe,
        profile=chosen,
        data=named_sources(data),
        overrides=overrides,
        without=without or [],
        start_from=start_sources(from_),
    )
    folder = runs.find(settings, out) if resume else None
    if out is not None and not resume:
        runs.refuse_taken(out)
    with progress_bar("looking at the data", hidden=said is unsaid) as progress:
        assembled = assemble(settings, progress=progress, resuming=folder)
    for name, reason in assembled.data.passed_over:
        said(f"not used: {name} ({reason})")
    said(f"data: {assembled.data.source}: {assembled.data.description}")
    for note in assembled.data.notes:
        said(f"data: {note}")
    said(f"profile: {chosen or 'published'} ({why})")
    for line in assembled.started.lines if assembled.started is not None else ():
        said(f"start: {line}")
    try_once(assembled)
    check_trackers(settings.trackers)
    folder = folder or runs.create(assembled.recipe, out)
    said(f"run folder: {folder}  (open {folder / 'report.html'} while it trains)")
    log = Log()
    shown = [*([JsonLines(log)] if json_ else []), *([] if quiet else [Terminal(log, plain=json_)])]
    training = train(assembled, folder, [*default_callbacks(log), *shown], device=device, resume=resume)
    if training.stop == "interrupted":
        if first:  # even if quiet: this is not what was asked for
            say(f"interrupted at step {training.step:,}; saved. Go on with: {_resume_command(recipe, folder)}")
        raise typer.Exit(INTERRUPTED)
    if training.stop == "patience":
        said(f"{'had ' if resume and not training.terms else ''}stopped by itself: {training.enough}")
    said(f"done: {training.step:,} steps in {training.seconds:.0f} s")
    if first and not json_:
        answer(folder)


def _resume_command(recipe: str, folder: Path) -> str:
    """The command that resumes: the same one, with --resume and the folder."""
    import shlex

    given = [argument for argument in sys.argv[1:] if argument != "--resume"]
    if "--out" not in given and not any(argument.startswith("--out=") for argument in given):
        given += ["--out", str(folder)]
    return shlex.join(["cyclekit", *given, "--resume"])
