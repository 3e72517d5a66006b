"""Who brings parts: cyclekit itself, then installed packages, then the recipe's own plugin.py. In that order."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Collection
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from pathlib import Path

from cyclekit.registry import RecipeError, brought_by

GROUP = "cyclekit.plugins"
BUILT_IN = (
    "cyclekit.core.losses",
    "cyclekit.core.initialise",
    "cyclekit.core.schedules",
    "cyclekit.core.health",
    "cyclekit.core.cyclegan",
    "cyclekit.core.pix2pix",
    "cyclekit.image",
    "cyclekit.text",
)
_loaded: set[str] = set()


def load_plugins(recipe_folder: Path | None = None, without: Collection[str] = ()) -> None:
    """Register every part there is. Loading twice is harmless.

    An installed package takes part by an entry point in the group `cyclekit.plugins` that names a module; importing
    the module registers its parts.

    Args:
        recipe_folder: where a recipe's `plugin.py` may lie.
        without: names of installed plugins to leave out.

    Raises:
        RecipeError: a plugin fails to load (names package and cause), or `without` names none.
    """
    for module in BUILT_IN:
        importlib.import_module(module)
    for point in installed(without):
        if point.name not in _loaded:
            _load_installed(point)
            _loaded.add(point.name)
    if recipe_folder is not None and (recipe_folder / "plugin.py").is_file():
        _load_recipe_plugin(recipe_folder / "plugin.py")


def installed(without: Collection[str] = ()) -> list[EntryPoint]:
    """The installed plugins, but for those to leave out.

    Raises:
        RecipeError: `without` names none, or two packages bring one of the same name.
    """
    found = entry_points(group=GROUP)
    for name in without:
        if name not in found.names:
            there = ", ".join(sorted(found.names)) or "none"
            raise RecipeError(f"--without {name}: no installed plugin is called so; installed: {there}")
    wanted = [point for point in found if point.name not in without]
    for point in wanted:
        _refuse_twins(point.name, found)
    return wanted


def _refuse_twins(name: str, found: EntryPoints) -> None:
    packages = [_package(point) for point in found if point.name == name]
    if len(packages) > 1:
        raise RecipeError(
            f"plugin '{name}' is brought by {' and by '.join(packages)}; uninstall one, or go on with --without {name}"
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
            f"mend or uninstall it, or go on with --without {point.name}"
        ) from error


def _load_recipe_plugin(path: Path) -> None:
    # Not `path.resolve()`: in the hub's cache the file is a link to one whose name does not end in .py.
    path = path.parent.resolve() / path.name
    name = f"cyclekit_recipe_{path.parent.name}"
    if name in sys.modules and getattr(sys.modules[name], "__file__", None) == str(path):
        return
    specification = importlib.util.spec_from_file_location(name, path)
    assert specification is not None, "a .py file always has a specification"
    assert specification.loader is not None, "and a loader"
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    try:
        # One origin for every recipe's plugin: a run folder keeps a copy, which may load after the recipe's own.
        with brought_by("plugin.py"):
            specification.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise RecipeError(f"{path}: fails to load: {type(error).__name__}: {error}") from error
