"""`cyclekit data`: get picture sets, look them over, make them of one's own pictures."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cyclekit.cli.early import refuse_folders
from cyclekit.cli.group import Commands
from cyclekit.download.catalogue import SETS
from cyclekit.download.unpacking import MOST_BYTES
from cyclekit.registry import RecipeError
from cyclekit.terminal.printable import answer, say

if TYPE_CHECKING:
    from cyclekit.image.curation.audit import Counts

app = typer.Typer(
    name="data",
    cls=Commands,
    suggest_commands=False,
    help="Get picture sets, look them over, make them of your own pictures.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class Half(StrEnum):
    """Which picture is the left one of a pair."""

    photos = "photos"
    labels = "labels"


@app.callback(invoke_without_command=True)
def data(context: typer.Context) -> None:
    """Get picture sets, look them over, make them of your own pictures."""
    if context.invoked_subcommand is None:
        answer(context.get_help())


@app.command(epilog=f"Published sets: {', '.join(SETS)}.")
def get(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A published set, hub:OWNER/NAME, or the address of a .zip or .tar.gz."),
    ],
    out: Annotated[Path | None, typer.Option(help="The folder to make. Default: data/NAME.")] = None,
    sha256: Annotated[
        str | None, typer.Option(metavar="SUM", help="What the archive's sum must be. Default: the published one.")
    ] = None,
    keep_archive: Annotated[bool, typer.Option("--keep-archive", help="Leave the archive beside the folder.")] = False,
    max_size: Annotated[
        float, typer.Option(min=0, metavar="GB", help="Of the archive, and of what it holds unpacked.")
    ] = MOST_BYTES / 1e9,
) -> None:
    """Download a picture set and unpack it. Run it again after an interruption: it goes on from there.

    An archive that lies beside the folder already (data/NAME.zip) is taken instead of being downloaded.
    """
    from cyclekit.download.getting import Telling, get

    with _stages() as telling:
        got = get(name, out, Telling(*telling), sha256, keep_archive, int(max_size * 1e9))
    if got.was_there:
        say(f"{got.folder}: was there already, from {got.source}; to fetch it anew, remove it first")
    if got.resumed_from:
        say(f"went on from byte {got.resumed_from:,}")
    if got.sha256 is not None:
        say(f"sha256: {got.sha256}")
    for left_out in got.unreadable:
        say(f"not written: {left_out}")
    _say_counts(got.folder, SETS[name].counts if name in SETS else None)
    answer(got.folder)


@app.command()
def check(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="FOLDER...",
            help="One data set as you would train on it, any folders of pictures, or a file of sentences a domain.",
        ),
    ],
    columns: Annotated[
        str | None,
        typer.Option(metavar="COLUMNS", help="Of a table of sentences, as data.columns: {text: review, label: stars}."),
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(metavar="OUT.png", help="Write a sheet: some pictures nobody chose, and the suspects."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with every name.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with status 2 if anything is found.")] = False,
) -> None:
    """Look a set of pictures or sentences over before training on it; nothing is changed.

    Of pictures it tells how the folders are read, and what in them is not; how many pictures of what sizes; unreadable
    files; pictures that are equal, or nearly (scaled, recompressed, mirrored), also across train and test and across
    the domains; pictures of one colour; grey ones among coloured; domains of which one has more than 3 times as many
    pictures. Of sentences: how the files are read; how many of what lengths and scripts; sentences that are in training
    and held out, or in both domains, but for case and punctuation too; duplicates; what no writer wrote (HTML, wrong
    encodings, addresses); marks that tell the domains apart by themselves. Exits with status 0 whatever it finds,
    unless --strict.
    """
    refuse_folders(folders)
    from cyclekit.text.checking import is_of_text

    if is_of_text(folders):
        _check_sentences(folders, columns, sheet, as_json, strict)
        return
    if columns is not None:
        raise RecipeError(f"--columns {columns}: is of tables of sentences; leave it out for pictures")
    from cyclekit.image.curation.audit import counts, findings, look_at, notes_of
    from cyclekit.image.curation.audit_sheet import write_audit_sheet
    from cyclekit.image.curation.grouping import groups_of
    from cyclekit.terminal.screen import progress_bar

    if sheet is not None and sheet.suffix.lower() != ".png":
        raise RecipeError(f"--sheet {sheet}: write a name that ends in .png")
    grouped = groups_of(folders)
    with progress_bar("looking at every picture") as progress:
        looks = look_at(grouped.groups, grouped.paired, progress)
    table, found, notes = counts(looks), findings(looks), grouped.notes + notes_of(looks)
    named = ", ".join(map(str, folders))
    if sheet is not None:
        write_audit_sheet(looks, found, f"{named}: {len(looks.seen):,} pictures", sheet)
    if as_json:
        _print_json(
            {
                "folders": [str(folder) for folder in folders],
                "layout": grouped.words,
                "notes": notes,
                "groups": [one._asdict() for one in table],
                "findings": [{"what": one.what, "pictures": one.pictures, "names": one.names} for one in found],
                "sheet": None if sheet is None else str(sheet),
            }
        )
    else:
        _print_counts(f"{named}  ·  {grouped.words}", table)
        for note in notes:
            answer(note)
        for one in found:
            answer(f"{one.what}: {one.pictures:,}: {_first(one.names)}")
        if not found:
            answer("nothing suspicious found")
        if sheet is not None:
            answer(f"sheet: {sheet}")
    if strict and found:
        raise RecipeError(f"{named}: {len(found)} kinds of findings, and --strict allows none")


def _check_sentences(
    files: list[Path], columns: str | None, sheet: Path | None, json_wanted: bool, strict: bool
) -> None:
    import yaml

    from cyclekit.recipe.yaml_files import read_value
    from cyclekit.text.checking import as_json, look_at
    from cyclekit.text.columns import check_columns

    if sheet is not None:
        raise RecipeError(f"--sheet {sheet}: is of pictures; leave it out for sentences")
    try:
        wanted = read_value(columns) if columns else None
    except yaml.YAMLError:
        wanted = columns
    if wanted is not None and not isinstance(wanted, dict):
        raise RecipeError(f"--columns {columns}: write a mapping, as in --columns '{{text: review, label: stars}}'")
    looked = look_at(files, check_columns(wanted))
    named = ", ".join(map(str, files))
    if json_wanted:
        _print_json(as_json(files, looked))
    else:
        _print_table(
            f"{named}  ·  {looked.words}",
            ("sentences", "different", "words (median)", "words (most)", "writing"),
            [
                (
                    one.group,
                    f"{one.sentences:,}",
                    f"{one.distinct:,}",
                    f"{one.median:g}",
                    f"{one.longest:,}",
                    one.writing,
                )
                for one in looked.groups
            ],
        )
        for one in looked.findings:
            answer(f"{one.what}: {one.sentences:,}: {_first([name[:59] for name in one.names])}")
        if not looked.findings:
            answer("nothing suspicious found")
    if strict and looked.findings:
        raise RecipeError(f"{named}: {len(looked.findings)} kinds of findings, and --strict allows none")


@app.command()
def pair(
    photos: Annotated[Path, typer.Argument(metavar="PHOTOS", help="A folder of photographs.")],
    labels: Annotated[Path, typer.Argument(metavar="LABELS", help="A folder of label maps with the same names.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="The data set to make.")],
    left: Annotated[Half, typer.Option(help="Which becomes the left half.")] = Half.photos,
    test_share: Annotated[float, typer.Option(metavar="SHARE", help="To hold out for testing; 0 for none.")] = 0.1,
    resize: Annotated[
        bool,
        typer.Option("--resize/--no-resize", help="Bring label maps to their photograph's size, by the nearest pixel."),
    ] = True,
) -> None:
    """Make an aligned set of two folders: train/ and test/ of photographs and label maps side by side.

    Partners have the same name, the ending apart. Which pairs are held out depends on their names alone.
    """
    refuse_folders([photos, labels])
    from cyclekit.image.curation.pairing import pair
    from cyclekit.terminal.screen import progress_bar

    with progress_bar("pairing") as progress:
        made = pair(photos, labels, out, left.value, test_share, resize, progress)
    if made.resized:
        say(f"resized: {made.resized:,} label maps, to the size of their photographs")
    say(f"{made.train:,} pairs to train on, {made.test:,} held out")
    answer(out)


@app.command()
def select(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder of pictures.")],
    metadata: Annotated[
        Path, typer.Option(metavar="FILE", help="A .csv, .tsv, .jsonl or .json file with a row for each picture.")
    ],
    tag: Annotated[list[str], typer.Option(metavar="TAG", help="A tag that is wanted; may be given several times.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="The folder to make.")],
    every: Annotated[
        bool, typer.Option("--all/--any", help="Whether a picture must have all of the tags, or any of them.")
    ] = False,
    link: Annotated[bool, typer.Option("--link", help="Write symbolic links instead of copies.")] = False,
    file_column: Annotated[str, typer.Option(metavar="COLUMN", help="Where the metadata names the file.")] = "file",
    tag_column: Annotated[str, typer.Option(metavar="COLUMN", help="Where the metadata has the tags.")] = "tags",
) -> None:
    """Copy the pictures that have certain tags, as `landscape` made the photographs of monet2photo.

    Tags are a list, or words that spaces, commas or semicolons divide; upper and lower case are one.
    """
    refuse_folders([folder])
    from cyclekit.image.curation.selecting import select
    from cyclekit.terminal.screen import progress_bar

    with progress_bar("copying") as progress:
        chosen = select(folder, metadata, tag, out, every, link, file_column, tag_column, progress)
    say(f"{chosen.written:,} pictures, of {chosen.matching:,} rows that match among {chosen.rows:,}")
    if chosen.missing:
        say(f"no file: {len(chosen.missing):,} matching rows: {_first(chosen.missing)}")
    if chosen.unlisted:
        say(f"no row: {chosen.unlisted:,} pictures in {folder}")
    answer(out)


@contextmanager
def _stages() -> Iterator[list[Any]]:
    """Three callables to tell (done, total): bytes fetched, files unpacked, pictures written; bars on a terminal.

    One after the other, each when its work begins: rich shows one display at a time.
    """
    from rich.progress import DownloadColumn, MofNCompleteColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    from cyclekit.terminal.screen import Screen

    console = Screen(file=sys.stderr)
    begin, bar = Progress.get_default_columns()[:2]
    stages: list[Any] = []
    with ExitStack() as open_bars:
        for what, columns in (
            ("fetching", (DownloadColumn(), TransferSpeedColumn())),
            ("unpacking", (MofNCompleteColumn(),)),
            ("writing", (MofNCompleteColumn(),)),
        ):
            progress = Progress(
                begin, bar, *columns, TimeRemainingColumn(),
                console=console, transient=True, disable=not console.is_live,
            )  # fmt: skip
            stages.append(_Stage(what, progress))
            open_bars.callback(progress.stop)
        yield stages


class _Stage:
    """Shows a bar from the first call on, until its work is done."""

    def __init__(self, what: str, bar: Any) -> None:
        self.what, self.bar, self.task = what, bar, None

    def __call__(self, done: int, total: int | None) -> None:
        if self.task is None:
            self.task = self.bar.add_task(self.what, total=total)
            self.bar.start()
        self.bar.update(self.task, completed=done, total=total)
        if done == total:
            self.bar.stop()


def _say_counts(folder: Path, published: tuple[int, int, int, int] | None) -> None:
    """How many pictures the folders below hold, beside the published numbers where these are known and others."""
    from cyclekit.image.formats import walk_pictures

    below = {one.name: len(walk_pictures(one).files) for one in sorted(folder.iterdir()) if one.is_dir()}
    say("pictures: " + (", ".join(f"{name} {count:,}" for name, count in below.items()) or "in no folders"))
    if published is not None:
        expected = dict(zip(("trainA", "trainB", "testA", "testB"), published))
        if expected != below:
            say("published: " + ", ".join(f"{name} {count:,}" for name, count in expected.items()))


def _print_counts(title: str, counts: list[Counts]) -> None:
    rows = []
    for one in counts:
        sizes = ("" if size is None else f"{size[0]}x{size[1]}" for size in (one.smallest, one.median, one.largest))
        modes = ", ".join(f"{mode} {count:,}" for mode, count in one.modes.items())
        rows.append((one.group, f"{one.pictures:,}", f"{one.unreadable:,}", *sizes, f"{one.sizes:,}", modes))
    _print_table(title, ("pictures", "unreadable", "smallest", "median", "largest", "sizes", "modes"), rows)


def _print_table(title: str, headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """A row for each group: its name, numbers, and words in the last column."""
    from rich.table import Table

    from cyclekit.terminal.screen import table_screen

    console = table_screen()
    console.print(title, highlight=False, soft_wrap=True)
    table = Table()
    table.add_column("")
    for heading in headings[:-1]:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column(headings[-1])
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _print_json(value: dict[str, Any]) -> None:
    import json

    answer(json.dumps(value, indent=1, ensure_ascii=False))


def _first(names: list[str]) -> str:
    from cyclekit.image.checking import first_names

    return first_names(names, 5)
