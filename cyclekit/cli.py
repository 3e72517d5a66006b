"""The command line. Every heavy import stands inside its command, so that `cyclekit --help` answers at once."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cyclekit import cli_data
from cyclekit.device import check_device, fastest
from cyclekit.registry import RecipeError

if TYPE_CHECKING:
    pass

app = typer.Typer(
    name="cyclekit",
    help="Train, use and judge CycleGANs for pictures and text.",
    epilog="Start with:  cyclekit run monet2photo   ·   then look at runs/monet2photo/*/report.html",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

app.add_typer(cli_data.app, name="data")

INTERRUPTED = 130
MISTAKE = 2

# Typer's newer versions bring a click of their own; this is the class of whichever is in use.
USAGE_ERROR: Any = typer.BadParameter.__base__

OF_THE_SYSTEM = {
    errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG,
}  # fmt: skip
"""Errors that say what is wrong with a disk or a path; any other may be a bug and keeps its traceback."""

RecipeName = Annotated[
    str, typer.Argument(metavar="RECIPE", help="A recipe folder, or the name of one that `cyclekit list recipe` shows.")
]
RunFolder = Annotated[
    str, typer.Argument(metavar="RUN", help="A run folder, such as runs/monet2photo/2026-11-23-090000.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one setting, e.g. --set train.batch_size=4."),
]
DataSource = Annotated[
    str | None,
    typer.Option(
        "--data", metavar="SOURCE", help="A folder, two folders or globs `A,B`, hub:OWNER/NAME, or builtin:NAME."
    ),
]
Profile = Annotated[
    str | None,
    typer.Option(
        help="Settings of the recipe for a kind of machine; `published` for none. Default: cpu without a GPU."
    ),
]
Without = Annotated[list[str] | None, typer.Option(metavar="NAME", help="Leave out an installed plugin.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]


@app.command()
def run(
    recipe: RecipeName,
    set_: Settings = None,
    data: DataSource = None,
    profile: Profile = None,
    out: Annotated[Path | None, typer.Option(help="The run folder. Default: runs/<recipe>/<time>.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was interrupted, exactly.")] = False,
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
    check_device(device)
    from cyclekit import api, runs
    from cyclekit.assemble import assemble, try_once
    from cyclekit.callbacks import JsonLines, Log, Terminal, default_callbacks
    from cyclekit.tracking import check_trackers
    from cyclekit.training import train

    first = _first_process()
    said = _say if first and not quiet else _unsaid
    overrides = [*(set_ or []), *([f"train.seed={seed}"] if seed is not None else [])]
    chosen, why = _profile(recipe, profile, device)
    settings = api.read(recipe, profile=chosen, data=_source(data), overrides=overrides, without=without or [])
    folder = runs.find(settings, out) if resume else None
    if out is not None and not resume:
        runs.refuse_taken(out)
    with _progress("looking at the data", hidden=said is _unsaid) as progress:
        assembled = assemble(settings, progress=progress)
    for name, reason in assembled.data.passed_over:
        said(f"not used: {name} ({reason})")
    said(f"data: {assembled.data.source}: {assembled.data.description}")
    said(f"profile: {chosen or 'published'} ({why})")
    try_once(assembled)
    check_trackers(settings.trackers)
    folder = folder or runs.create(settings, out)
    said(f"run folder: {folder}  (open {folder / 'report.html'} while it trains)")
    log = Log()
    shown = [*([JsonLines(log)] if json_ else []), *([] if quiet else [Terminal(log, plain=json_)])]
    training = train(assembled, folder, [*default_callbacks(log), *shown], device=device, resume=resume)
    if training.stop == "interrupted":
        if first:  # even if quiet: this is not what was asked for
            _say(f"interrupted at step {training.step:,}; saved. Go on with: {_resume_command(recipe, folder)}")
        raise typer.Exit(INTERRUPTED)
    if training.stop == "patience":
        said(f"{'had ' if resume and not training.terms else ''}stopped by itself: {training.enough}")
    said(f"done: {training.step:,} steps in {training.seconds:.0f} s")
    if first and not json_:
        print(folder)


@app.command()
def translate(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run folder, or hub:OWNER/NAME.")],
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT...", help="Pictures, text files, folders of them; - for lines to come."),
    ],
    to: Annotated[str | None, typer.Option(metavar="DOMAIN", help="The domain to make, such as photo.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write. Default: RUN/translated/DOMAIN.")] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(min=1, help="How many go through the network at once. Default: 8 pictures, 64 sentences."),
    ] = None,
    sample: Annotated[
        float | None,
        typer.Option(metavar="TEMPERATURE", help="Sentences: draw words instead of the likeliest; try 0.7."),
    ] = None,
    top_p: Annotated[
        float, typer.Option(metavar="SHARE", help="With --sample: leave out the unlikeliest words.")
    ] = 1.0,
    beam: Annotated[int | None, typer.Option(metavar="N", help="Sentences: search with a beam of so many.")] = None,
    n_best: Annotated[
        int | None, typer.Option(metavar="N", help="Sentences: up to N different ones on a line, with tabs between.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of --sample.")] = 0,
    device: Device = "auto",
    without: Without = None,
    trust_plugin: Annotated[
        bool, typer.Option("--trust-plugin", help="Let the plugin.py of a run of the hub's run on this machine.")
    ] = False,
) -> None:
    """Translate files with a trained run: pictures at their own size, sentences line by line, under their own names.

    With - as INPUT, lines of standard input are answered on standard output as they come.
    """
    check_device(device)
    import numpy

    from cyclekit import registry
    from cyclekit.decoding import Decoding
    from cyclekit.sharing import PREFIX, fetch
    from cyclekit.translate import Translator

    piped = inputs == ["-"]
    if piped and out is not None:
        raise RecipeError("--out: with - translations go to standard output; leave it out, and redirect that")
    # One source of random numbers for the whole command: equal lines that come one by one are drawn apart.
    decoding = Decoding(sample, top_p, beam, n_best, numpy.random.default_rng(seed))
    shared = run.startswith(PREFIX)
    folder = fetch(run, trust_plugin=trust_plugin) if shared else Path(run)
    translator = Translator.load(folder, device=device, without=without or [])
    name = getattr(translator.recipe.domains, translator.target(to))
    files = registry.build("files", translator.codecs.a.name)
    with _progress(f"to {name}", always=not piped) as progress:
        written = files(
            lambda items: translator.stream(items, name, batch_size=batch_size, decoding=decoding),
            inputs,
            # What was fetched lies in a cache, where nobody looks.
            out or (Path("translated") / Path(run).name if shared else folder / "translated") / name,
            progress,
        )
    if not piped:
        _say(f"{written.done:,} translated to {name}, in {written.folder}")
    if translator.cut:
        codec: Any = translator.codecs.a
        _say(f"cut: {translator.cut:,} were longer than the {codec.limit} tokens that a sentence of this run may have")
    if written.failures:
        for path, why in written.failures:
            _say(f"not translated: {path}: {why}")
        raise typer.Exit(MISTAKE)


@app.command()
def evaluate(
    run: RunFolder,
    set_: Settings = None,
    data: DataSource = None,
    device: Device = "auto",
    without: Without = None,
) -> None:
    """Measure a run on held-out data, beside copying the input. Writes metrics.json and prints a table.

    --set changes what is measured, such as --set metrics=[kid,precision,recall], and nothing else of the run.
    """
    check_device(device)
    from cyclekit.evaluation import evaluate as measure
    from cyclekit.model_card import write_card
    from cyclekit.report import write_report

    source = _source(data)
    with _progress("translating held-out data", always=True) as progress:
        result = measure(
            run,
            sources=None if source is None else [source],
            device=device,
            overrides=set_ or [],
            without=without or [],
            progress=progress,
        )
    _print_metrics(result)
    write_report(Path(run))
    write_card(Path(run))


@app.command()
def report(run: RunFolder) -> None:
    """Write a run's report.html anew: one self-contained file."""
    from cyclekit.report import write_report

    print(write_report(Path(run)))


@app.command()
def push(
    run: RunFolder,
    name: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="Its name on the Hugging Face hub.")],
    private: Annotated[bool, typer.Option("--private", help="Show it to nobody else.")] = False,
) -> None:
    """Upload a run to the Hugging Face hub: weights, recipe, model card. `translate hub:OWNER/NAME` uses it."""
    from cyclekit.sharing import push as upload

    pushed = upload(Path(run), name, private=private)
    _say(f"pushed {pushed.files} files, {pushed.size / 2**20:,.1f} MiB; use it: cyclekit translate hub:{name} INPUT")
    print(pushed.address)


@app.command()
def compare(
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN RUN...", help="Run folders; each is compared with the first.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Write a page as well: one self-contained file, such as compare.html.")
    ] = None,
) -> None:
    """Lay runs side by side: settings that differ, metrics and what is clear among them, the same held-out items."""
    from rich.console import Console

    from cyclekit.report.comparing import compare as compared
    from cyclekit.report.comparison import print_comparison, write_comparison

    comparison = compared([Path(run) for run in runs])
    # A file or pipe has no window to fit, and nothing in a run's settings is markup.
    width = None if sys.stdout.isatty() else 40 * (len(runs) + 1)
    print_comparison(comparison, Console(width=width, markup=False, highlight=False))
    if out is not None:
        print(write_comparison(comparison, out))


@app.command()
def check(
    recipes: Annotated[list[str], typer.Argument(metavar="RECIPE...", help="Recipe folders or names.")],
    set_: Settings = None,
    data: DataSource = None,
    profile: Profile = None,
    without: Without = None,
) -> None:
    """Load and assemble recipes without training: the resolved recipe, parameters, memory, data."""
    from cyclekit import api
    from cyclekit.assemble import parameter_counts, try_once

    failed = False
    for recipe in recipes:
        try:
            chosen, _ = _profile(recipe, profile, "auto")
            assembled = api.load(
                recipe, profile=chosen, data=_source(data), overrides=set_ or [], without=without or []
            )
            try_once(assembled)
        except RecipeError as error:
            failed = True
            _say(f"{recipe}: {error}")
            continue
        counts = parameter_counts(assembled.networks)
        print(assembled.recipe.dump(), end="")
        for name, reason in assembled.data.passed_over:
            print(f"# not used: {name} ({reason})")
        print(f"# data: {assembled.data.source}: {assembled.data.description}")
        print(f"# parameters: {', '.join(f'{count:,} {side}' for side, count in counts.items())}")
        # float32 weights, gradients and Adam's two moments; activations depend on the pictures and come on top.
        print(f"# memory before activations: {sum(counts.values()) * 16 / 2**20:,.0f} MiB")
    if failed:
        raise typer.Exit(MISTAKE)


@app.command()
def show(recipe: RecipeName, set_: Settings = None, profile: Profile = None) -> None:
    """Print a recipe, resolved: base, profile and overrides laid over each other."""
    from cyclekit.recipe import find_recipe, load_recipe

    print(load_recipe(find_recipe(recipe), profile=_given(profile), overrides=set_ or []).dump(), end="")


@app.command(name="list")
def list_(
    kind: Annotated[str | None, typer.Argument(metavar="KIND", help="Such as generator, recipe, metric.")] = None,
    without: Without = None,
) -> None:
    """List recipes and parts, their options, and who brought them."""
    from cyclekit import registry
    from cyclekit.plugins import load_plugins
    from cyclekit.recipe import carried_recipes, load_recipe

    if kind in (None, "recipe"):
        print("recipe")
        for name, folder in carried_recipes().items():
            print(f"  {name:<18} {load_recipe(folder).title}")
    if kind == "recipe":
        return
    load_plugins(without=without or [])
    if kind is not None and kind not in registry.kinds():
        raise RecipeError(
            f"list {kind}: no such kind{registry.did_you_mean(kind, registry.kinds())}; "
            f"there are: recipe, {', '.join(registry.kinds())}"
        )
    for each in registry.kinds() if kind is None else [kind]:
        print(each)
        for name in registry.names(each):
            found = registry.part(each, name)
            origin = "" if found.origin == "cyclekit" else f"  [{found.origin}]"
            settings = ", ".join(
                p.name if p.default is p.empty else f"{p.name}={p.default}"
                for p in registry.options(found.factory).values()
            )
            print(f"  {name:<18} {settings}{origin}")


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The new recipe's folder.")],
    from_: Annotated[str, typer.Option("--from", metavar="RECIPE", help="The recipe to begin from.")],
) -> None:
    """Make a recipe of your own from another one: a folder with a recipe.yaml to edit."""
    import re
    import shutil

    from cyclekit.recipe import find_recipe

    source, folder = find_recipe(from_), Path(name)
    if folder.exists():
        raise RecipeError(f"{folder}: exists already; choose another name")
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise RecipeError(f"{folder}: cannot be made: {error.strerror}; choose another name") from error
    if (source / "plugin.py").is_file():
        shutil.copyfile(source / "plugin.py", folder / "plugin.py")
    # A recipe is called like its folder; one that says its name (a run's does) would keep that of the first.
    settings = (source / "recipe.yaml").read_text(encoding="utf-8")
    settings = re.sub(r"^name:.*\n", "", settings, flags=re.MULTILINE)
    (folder / "recipe.yaml").write_text(settings, encoding="utf-8")
    (folder / "README.md").write_text(f"# {folder.name}\n\nMade from the recipe `{source.name}`.\n", encoding="utf-8")
    print(f"{folder / 'recipe.yaml'}: edit it, then: cyclekit run {folder}")


@app.command(name="import")
def import_(
    weights: Annotated[Path, typer.Argument(metavar="WEIGHTS", help="A generator's .pth or .safetensors file.")],
    out: Annotated[Path, typer.Option(help="The run folder to make.")],
    back: Annotated[Path | None, typer.Option(help="The generator of the other direction, where you have it.")] = None,
    source: Annotated[str, typer.Option(help="Display name of the domain it reads.")] = "a",
    target: Annotated[str, typer.Option(help="Display name of the domain it makes.")] = "b",
    without: Without = None,
) -> None:
    """Make a run of somebody's trained generator; `translate` uses it at once.

    The architecture is read from the file's keys and shapes. Nothing is unpickled.
    """
    from cyclekit.importing import import_weights

    folder, notes = import_weights(weights, out, back=back, domains=(source, target), without=without or [])
    for note in notes:
        _say(note)
    print(folder)


def main() -> None:
    """The entry point: every mistake of the user is one line on stderr and exit status 2."""
    try:
        status = _command(sys.argv[1:] or ["--help"])
        sys.stdout.flush()  # here, where a reader that has gone away is no bug
        sys.exit(status)
    except USAGE_ERROR as error:
        where = error.ctx.command_path if error.ctx else "cyclekit"
        sys.exit(_mistake(f"{error.format_message().rstrip('.')}; see {where} --help"))
    except RecipeError as error:
        sys.exit(_mistake(str(error)))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        if error.errno in OF_THE_SYSTEM:
            sys.exit(_mistake(f"{error.filename or 'the disk'}: {error.strerror}"))
        raise


def _command(arguments: list[str]) -> int:
    """Do what the arguments say; the exit status. Typer's own `main` would answer some errors itself, as it likes."""
    commands = typer.main.get_command(app)
    try:
        with commands.make_context("cyclekit", arguments) as context:
            commands.invoke(context)
    except typer.Exit as ended:
        return ended.exit_code
    return 0


def _mistake(message: str) -> int:
    print("cyclekit:", " ".join(message.split()), file=sys.stderr)
    return MISTAKE


def _say(message: str) -> None:
    print(message, file=sys.stderr)


def _unsaid(message: str) -> None:
    pass


def _first_process() -> bool:
    """Whether this is the first or only one of several processes that train together, as their launcher numbers them.

    Accelerate tells the same, but only once it has been set up.
    """
    ranks = ("RANK", "PMI_RANK", "OMPI_COMM_WORLD_RANK", "MV2_COMM_WORLD_RANK")
    return next((os.environ[name] for name in ranks if name in os.environ), "0") == "0"


def _source(data: str | None) -> Any:
    """`A,B` is two folders (or globs); anything else is taken as it stands."""
    if data is not None and "," in data and not Path(data).exists():
        a, _, b = data.partition(",")
        return {"a": a.strip(), "b": b.strip()}
    return data


def _given(profile: str | None) -> str | None:
    return None if profile in (None, "published") else profile


def _profile(recipe: str, profile: str | None, device: str) -> tuple[str | None, str]:
    """The profile to use, and why."""
    if profile is not None:
        return _given(profile), "as asked for"
    from cyclekit.recipe import find_recipe, load_recipe

    if device not in ("auto", "cpu"):
        return None, f"for {device}"
    if device == "auto" and fastest() != "cpu":
        return None, "an accelerator is at hand"
    has_cpu = "cpu" in load_recipe(find_recipe(recipe)).profiles
    return (
        ("cpu", "no accelerator; --profile published for the published settings") if has_cpu else (None, "the only one")
    )


def _resume_command(recipe: str, folder: Path) -> str:
    """The command that resumes: the same one, with --resume and the folder."""
    import shlex

    given = [argument for argument in sys.argv[1:] if argument != "--resume"]
    if "--out" not in given and not any(argument.startswith("--out=") for argument in given):
        given += ["--out", str(folder)]
    return shlex.join(["cyclekit", *given, "--resume"])


@contextmanager
def _progress(what: str, always: bool = False, hidden: bool = False) -> Iterator[Any]:
    """A progress bar on a terminal, nothing elsewhere: the callable to tell (done, total)."""
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(file=sys.stderr)
    with Progress(
        *Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn(),
        console=console, transient=not always, disable=hidden or not console.is_terminal,
    ) as bar:  # fmt: skip
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print_metrics(result: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not console.is_terminal:
        console = Console(width=120)  # a file, a pipe: no window to fit, and a broken number is no number
    found = f", searched with a beam of {result['beam']}" if result["beam"] else ""
    made_by = f"step {result['step']:,}, {result['weights']}{found}"
    console.print(f"{result['data']}  ·  {made_by}", highlight=False, soft_wrap=True)
    notes: dict[str, list[str]] = {}
    unmeasured: dict[str, None] = {}
    for direction, measured in result["directions"].items():
        title = f"{direction}: {measured['items']} held-out items against {measured['references']}"
        table = Table(title=title, title_justify="left")
        table.add_column("")
        for row in measured["rows"]:
            table.add_column(row, justify="right", no_wrap=True)
        table.add_column("better is")
        for name, better in measured["better"].items():
            table.add_row(name, *(_cell(values.get(name)) for values in measured["rows"].values()), better)
            for note in measured["protocol"].get(name, {}).get("notes", []):
                notes.setdefault(note, []).append(name)
        console.print(table)
        unmeasured |= {f"{name} is not measured: {why}": None for name, why in measured["not measured"].items()}
    console.print("Below a number: its 95 % interval over the held-out items.", highlight=False, soft_wrap=True)
    for note, names in notes.items():
        console.print(f"{note}  ({', '.join(dict.fromkeys(names))})", highlight=False, soft_wrap=True)
    for line in unmeasured:
        _say(line)


def _cell(measured: dict[str, Any] | None) -> str:
    """A value, and below it its interval."""
    from cyclekit.report.intervals import measure

    found = None if measured is None else measure(measured)
    return "" if found is None else f"{found.value:.4g}" + (f"\n[dim]{found.interval}[/dim]" if found.interval else "")
