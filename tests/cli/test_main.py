"""How the command line answers, whatever the command: at once, in one line, with an exit status scripts rely on."""

import subprocess
import sys

import pytest

import cyclekit
from tests.commands import PATIENCE, call, mistake, process, start

COMMANDS = ["run", "translate", "evaluate", "report", "compare", "check", "show", "list", "new", "import", "data"]

# Answering at once


def test_what_needs_no_library_imports_none():
    """What an answer costs is set by what is imported, and that is the same on every machine."""
    code = f"""
import sys
from cyclekit.cli import main
def loaded():
    return {{name.partition(".")[0] for name in sys.modules}} - set(sys.stdlib_module_names)
for arguments in [["--help"], ["nonsense"], *([command, "--help"] for command in {COMMANDS})]:
    sys.argv = ["cyclekit", *arguments]
    try:
        main()
    except SystemExit as ended:
        assert ended.code == (2 if arguments == ["nonsense"] else 0), arguments
    if arguments == ["--help"]:
        assert "pydantic" not in loaded()
assert not loaded() & {{"torch", "numpy", "PIL", "safetensors", "transformers", "datasets", "rich", "yaml"}}, loaded()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for command in COMMANDS:
        assert f"\n  {command} " in done.stdout
        assert f"Usage: cyclekit {command}" in done.stdout or f"{command} [OPTIONS]" in done.stdout


def test_no_command_shows_the_help():
    assert call() == call("--help")


def test_the_version_is_the_packages():
    assert call("--version") == (0, f"{cyclekit.__version__}\n", "")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("cyclekit ru", "run"),
        ("cyclekit data pa", "pair"),
        ("cyclekit run monet", "monet2photo"),
        ("cyclekit list gen", "generator"),
    ],
)
def test_a_shell_is_told_what_may_follow(typed, offered):
    asked = {"_CYCLEKIT_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(len(typed.split()) - 1)}
    assert process(**asked) == (0, f"{offered}\n", "")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["trainn"], "No such command 'trainn'; did you mean 'run'?"),
        (["train"], "No such command 'train'; did you mean 'run'?"),
        (["chekc"], "No such command 'chekc'; did you mean 'check'?"),
        (["Download"], "No such command 'Download'; did you mean 'data get'?"),
        (["xyzzy"], "No such command 'xyzzy'; see"),
        (["run"], "Missing argument 'RECIPE'"),
        (["run", "monet2photo", "--steps", "3"], "No such option: --steps"),
        (["run", "monet2photo", "--seed", "x"], "Invalid value for '--seed'"),
        (["new", "mine"], "Missing option '--from'"),
    ],
)
def test_wrong_usage_is_one_line_that_shows_where_to_look(arguments, line):
    said = mistake(call(*arguments))
    assert said.startswith(line)
    command = "cyclekit" if len(arguments) == 1 and arguments[0] not in COMMANDS else f"cyclekit {arguments[0]}"
    assert said.endswith(f"; see {command} --help")


# How it ends


def test_a_bug_keeps_its_traceback(monkeypatch):
    def broken(_):
        raise RuntimeError("a bug")

    monkeypatch.setattr("cyclekit.recipe.loading.find_recipe", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        call("show", "monet2photo")


def test_a_full_disk_is_one_line_wherever_it_shows(monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device", "somewhere")

    monkeypatch.setattr("cyclekit.recipe.loading.find_recipe", full)
    assert mistake(call("show", "monet2photo")) == "somewhere: No space left on device"


def test_interrupted_before_the_first_step(monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("cyclekit.recipe.loading.find_recipe", interrupted)
    ended = call("show", "monet2photo")
    assert (ended.status, ended.out, ended.err) == (130, "", "")


def test_a_reader_that_goes_away_is_no_bug():
    started = start("list", "recipe")
    started.stdout.close()
    assert started.wait(PATIENCE) == 0
    with started.stderr as said:
        assert said.read() == ""
