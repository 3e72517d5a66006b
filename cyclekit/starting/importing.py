"""Somebody's trained generator becomes a run, which `translate` uses at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cyclekit import registry
from cyclekit.plugins import load_plugins
from cyclekit.recipe.validating import validated
from cyclekit.registry import RecipeError
from cyclekit.runs import checkpoint
from cyclekit.runs import folder as runs


def import_weights(
    weights: Path,
    out: Path,
    *,
    key: str | None = None,
    back: Path | None = None,
    back_key: str | None = None,
    domains: tuple[str, str] = ("a", "b"),
    without: Sequence[str] = (),
) -> tuple[Path, list[str]]:
    """Make a run folder with one checkpoint from a file of weights.

    Args:
        weights: a file with a generator that makes the second domain.
        key: which of its networks that is, where it holds several.
        back: a file with one of the same architecture that makes the first; None where there is none, or where
            `back_key` names one of `weights`.
        back_key: which network of that file.
        domains: display names, source and target.
        without: installed plugins to leave out.

    Returns:
        The run folder, and what there is to know about the import, one sentence each.

    Raises:
        RecipeError: not a known generator's file, two different architectures, or `out` is taken.
    """
    load_plugins(without=without)
    forth = _generator(weights, key)
    generators = {"b": forth}
    notes = list(forth.notes)
    if back is not None or back_key is not None:
        generators["a"] = _generator(back or weights, back_key)
        _check_way_back(back or weights, generators["a"], forth)
        notes += [f"back: {note}" for note in generators["a"].notes if note not in forth.notes]
    shown = ", ".join(f"{key}={value}" for key, value in forth.options.items())
    settings, more = forth.settings(both_ways="a" in generators)
    notes = [f"{weights}: {forth.part} with {shown}; {forth.takes}", *notes, *more]
    named = {"title": f"imported from {weights.name}", "domains": {"a": domains[0], "b": domains[1]}}
    recipe = validated({"name": "imported", **named, **settings}, str(weights))
    tensors = {
        f"{domain}.{key}": value for domain, imported in generators.items() for key, value in imported.state.items()
    }
    with runs.new_run(recipe, out) as folder:
        checkpoint.save(folder, 0, {"generators": tensors}, {"step": 0}, forth.codecs)
    return folder, notes


def _generator(path: Path, key: str | None) -> Any:
    """A generator as a part that reads weights finds it; where several do, the first that knows the file."""
    refused: list[RecipeError] = []
    for name in registry.names("weights"):
        try:
            imported = registry.build("weights", name, path, options={"key": key, "kind": "generator"})
        except RecipeError as error:
            refused.append(error)
            continue
        if imported.kind != "generator":
            raise RecipeError(f"{path}: is a {imported.kind} ({imported.part}); a run is made from a generator's file")
        return imported
    raise refused[0]


def _check_way_back(path: Path, back: Any, forth: Any) -> None:
    """A run has one architecture for both directions."""
    if (back.part, back.options) != (forth.part, forth.options):
        there, here = ({"part": each.part, **each.options} for each in (back, forth))
        differing = [key for key in {**here, **there} if here.get(key) != there.get(key)]
        told = ", ".join(f"{key} {there.get(key)} against {here.get(key)}" for key in differing)
        raise RecipeError(f"{path}: is another architecture: {told}; a run has one for both directions")
    if not back.is_way_back_of(forth):
        raise RecipeError(f"{path}: goes from {back.takes}, which is not the way back of {forth.takes}")
