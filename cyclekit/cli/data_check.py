"""`cyclekit data check`: a set looked over by the modality that its files are of, in words or as JSON."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cyclekit.cli.early import refuse_folders
from cyclekit.core.curation import first_names
from cyclekit.registry import RecipeError
from cyclekit.terminal.printable import answer

if TYPE_CHECKING:
    from cyclekit.core.curation import Audited
    from cyclekit.core.modality import Modality

COMMANDS = {"audit": "check", "pair": "pair", "select": "select"}
"""What a modality does with data -> the command that asks for it."""


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
    from cyclekit.terminal.screen import progress_bar

    modality, audit = able("audit", folders)
    options = {} if sheet is None else {"sheet": sheet}
    _refuse_others(audit, {"columns": columns, "sheet": sheet}, modality.items)
    if columns is not None:
        options["columns"] = _mapping(columns)
    with progress_bar(f"looking at every {modality.item}") as progress:
        looked: Audited = audit(folders, progress, **options)
    named = ", ".join(map(str, folders))
    if as_json:
        answer(json.dumps(looked.told, indent=1, ensure_ascii=False))
    else:
        _print_table(f"{named}  ·  {looked.layout}", looked.headings, looked.rows)
        for note in looked.notes:
            answer(note)
        for one in looked.findings:
            answer(f"{one.what}: {one.items:,}: {first_names(one.names, 5)}")
        if not looked.findings:
            answer("nothing suspicious found")
        if sheet is not None:
            answer(f"sheet: {sheet}")
    if strict and looked.findings:
        raise RecipeError(f"{named}: {len(looked.findings)} kinds of findings, and --strict allows none")


def able(what: str, places: Sequence[Path]) -> tuple[Modality, Callable[..., Any]]:
    """The modality whose items some files and folders hold, and its function `what`: "audit", "pair" or "select".

    Raises:
        RecipeError: they hold no items, or items of a modality that has no such function.
    """
    from cyclekit.core.modality import modalities
    from cyclekit.files.walking import counted, walk
    from cyclekit.plugins import load_plugins

    load_plugins()
    known = modalities()
    wanted = " or ".join(one.items for one in known if getattr(one, what) is not None)
    often = [(one.holds(places), one) for one in known if one.holds is not None]
    most, modality = max(often, key=lambda pair: pair[0])
    named = ", ".join(map(str, places))
    if not most:
        others = counted(walk(places[0]).only(lambda path: False).others) if places[0].is_dir() else ""
        raise RecipeError(f"{named}: {f'holds {others}, and ' if others else 'holds '}no {wanted}")
    function = getattr(modality, what)
    if function is None:
        raise RecipeError(f"{named}: holds {modality.items}, and `data {COMMANDS[what]}` is for {wanted}")
    return modality, function


def _refuse_others(audit: Callable[..., Any], given: Mapping[str, Any], items: str) -> None:
    """Refuse options that this modality's audit does not take."""
    taken = inspect.signature(audit).parameters
    for name, value in given.items():
        if value is not None and name not in taken:
            raise RecipeError(f"--{name} {value}: says nothing of {items}; leave it out for them")


def _mapping(columns: str) -> Any:
    import yaml

    from cyclekit.recipe.yaml_files import read_value

    try:
        wanted = read_value(columns) if columns else {}
    except yaml.YAMLError:
        wanted = columns
    if not isinstance(wanted, dict):
        raise RecipeError(f"--columns {columns}: write a mapping, as in --columns '{{text: review, label: stars}}'")
    return wanted


def _print_table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
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
