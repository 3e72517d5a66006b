"""Following a page as a reader would: every command and every line of Python on it, from top to bottom, in one place.

Trainings are made small by settings that stand before the page's own, so that what a page sets counts; lengths are
replaced. Everything happens in this process, where torch is imported once.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import cyclekit
from cyclekit.recipe.loading import MADE, find_recipe, load_recipe, profile_named
from tests.commands import Result, call, flags
from tests.docs.pages import Command, blocks, pipelines
from tests.small_recipes import small

EVERYWHERE = {
    "images": {"data.validation": 0, "validation.metrics": [], "validation.criterion": None, "train.save_every": 2},
    "sentences": {"metrics": [], "validation.metrics": [], "validation.criterion": None, "health.checks": []},
}
"""What makes a recipe quicker yet, by its data part: nothing is chosen, and nothing measured while it trains."""

STEPS = 4

MEASURED = ("monet2photo",)
"""Recipes whose own metrics look through large networks, which takes longer than the pages' trainings together."""


@dataclass
class Place:
    """Where a page is followed, and how what it says is read there."""

    folder: Path
    small: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What makes a recipe small, by its name, where that is not what makes it so in other tests."""
    replaced: Mapping[str, str] = field(default_factory=dict)
    """Words of the page that are too large for a test, and what stands for them."""
    python_is: str | None = None
    """The file that a reader saves the page's Python in; None: it is executed."""

    def small_for(self, recipe: str, profile: str | None = None, data: Any = None) -> dict[str, Any]:
        """What makes a recipe small, on other data than its own where some are named."""
        if recipe in self.small:
            return {**self.small[recipe]}
        folder = find_recipe(recipe)
        if profile is None:  # what the command takes by itself
            built_in = data is None or str(data).startswith("builtin:")
            taken = [MADE, "cpu"] if built_in else ["cpu"]
            profile = next((name for name in taken if name in load_recipe(folder).profiles), None)
        profile = profile_named(profile)
        settings = small(recipe, profile) | EVERYWHERE[load_recipe(folder, profile=profile).data.name]
        if data is not None:
            del settings["data.sources"]
        return settings


class Done(NamedTuple):
    """A command that was run, and how it ended."""

    words: list[str]
    result: Result


def follow(page: Path, place: Place, patch: pytest.MonkeyPatch, names: dict[str, Any] | None = None) -> Iterator[Done]:
    """Run what a page says; each command once it is asked for.

    Args:
        names: what the page's Python names, and what it finds.
    """
    patch.chdir(place.folder)
    patch.setenv("XDG_CACHE_HOME", str(place.folder / ".cache"))
    patch.setenv("HOME", str(place.folder))
    names = {} if names is None else names
    last: list[Done] = []
    before = ""
    for block in blocks(page):
        below_a_tree, before = before == "tree", block.language
        if below_a_tree:  # its command is for that tree: test_own_pictures.py
            last = []
            continue
        text = block.text
        for said, stands in place.replaced.items():
            text = text.replace(said, shlex.quote(stands) if block.language == "sh" else stands)
        if block.not_run is None and block.language == "sh":
            last = []
            for commands in pipelines(text):
                for command in commands:
                    if command.words[0] in ("cyclekit", "torchrun"):
                        last.append(run(command, place, patch))
                        assert last[-1].result.status == 0, (block.place, command.words, last[-1].result.err)
                        yield last[-1]
                    else:
                        assert shell(command.words), f"{block.place}: {command.words[0]} is not run; mark the block"
        elif block.not_run is None and block.language == "python" and place.python_is is not None:
            save(text, Path(place.python_is))
        elif block.not_run is None and block.language == "python":
            execute(text, names, place, patch)
        elif block.language == "said" and last:
            told = "".join(done.result.err + done.result.out for done in last)
            assert_said(text, told, block.place)


def run(command: Command, place: Place, patch: pytest.MonkeyPatch) -> Done:
    """A command of ours, its placeholders filled and its training made small."""
    launcher, words = split_launcher(command.words)
    words = [word for given in words for word in filled(given)]
    if words[0] in ("run", "check") and "--resume" not in words:
        profile = words[words.index("--profile") + 1] if "--profile" in words else None
        words[2:2] = flags(
            place.small_for(words[1], profile, words[words.index("--data") + 1] if "--data" in words else None)
        )
    if words[0] == "evaluate" and "--set" not in words and load_recipe(Path(words[1])).name in MEASURED:
        words += flags({"metrics": ["structure"]})
    if command.given is not None:
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"{command.given}\n".encode())))
    if launcher:  # processes of their own, which have this machine's GPUs only if there are enough
        return Done(command.words[1:], together(launcher, [*words, "--device", "cpu"]))
    return Done(command.words[1:], call(*words))


def split_launcher(words: list[str]) -> tuple[list[str], list[str]]:
    """The arguments of torchrun, none mostly, and those of our command."""
    at = words.index("cyclekit")
    return words[1:at], words[at + 1 :]


def together(launcher: list[str], words: list[str]) -> Result:
    """A command in several processes, as `torchrun` starts them."""
    command = [sys.executable, "-m", "torch.distributed.run", *launcher, "cyclekit", *words]
    ended = subprocess.run(
        command, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False
    )
    return Result(ended.returncode, ended.stdout, ended.stderr)


def filled(word: str) -> list[str]:
    """As a shell and a reader fill a word: RUN is the newest run, OTHER the one before, TIME the recipe's newest."""
    if word in ("RUN", "OTHER"):
        return [str(newest(Path("runs").glob("*/*/recipe.yaml"), before=word == "OTHER"))]
    if word.endswith("/TIME"):
        return [str(newest(Path(word).parent.glob("*/recipe.yaml")))]
    if word.endswith("/*"):
        return sorted(map(str, Path().glob(word)))
    return [str(Path(word).expanduser())] if word.startswith("~/") else [word]


def newest(recipes: Iterator[Path], before: bool = False) -> Path:
    return sorted(recipes, key=lambda found: found.stat().st_mtime_ns)[-2 if before else -1].parent


def shell(words: list[str]) -> bool:
    """What a shell does for a page beside our commands; whether it was done."""
    match words:
        case ["echo", *_] | ["exit"]:
            return True
        case ["cp", *_, source, target] if len(words) == 3:
            shutil.copy(source, target)
            return True
        case ["python", "-c", code]:
            exec(code, {})
            return True
    return False


def save(code: str, file: Path) -> None:
    """Add lines of Python to a plugin, which the next command reads anew, as another process would."""
    with file.open("a", encoding="utf-8") as plugin:
        plugin.write(code)
    sys.modules.pop(f"cyclekit_recipe_{file.parent.name}", None)


def execute(code: str, names: dict[str, Any], place: Place, patch: pytest.MonkeyPatch) -> None:
    """Lines of Python, in one namespace for a page."""
    load: Callable[..., Any] = cyclekit.load

    def small_load(recipe: Any, *, overrides: Any = (), profile: str | None = None, **others: Any) -> Any:
        if "resuming" not in others:
            overrides = place.small_for(str(recipe), profile, others.get("data")) | dict(overrides)
            overrides["train.steps"] = min(overrides["train.steps"], STEPS)
        return load(recipe, overrides=overrides, profile=profile, **others)

    with patch.context() as patched:
        patched.setattr(cyclekit, "load", small_load)
        code = re.sub(r'"([^"\n]*/TIME)"', lambda match: repr(filled(match[1])[0]), code)
        exec(compile(code, "a page", "exec"), names)


def assert_said(expected: str, told: str, where: str) -> None:
    """Each line stands in what was told; an ellipsis is anything."""
    for line in expected.splitlines():
        pattern = ".*".join(map(re.escape, re.split(r"…", line.strip())))
        assert re.search(pattern, told), (where, line, told)
