"""What commands tell whoever called them: the table of metrics, and how they ended."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclekit.registry import RecipeError
from cyclekit.terminal.printable import say

if TYPE_CHECKING:
    from rich.text import Text

    from cyclekit.terminal.screen import Screen

INTERRUPTED = 130
"""The exit status after Ctrl-C, as shells give it."""

MISTAKE = 2
"""The exit status after what the user can mend."""


FLAGS = {
    "temperature": "sample", "best": "n-best", "overrides": "set", "start_from": "from", "most": "max-size",
}  # fmt: skip
"""Arguments of Python's functions whose flags are called otherwise."""


def in_flags(error: RecipeError) -> str:
    """A mistake in the command line's words."""
    return error.in_flags(FLAGS)


def unsaid(message: str) -> None:
    """Stands for `say` where nothing is to be said."""


def asked_to_trust(folder: Path) -> bool:
    """Whether somebody at a terminal lets the untrusted plugin.py of a run folder run; nobody is asked elsewhere."""
    from cyclekit.plugins import PLUGIN, is_trusted
    from cyclekit.recipe.loading import is_run

    path = folder / PLUGIN
    if not (sys.stdin.isatty() and sys.stderr.isatty() and path.is_file() and is_run(folder)):
        return False
    if is_trusted(path.read_bytes()):
        return False
    say(f"{path} came with this run, and would run on this machine. Read it first. Let it run? [y/N]")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def as_wide_as_it_is(otherwise: int = 120) -> Screen:
    """A screen for tables: a file or pipe has no window to fit, and nothing in a run's settings is markup."""
    from cyclekit.terminal.screen import Screen

    return Screen(width=None if sys.stdout.isatty() else otherwise, markup=False, highlight=False)


def print_metrics(result: dict[str, Any]) -> None:
    """Print what `evaluate` measured, as it stands in metrics.json: a table for each direction, and the notes to it."""
    from rich.table import Table

    from cyclekit.terminal.screen import table_screen

    console = table_screen()
    found = f", searched with a beam of {result['beam']}" if result["beam"] else ""
    if result.get("reranking"):
        found += f" and chosen by {result['reranking']}"
    made_by = f"step {result['step']:,}, {result['weights']}{found}"
    console.print(f"{result['data']}  ·  {made_by}", highlight=False, soft_wrap=True)
    notes: dict[str, list[str]] = {}
    unmeasured: dict[str, None] = {}
    intervals, split = False, result.get("split", "held-out")
    for direction, measured in result["directions"].items():
        title = f"{direction}: {measured['items']} {split} items against {measured['references']}"
        if measured.get("size"):
            title += f"; size: {measured['size']}"
        table = Table(title=title, title_justify="left")
        longest = max((len(word) for name in measured["better"] for word in name.split()), default=0)
        table.add_column("", min_width=longest)  # in a narrow window intervals break, and names and numbers do not
        for row in measured["rows"]:
            table.add_column(row, justify="right", overflow="fold")
        table.add_column("better is")
        for name, better in measured["better"].items():
            cells = [_cell(values.get(name)) for values in measured["rows"].values()]
            intervals = intervals or any("\n" in cell.plain for cell in cells)
            table.add_row(name, *cells, better)
            for note in measured["protocol"].get(name, {}).get("notes", []):
                notes.setdefault(note, []).append(name)
        if measured["better"]:
            console.print(table)
        unmeasured |= {f"{name} is not measured: {why}": None for name, why in measured["not measured"].items()}
    if intervals:
        console.print(f"Below a number: its 95 % interval over the {split} items.", highlight=False, soft_wrap=True)
    for note, names in notes.items():
        console.print(f"{note}  ({', '.join(dict.fromkeys(names))})", highlight=False, soft_wrap=True)
    for line in unmeasured:
        say(line)


def _cell(measured: dict[str, Any] | None) -> Text:
    """A value, and below it its interval."""
    from rich.text import Text

    from cyclekit.report.intervals import as_measured

    found = None if measured is None else as_measured(measured)
    if found is None:
        return Text()
    return Text.assemble(f"{found.value:.4g}", (f"\n{found.interval}" if found.interval else "", "dim"))
