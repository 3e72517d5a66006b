"""What can be told at once: mistakes in names, paths, keys and values, refused before torch is imported.

Importing torch takes seconds, and a typo should not wait for them. Each of these looks does nothing where all is well,
and says nothing of what it cannot know; the command itself looks again, at everything.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from glob import has_magic
from pathlib import Path

from cyclekit.cli.console import in_flags
from cyclekit.cli.options import named_sources, start_sources
from cyclekit.cli.parts import Read, read_parts
from cyclekit.registry import RecipeError, check_part, did_you_mean
from cyclekit.starting.places import refuse_place


def refuse_recipe(
    name: str,
    profile: str | None = None,
    overrides: Sequence[str] = (),
    *,
    data: str | None = None,
    device: str = "auto",
    without: Collection[str] = (),
) -> None:
    """Refuse a recipe that is not there, or whose settings do not fit: keys, values, parts and their options.

    Args:
        profile: as after `--profile`; None leaves open which it will be, and only what is wrong in all of them is told.

    Raises:
        RecipeError: the first mistake.
    """
    from cyclekit.recipe.loading import MADE, find_recipe, load_recipe, profile_for

    folder = find_recipe(name)
    refuse_data(data)
    if profile is None and device == "auto":
        there = load_recipe(folder).profiles
        candidates = [None, *(name for name in ("cpu", "gpu", MADE) if name in there)]
    else:
        candidates = [profile_for(name, profile, device)[0]]
        if profile is None and MADE in load_recipe(folder).profiles:
            candidates.append(MADE)
    read = read_parts(folder, without)
    mistakes = [mistake for one in candidates if (mistake := _mistake(folder, one, overrides, read)) is not None]
    if len(mistakes) == len(candidates):
        raise RecipeError(mistakes[0])


def _mistake(folder: Path, profile: str | None, overrides: Sequence[str], read: Read) -> str | None:
    from cyclekit.recipe.loading import load_recipe
    from cyclekit.recipe.parts import for_each_space, parts_of

    try:
        recipe = load_recipe(folder, profile=profile, overrides=overrides)
        for where, kind, choice in parts_of(recipe):
            if (read.complete and read.closed) or choice.name in read.parts.get(kind, {}):
                for options in for_each_space(choice.options, f"{where}: {kind} '{choice.name}'"):
                    check_part(kind, choice.name, options, where, among=read.parts)
    except RecipeError as error:
        return in_flags(error)
    return None


def refuse_data(data: str | None) -> None:
    """Refuse `--data` that names files which are not there.

    Raises:
        RecipeError: no such file or folder.
    """
    source = named_sources(data)
    for one in source.values() if isinstance(source, dict) else [source]:
        elsewhere = not isinstance(one, str) or one.startswith(("hub:", "builtin:")) or has_magic(one)
        if not elsewhere and not Path(one).expanduser().exists():
            raise RecipeError(f"--data {one}: no such file or folder")


def refuse_start(given: list[str] | None) -> None:
    """Refuse `--from` that names weights which are not there.

    Raises:
        RecipeError: no such folder or file, or several sources that are not each for a domain of its own.
    """
    sources = start_sources(given)
    for one in sources.values() if isinstance(sources, dict) else [sources]:
        if one is not None:
            refuse_place(one)


def refuse_run(run: str, overrides: Sequence[str] = (), to: str | None = None) -> None:
    """Refuse a folder that is no run, overrides that its recipe does not take, and a domain that it has not.

    Raises:
        RecipeError: the first mistake.
    """
    from cyclekit.recipe.loading import load_recipe, run_folder

    domains = load_recipe(run_folder(run), overrides=overrides).domains
    if to is not None and to not in (domains.a, domains.b, "a", "b"):
        hint = did_you_mean(to, (domains.a, domains.b))
        raise RecipeError(f"--to {to}: is no domain of this run{hint}; it has: {domains.b}, {domains.a}")


def refuse_folders(folders: Sequence[Path]) -> None:
    """Refuse folders that are not there; `A,B` is a pair of files.

    Raises:
        RecipeError: no such folder.
    """
    for folder in folders:
        if not folder.exists() and "," not in str(folder):
            raise RecipeError(f"{folder}: no such folder; name folders of pictures, or files of sentences")


def refuse_inputs(inputs: Sequence[str]) -> None:
    """Refuse files to translate that are not there; `-` is standard input.

    Raises:
        RecipeError: no such file or folder.
    """
    for one in inputs:
        if one != "-" and not Path(one).exists():
            raise RecipeError(f"{one}: no such file or folder")
