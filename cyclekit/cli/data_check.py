"""`cyclekit data check`: a set of pictures or sentences looked over, in words or as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cyclekit.cli.early import refuse_folders
from cyclekit.registry import RecipeError
from cyclekit.terminal.printable import answer

if TYPE_CHECKING:
    from cyclekit.image.curation.audit import Counts


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
    from cyclekit.image.curation.audit import counts, findings, notes_of
    from cyclekit.image.curation.audit_sheet import write_audit_sheet
    from cyclekit.image.curation.grouping import groups_of
    from cyclekit.image.curation.looking import look_at
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
            answer(f"{one.what}: {one.pictures:,}: {first_few(one.names)}")
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
            answer(f"{one.what}: {one.sentences:,}: {first_few([name[:59] for name in one.names])}")
        if not looked.findings:
            answer("nothing suspicious found")
    if strict and looked.findings:
        raise RecipeError(f"{named}: {len(looked.findings)} kinds of findings, and --strict allows none")


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


def first_few(names: list[str]) -> str:
    from cyclekit.image.checking import first_names

    return first_names(names, 5)
