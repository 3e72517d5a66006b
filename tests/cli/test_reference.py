"""docs/commands.md is what the commands say of themselves: `make commands` writes it."""

import re
from pathlib import Path

import pytest
import typer

from cyclekit.cli import app

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def commands(group, called="cyclekit"):
    """(name as it is typed, command) of a command and all below it."""
    yield called, group
    for name, command in getattr(group, "commands", {}).items():
        yield from commands(command, f"{called} {name}")


ALL = dict(commands(typer.main.get_command(app)))


def section(called: str) -> str:
    """What the page says about a command: from its heading to the next one."""
    parts = re.split(r"^#+ (?:`(cyclekit[^`]*)`|.*)$", PAGE.read_text(), flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2]))
    return " ".join(found.get(None if called == "cyclekit" else called, "").split())


def test_the_page_has_a_section_for_every_command_and_for_no_other():
    headings = re.findall(r"^#+ `(cyclekit[^`]*)`$", PAGE.read_text(), flags=re.MULTILINE)
    assert headings == [called for called in ALL if called != "cyclekit"], "run `make commands`"


@pytest.mark.parametrize("called", [*ALL])
def test_every_section_is_current(called):
    said, command = section(called), ALL[called]
    wanted = [" ".join(command.help.split())] if command.help else []
    for parameter in command.params:
        flags = [parameter.metavar or parameter.name] if parameter.param_type_name == "argument" else parameter.opts
        wanted += [flags[-1], *([parameter.help] if getattr(parameter, "help", None) else [])]
    for words in wanted:
        assert " ".join(words.split()) in said, "run `make commands`"
    listed = set(re.findall(r"^\* `(--[\w-]+)", section(called).replace(" * ", "\n* "), flags=re.MULTILINE))
    known = {flag for parameter in command.params for flag in [*parameter.opts, *parameter.secondary_opts]}
    assert listed <= known | {"--help"}, "run `make commands`"
