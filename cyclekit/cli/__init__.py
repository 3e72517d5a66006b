"""The command line: the commands, and the one place where what goes wrong becomes a line and an exit status.

Every heavy import stands inside its command, so that `cyclekit --help` answers at once.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from cyclekit import __version__
from cyclekit.cli.compare import compare
from cyclekit.cli.console import INTERRUPTED, MISTAKE, in_flags
from cyclekit.cli.data import app as data_app
from cyclekit.cli.deploy import distill, export, live
from cyclekit.cli.group import Commands
from cyclekit.cli.lexicon import lexicon
from cyclekit.cli.recipes import check, import_, list_, new, show
from cyclekit.cli.train import run
from cyclekit.cli.use import evaluate, push, report, translate
from cyclekit.device import SaidElsewhere, refuse_several, refused_once
from cyclekit.registry import RecipeError
from cyclekit.terminal.printable import say

app = typer.Typer(
    name="cyclekit",
    cls=Commands,
    help="Train, use and judge CycleGANs for pictures and text.",
    epilog="Start with:  cyclekit run monet2photo   ·   then look at runs/monet2photo/*/report.html   ·   "
    "For the Tab key, once:  cyclekit --install-completion   (no network needed), and open a new shell",
    no_args_is_help=True,
    suggest_commands=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

COMMANDS: dict[str, Callable[..., None]] = {
    "run": run,
    "translate": translate,
    "evaluate": evaluate,
    "report": report,
    "push": push,
    "compare": compare,
    "export": export,
    "distill": distill,
    "live": live,
    "check": check,
    "show": show,
    "list": list_,
    "new": new,
    "import": import_,
    "lexicon": lexicon,
}
"""In the order in which `cyclekit --help` shows them; the group `data` comes last."""


def _print_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def cyclekit(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit.")
    ] = False,
) -> None:
    """Train, use and judge CycleGANs for pictures and text."""
    if context.invoked_subcommand not in (None, "run"):
        with refused_once():
            refuse_several(context.invoked_subcommand)


for name, command in COMMANDS.items():
    app.command(name)(command)
app.add_typer(data_app, name="data")

# Typer's newer versions bring a click of their own; this is the class of whichever is in use.
USAGE_ERROR: Any = typer.BadParameter.__base__

COMPLETE = "_CYCLEKIT_COMPLETE"
"""The variable by which a shell that has `--install-completion` asks what may follow."""

OF_THE_SYSTEM = {
    errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG,
}  # fmt: skip
"""Errors that say what is wrong with a disk or a path; any other may be a bug and keeps its traceback."""


def main() -> None:
    """The entry point: every mistake of the user is one line on stderr and exit status 2."""
    try:
        status = _command(sys.argv[1:] or ["--help"])
        sys.stdout.flush()  # here, where a reader that has gone away is no bug
        sys.exit(status)
    except USAGE_ERROR as error:
        where = error.ctx.command_path if error.ctx else "cyclekit"
        sys.exit(_mistake(f"{error.format_message().rstrip('.')}; see {where} --help"))
    except SaidElsewhere:
        sys.exit(MISTAKE)
    except RecipeError as error:
        sys.exit(_mistake(in_flags(error)))
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
    if COMPLETE in os.environ:  # a shell asks what may follow
        commands.main(arguments, prog_name="cyclekit")
    try:
        with commands.make_context("cyclekit", arguments) as context:
            commands.invoke(context)
    except typer.Exit as ended:
        return ended.exit_code
    return 0


def _mistake(message: str) -> int:
    say("cyclekit: " + " ".join(message.split()))
    return MISTAKE
