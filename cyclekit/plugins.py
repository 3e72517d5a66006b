"""Who brings parts: cyclekit itself, then installed packages, then the recipe's own plugin.py. In that order.

A recipe is its user's own, and so is its plugin. A run folder may be a stranger's, from an archive or from the hub: its
plugin.py runs where it is trusted, and nowhere else. What is trusted is a content, whose SHA-256 is kept in the user's
state folder; a run that is made on this machine has its plugin kept there.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Collection
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from pathlib import Path
from types import ModuleType

from cyclekit.files.base_folders import base_folder
from cyclekit.files.whole_file import write_whole
from cyclekit.registry import RecipeError, argument, brought_by
from cyclekit.terminal.printable import say

GROUP = "cyclekit.plugins"
PLUGIN = "plugin.py"
BUILT_IN = (
    "cyclekit.core.losses",
    "cyclekit.core.initialise",
    "cyclekit.core.schedules",
    "cyclekit.core.optimizers",
    "cyclekit.measuring.health",
    "cyclekit.measuring.generic",
    "cyclekit.core.cyclegan",
    "cyclekit.core.pix2pix",
    "cyclekit.image.parts",
    "cyclekit.text.parts",
    "cyclekit.builtin",
)
MOVED = {
    "cyclekit.core.metric": "cyclekit.measuring.metric",
    "cyclekit.core.health": "cyclekit.measuring.health",
    "cyclekit.core.resampling": "cyclekit.measuring.resampling",
    "cyclekit.core.judging": "cyclekit.core.adversarial",
    "cyclekit.core.files": "cyclekit.files.inputs",
    "cyclekit.core.whole_file": "cyclekit.files.whole_file",
    "cyclekit.image.listing": "cyclekit.image.picture_set",
    "cyclekit.text.listing": "cyclekit.text.text_set",
    "cyclekit.text.decoding": "cyclekit.text.search",
    "cyclekit.text.judge": "cyclekit.text.style_classifier",
}
"""What parts are written against, and where it stood before: a run folder keeps the plugin that it was made with."""
_loaded: set[str] = set()


def load_plugins(
    recipe_folder: Path | None = None,
    without: Collection[str] = (),
    *,
    of_run: bool = False,
    trust_plugin: bool = False,
) -> None:
    """Register every part there is. Loading twice is harmless.

    An installed package takes part by an entry point in the group `cyclekit.plugins` that names a module; importing
    the module registers its parts.

    Args:
        recipe_folder: where a recipe's `plugin.py` may lie.
        without: names of installed plugins to leave out.
        of_run: whether that is the folder of a run, whose plugin may be a stranger's.
        trust_plugin: whether that may run all the same, now and from now on.

    Raises:
        RecipeError: a plugin fails to load (names package and cause), a run's is not trusted, or `without` names none.
    """
    for module in BUILT_IN:
        importlib.import_module(module)
    for old, new in MOVED.items():
        _answer_to(old, importlib.import_module(new))
    for point in installed(without):
        if point.name not in _loaded:
            _load_installed(point)
            _loaded.add(point.name)
    if recipe_folder is not None and (recipe_folder / PLUGIN).is_file():
        _load_recipe_plugin(recipe_folder / PLUGIN, of_run, trust_plugin)


def is_trusted(code: bytes) -> bool:
    """Whether a plugin of this content was trusted on this machine, or came with a run that was made on it."""
    kept = _kept(code)
    return kept is not None and kept.is_file()


def trust(path: Path, code: bytes) -> None:
    """Remember that a plugin of this content may run; where that cannot be remembered, say so.

    Args:
        path: where it lies.
    """
    kept, why = _kept(code), "this user has no home"
    if kept is not None and kept.is_file():
        return
    if kept is not None:
        try:
            # The path is for people, who may delete what they trust no more.
            return write_whole(kept, os.fsencode(path.resolve()) + b"\n")
        except OSError as error:
            why = f"{kept.parent}: {error.strerror}"
    say(f"{path}: that it is trusted cannot be remembered ({why}); the next command asks again")


def _kept(code: bytes) -> Path | None:
    """The file that stands for trust in a plugin of this content; None for a user without a home."""
    state = base_folder("XDG_STATE_HOME", ".local/state")
    return None if state is None else state / "cyclekit" / "trusted-plugins" / hashlib.sha256(code).hexdigest()


def _answer_to(old: str, module: ModuleType) -> None:
    """Let a module be imported by an old name too, in every form."""
    package, _, name = old.rpartition(".")
    sys.modules[old] = module
    setattr(sys.modules[package], name, module)


def installed(without: Collection[str] = ()) -> list[EntryPoint]:
    """The installed plugins, but for those to leave out.

    Raises:
        RecipeError: `without` names none, or two packages bring one of the same name.
    """
    found = entry_points(group=GROUP)
    for name in without:
        if name not in found.names:
            there = ", ".join(sorted(found.names)) or "none"
            raise RecipeError(f"{argument('without', name)}: no installed plugin is called so; installed: {there}")
    wanted = [point for point in found if point.name not in without]
    for point in wanted:
        _refuse_twins(point.name, found)
    return wanted


def _refuse_twins(name: str, found: EntryPoints) -> None:
    packages = [_package(point) for point in found if point.name == name]
    if len(packages) > 1:
        raise RecipeError(
            f"plugin '{name}' is brought by {' and by '.join(packages)}; uninstall one, or go on with "
            + argument("without", name)
        )


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "an unknown package"


def _load_installed(point: EntryPoint) -> None:
    try:
        with brought_by(point.name):
            point.load()
    except Exception as error:
        raise RecipeError(
            f"plugin '{point.name}' of {_package(point)} fails to load: {type(error).__name__}: {error}; "
            f"mend or uninstall it, or go on with {argument('without', point.name)}"
        ) from error


def _load_recipe_plugin(path: Path, of_run: bool, trust_plugin: bool) -> None:
    # Not `path.resolve()`: in the hub's cache the file is a link to one whose name does not end in .py.
    path = path.parent.resolve() / path.name
    name = f"cyclekit_recipe_{path.parent.name}"
    if name in sys.modules and getattr(sys.modules[name], "__file__", None) == str(path):
        return
    try:
        code = path.read_bytes()
    except OSError as error:
        raise RecipeError(f"{path}: cannot be read: {error.strerror}") from error
    if of_run and trust_plugin:
        trust(path, code)
    elif of_run and not is_trusted(code):
        raise RecipeError(
            f"{path}: came with this run, and would run on this machine; read it, and if you trust it, add "
            f"{argument('trust_plugin', True)}"
        )
    specification = importlib.util.spec_from_file_location(name, path)
    assert specification is not None, "a .py file always has a specification"
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    try:
        # One origin for every recipe's plugin: a run folder keeps a copy, which may load after the recipe's own.
        with brought_by("plugin.py"):
            # Not by the module's loader, which would take a compiled file beside it, that nobody has read.
            exec(compile(code, path, "exec", dont_inherit=True), module.__dict__)
    except Exception as error:
        del sys.modules[name]
        raise RecipeError(f"{path}: fails to load: {type(error).__name__}: {error}") from error
