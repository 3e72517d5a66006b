"""What is done with trained runs: translate with one, measure, report and share them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cyclekit.cli.console import MISTAKE, as_wide_as_it_is, asked_to_trust, print_metrics
from cyclekit.cli.early import refuse_data, refuse_inputs, refuse_run
from cyclekit.cli.options import DataSource, Device, RunFolder, Settings, TrustPlugin, Without, named_sources
from cyclekit.device import check_device
from cyclekit.registry import RecipeError
from cyclekit.terminal.printable import answer, say

if TYPE_CHECKING:
    from cyclekit.exported import ExportedTranslator
    from cyclekit.use.translate import Translator


def translate(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="A run folder, an exported one, hub:OWNER/NAME, pretrained:NAME.")
    ],
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...", help="Pictures, videos, text files, .parquet, folders; - for lines to come."
        ),
    ],
    to: Annotated[str | None, typer.Option(metavar="DOMAIN", help="The domain to make, such as photo.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write. Default: RUN/translated/DOMAIN.")] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="How many go through the network at once, of large pictures fewer. Default: 8, or 64 sentences.",
        ),
    ] = None,
    sample: Annotated[
        float | None,
        typer.Option(metavar="TEMPERATURE", help="Sentences: draw words instead of the likeliest; try 0.7."),
    ] = None,
    top_p: Annotated[
        float, typer.Option(metavar="SHARE", help="With --sample: leave out the unlikeliest words.")
    ] = 1.0,
    beam: Annotated[
        int | None, typer.Option(metavar="N", help="Sentences: search with a beam of so many; 1 is the fastest.")
    ] = None,
    n_best: Annotated[
        int | None, typer.Option(metavar="N", help="Sentences: up to N different ones on a line, with tabs between.")
    ] = None,
    rerank: Annotated[
        bool, typer.Option(help="Sentences: of a beam's candidates take the one that the recipe's `reranking` does.")
    ] = True,
    seed: Annotated[int, typer.Option(min=0, help="Of --sample.")] = 0,
    tile: Annotated[
        str,
        typer.Option(
            metavar="auto|whole|PIXELS",
            help="Pictures: cut those larger than a square of this side into tiles. auto: those over 2 Mpx.",
        ),
    ] = "auto",
    max_pixels: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Pictures: read those of up to so many pixels. Default: 178,956,970."),
    ] = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Only the I-th of N shares of the files, for a worker of several.")
    ] = None,
    skip_existing: Annotated[
        bool, typer.Option("--skip-existing", help="Leave out files whose translation is there.")
    ] = False,
    record: Annotated[
        bool, typer.Option("--record", help="Add a line for each file to files.jsonl in the output's folder.")
    ] = False,
    column: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Of .parquet files: the column to translate. Default: the only one."),
    ] = None,
    on: Annotated[
        str | None, typer.Option(metavar="ray|ray://HOST:PORT", help="Have the workers of a Ray cluster do it.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="With --on: how many. Default: one for each processor or GPU there.")
    ] = None,
    device: Device = "auto",
    without: Without = None,
    trust_plugin: TrustPlugin = False,
) -> None:
    """Translate files with a trained run: pictures at their own size, sentences line by line, under their own names.

    With - as INPUT, lines of standard input are answered on standard output as they come.

    The text recipes search with a beam of 16 and let all networks choose among what it finds. That takes about 20 times
    as long as the likeliest word each time, which is --beam 1; --no-rerank, the search alone, takes less than half.
    """
    shared = run.startswith("hub:")
    from cyclekit.exported import is_exported
    from cyclekit.exported import load as load_exported
    from cyclekit.pretrained import find_pretrained, is_pretrained

    here, folder = not (shared or is_pretrained(run)), Path(run)
    if is_pretrained(run):
        folder, card = find_pretrained(run)
        say(card.line)
    translator: Translator | ExportedTranslator | None = None
    if not shared and is_exported(folder):  # which needs no PyTorch
        translator = load_exported(folder, device=device)
        translator.target(to)
    elif not shared:
        refuse_run(str(folder), to=to)
    refuse_inputs(inputs)
    import numpy

    from cyclekit.files.jobs import ALL, Job, Shard
    from cyclekit.terminal.screen import progress_bar
    from cyclekit.use.decoding import Decoding

    job = Job(ALL if shard is None else Shard.of(shard), skip_existing=skip_existing, recorded=record, column=column)

    piped = inputs == ["-"]
    _refuse_on(on, workers, piped=piped, drawn=sample is not None)
    if piped and out is not None:
        raise RecipeError("--out: with - translations go to standard output; leave it out, and redirect that")
    # One source of random numbers for the whole command: equal lines that come one by one are drawn apart.
    decoding = Decoding(sample, top_p, beam, n_best, rerank, numpy.random.default_rng(seed))
    if translator is None:
        check_device(device)
        from cyclekit.sharing.hub import fetch_run
        from cyclekit.use.translate import Translator as RunTranslator

        folder = fetch_run(run) if shared else folder
        trust_plugin = trust_plugin or asked_to_trust(folder)
        translator = RunTranslator.load(folder, device=device, without=without or [], trust_plugin=trust_plugin)
    # What is fetched or carried lies where nobody looks.
    place = folder / "translated" if here else Path("translated") / run.replace("/", ":").split(":")[-1]
    name = translator.name(to)
    files, job.adds = translator.files(to, max_pixels), name
    out = out or place / name
    options: dict[str, Any] = {
        "batch_size": batch_size, "decoding": decoding, "tile": int(tile) if tile.isdecimal() else tile,
    }  # fmt: skip
    if on is not None:
        from cyclekit.use.on_ray import RayJob, Use, address_of

        where = str(folder.resolve()), name, str(out), device, options
        use = Use(*where, here=str(Path.cwd()), column=column, max_pixels=max_pixels, without=tuple(without or ()))
        job = RayJob(job, use, address_of(on), workers)
    with progress_bar(f"to {name}", stays=not piped) as progress:
        written = files(
            translator.steps(name, **options, keep_going=True),
            inputs,
            out,
            progress,
            **({} if piped and job.whole else {"job": job}),
        )
    written = job.came_to(written)
    if not piped:
        say(f"{written.done:,} translated to {name}, in {written.folder}")
        if job.skipped:
            say(f"skipped: {job.skipped:,} files whose translation was there")
        if job.elsewhere:
            say(f"other shares: {job.elsewhere:,} files")
        if translator.checkpoint:
            say(f"used: {translator.checkpoint}")
    if translator.lowered:
        say(f"lower case: {translator.lowered:,} had capitals, which this run has never learned")
    if translator.cut:
        longest = translator.limit
        say(f"cut: {translator.cut:,} were longer than the {longest} tokens that a sentence of this run may have")
    if translator.tiles is not None and translator.tiles.done:
        say(f"in tiles: large pictures; {translator.tiles.note or 'they come out as whole ones do'}")
    for note in written.notes:
        say(f"note: {note}")
    if written.not_read:
        say(f"not read: {written.not_read}")
    if written.failures:
        for path, why in written.failures:
            say(f"not translated: {path}: {why}")
        raise typer.Exit(MISTAKE)


def _refuse_on(on: str | None, workers: int | None, *, piped: bool, drawn: bool) -> None:
    """Refuse what workers of a cluster cannot do, before any work."""
    if on is None:
        if workers is not None:
            raise RecipeError("--workers: goes with --on ray; add it, or leave this out")
        return
    from cyclekit.exporting.packages import require
    from cyclekit.use.on_ray import address_of

    address_of(on)
    if piped:
        raise RecipeError(f"--on {on}: is about files, and - is one stream; name files or folders")
    if drawn:
        raise RecipeError("--sample: draws depend on what was drawn before, and workers share nothing; leave it out")
    require(f"--on {on}", "ray", "pyarrow", extra="ray")


def evaluate(
    runs: Annotated[
        list[str],
        typer.Argument(metavar="RUN...", help="A run folder; or several, such as those of one recipe by seed."),
    ],
    set_: Settings = None,
    data: DataSource = None,
    validation: Annotated[
        bool,
        typer.Option("--validation", help="Measure what is set aside to choose by; held-out data stays unread."),
    ] = False,
    device: Device = "auto",
    without: Without = None,
    trust_plugin: TrustPlugin = False,
) -> None:
    """Measure a run on held-out data, beside copying the input. Prints a table and writes metrics.json.

    Pictures are measured as `translate` makes them, at their own size. --set changes what is measured, such as --set
    metrics=[kid,precision,recall] or --set metrics.size=training, or how words are chosen, such as --set beam=4, and
    nothing else of the run. Of runs that differ in the seed alone mean and deviation follow.
    """
    for run in runs:
        refuse_run(run, set_ or [])
    refuse_data(data)
    check_device(device)
    trusted = [trust_plugin or asked_to_trust(Path(run)) for run in runs]
    from cyclekit.report import write_report
    from cyclekit.report.comparison import print_seeds
    from cyclekit.report.run_folder import read_run
    from cyclekit.sharing.model_card import write_card
    from cyclekit.terminal.screen import progress_bar
    from cyclekit.use.evaluation import measure, write_metrics

    source, results = named_sources(data), []
    for run, trust in zip(runs, trusted):
        if len(runs) > 1:
            say(run)
        with progress_bar(f"translating {'validation' if validation else 'held-out'} data", stays=True) as progress:
            result = measure(
                run,
                sources=None if source is None else [source],
                device=device,
                overrides=set_ or [],
                without=without or [],
                trust_plugin=trust,
                validation=validation,
                progress=progress,
            )
        results.append(result)
        print_metrics(result)  # first, for the folder may be one that nobody may write
        write_metrics(run, result)
        if validation:  # report and card are of held-out data
            continue
        write_report(Path(run))
        write_card(Path(run))
    if len(runs) > 1:
        read = [read_run(Path(run)) for run in runs]
        print_seeds([files._replace(metrics=result) for files, result in zip(read, results)], as_wide_as_it_is())


def report(run: RunFolder) -> None:
    """Write a run's report.html anew: one self-contained file."""
    from cyclekit.report import write_report

    answer(write_report(Path(run)))


def push(
    run: RunFolder,
    name: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="Its name on the Hugging Face hub.")],
    private: Annotated[bool, typer.Option("--private", help="Show it to nobody else.")] = False,
    without: Without = None,
) -> None:
    """Upload a run to the Hugging Face hub: weights, recipe, model card. `translate hub:OWNER/NAME` uses it."""
    refuse_run(run)
    from cyclekit.sharing.hub import push as upload

    pushed = upload(Path(run), name, private=private, without=without or [])
    say(f"pushed {pushed.files} files, {pushed.size / 2**20:,.1f} MiB; use it: cyclekit translate hub:{name} INPUT")
    answer(pushed.address)
