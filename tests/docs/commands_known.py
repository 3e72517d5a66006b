"""What a page tells to type, held against what there is: commands, flags, recipes, settings, domains, published sets.

Nothing is run and torch is not asked: this is the check for commands that would take an hour, a GPU or a network.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from cyclekit.cli import USAGE_ERROR, app
from cyclekit.cli.early import refuse_recipe
from cyclekit.download.catalogue import published
from cyclekit.recipe.loading import carried_recipes, load_recipe
from cyclekit.registry import RecipeError
from tests.docs.pages import ROOT, text_of

PLACEHOLDER = re.compile(r"[A-Z][A-Z_/.:]*")
"""RUN, NAME, OWNER/NAME, TIME: what a reader puts in."""

OF_A_RUN = ("monet2photo", "facades", "formal2informal", "negative2positive")
"""Recipes for settings of a run that is only called RUN: they fit one of these."""

ELSEWHERE = {
    "cd",
    "curl",
    "echo",
    "exit",
    "export",
    "git",
    "hf",
    "rsync",
    "source",
    "mlflow",
    "npm",
    "wandb",
    "nvidia-smi",
    "jupyter",
    "pipx",
}
"""Programs that are not ours."""


def complain(words: Sequence[str], page: Path) -> str | None:
    """What is wrong with a command; None where nothing is."""
    words = [word for word in words if not re.fullmatch(r"[A-Z_]+=\S*", word)] if "=" in words[0] else list(words)
    program = Path(words[0]).name
    check = {"cyclekit": _cyclekit, "make": _make, "pip": _pip, "python": _python, "torchrun": _torchrun}.get(program)
    if check is not None:
        return check(words[1:], page)
    return None if program in ELSEWHERE else f"{program}: no program that a page may name without a word"


def _cyclekit(words: list[str], page: Path) -> str | None:
    group: Any = typer.main.get_command(app)
    if not words or words[0].startswith("-"):
        known = {flag for parameter in group.params for flag in parameter.opts} | {
            "--help", "--install-completion", "--show-completion"}  # fmt: skip
        return None if set(words) <= known else f"no such option: {words}"
    name, command = "cyclekit", group
    while hasattr(command, "commands") and words:
        name, command, words = words[0], command.commands.get(words[0]), words[1:]
        if command is None:
            return f"no such command: {name}"
    if "--help" in words or hasattr(command, "commands"):
        return None
    try:
        context = command.make_context(name, list(words))
    except USAGE_ERROR as error:
        return error.format_message()
    return _sensible(name, context.params, page)


def _sensible(command: str, given: dict[str, Any], page: Path) -> str | None:
    if command == "get" and re.fullmatch(r"[\w-]+", given["name"]) and not PLACEHOLDER.fullmatch(given["name"]):
        try:
            published(given["name"])
        except RecipeError as error:
            return str(error)
    settings = [each for each in given.get("set_") or [] if not PLACEHOLDER.fullmatch(each.partition("=")[2])]
    named = given.get("recipe") or given.get("from_") if command in ("run", "show", "check", "new") else None
    names = [named] if isinstance(named, str) else list(named or [])
    carried = [Path(name).name for name in names if Path(name).name in carried_recipes()]
    unknown = [name for name in names if re.fullmatch(r"[\w-]+", name) and name not in carried_recipes()]
    unknown = [
        name for name in unknown if not PLACEHOLDER.fullmatch(name) and f"cyclekit new {name} " not in text_of(page)
    ]
    if unknown:
        return f"no such recipe: {unknown[0]}"
    if settings and carried:
        return _first(_refused(name, given.get("profile"), tuple(settings)) for name in carried)
    if settings and not names:  # else it is a recipe of the reader's own
        refused = []
        for name in OF_A_RUN:
            refused.append(_refused(name, given.get("profile"), tuple(settings)))
            if refused[-1] is None:
                return None
        return refused[0]
    domain = given.get("direction" if command == "export" else "to")
    if domain is not None and not PLACEHOLDER.fullmatch(domain):
        of = [page.parent.name] if page.parent.name in carried_recipes() else list(carried_recipes())
        known = {name for recipe in of for name in load_recipe(carried_recipes()[recipe]).domains.model_dump().values()}
        return None if domain in known else f"--to {domain}: no domain of {', '.join(of)}"
    return None


@functools.cache
def _refused(recipe: str, profile: str | None, settings: tuple[str, ...]) -> str | None:
    try:
        refuse_recipe(recipe, profile, settings)
    except RecipeError as error:
        return str(error)
    return None


def _first(complaints: Any) -> str | None:
    return next((complaint for complaint in complaints if complaint is not None), None)


def _make(words: list[str], page: Path) -> str | None:
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    return _first(f"no target {word}" for word in words if "=" not in word and word not in targets)


def _pip(words: list[str], page: Path) -> str | None:
    extras = set(re.findall(r"^(\w+) = \[", text_of(ROOT / "pyproject.toml"), re.MULTILINE))
    asked = {
        extra.strip() for word in words for extra in ",".join(re.findall(r"^(?:cyclekit|\.)\[(.*)\]", word)).split(",")
    }
    return _first(f"no extra {extra}" for extra in asked - {""} if extra not in extras)


def _torchrun(words: list[str], page: Path) -> str | None:
    return _cyclekit(words[words.index("cyclekit") + 1 :], page) if "cyclekit" in words else "starts nothing of ours"


def _python(words: list[str], page: Path) -> str | None:
    if words[:1] == ["-m"]:
        module = ROOT / words[1].replace(".", "/")
        ours = words[1].split(".")[0] in ("experiments", "benchmarks", "cyclekit", "tests")
        return None if not ours or module.with_suffix(".py").exists() or module.is_dir() else f"no module {words[1]}"
    return _first(f"no file {word}" for word in words[:1] if word.endswith(".py") and not (ROOT / word).exists())
