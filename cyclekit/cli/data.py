"""`cyclekit data`: get picture sets, look them over, make them of one's own pictures."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from cyclekit.cli.data_check import able, check
from cyclekit.cli.early import refuse_folders
from cyclekit.cli.group import Commands
from cyclekit.download.catalogue import SETS
from cyclekit.download.unpacking import MOST_BYTES
from cyclekit.terminal.printable import answer, say

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


app.command()(check)


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
    from cyclekit.terminal.screen import progress_bar

    _, pair = able("pair", [photos, labels])
    options = {"left": left.value, "test_share": test_share, "resize": resize}
    with progress_bar("pairing") as progress:
        made = pair(photos, labels, out, progress=progress, **options)
    for line in made.lines:
        say(line)
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
    from cyclekit.terminal.screen import progress_bar

    _, select = able("select", [folder])
    options = {"every": every, "link": link, "file_column": file_column, "tag_column": tag_column}
    with progress_bar("copying") as progress:
        chosen = select(folder, metadata, tag, out, progress=progress, **options)
    for line in chosen.lines:
        say(line)
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
