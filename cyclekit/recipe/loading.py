"""recipe.yaml: found, read, and resolved to one Recipe: a base, the recipe, a profile, and `--set` overrides."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from cyclekit.device import fastest
from cyclekit.pretrained import is_pretrained
from cyclekit.recipe.profiles import LIKE, NOT_SETTINGS, laid_over, of_same_parts
from cyclekit.recipe.schema import Recipe, measures
from cyclekit.recipe.train_section import both_sides
from cyclekit.recipe.validating import validated
from cyclekit.recipe.yaml_files import read_value, read_yaml
from cyclekit.registry import RecipeError, argument, did_you_mean, setting

PACKAGE = Path(__file__).parents[1]


def find_recipe(name: str) -> Path:
    """The folder of a recipe: a path to one, or the bare name of one that travels with cyclekit.

    Raises:
        RecipeError: no such recipe; names the nearest.
    """
    folder = Path(name)
    if (folder / "recipe.yaml").is_file():
        return folder
    if folder.is_file():
        raise RecipeError(f"{name}: a recipe is a folder with a recipe.yaml; give the folder")
    carried = carried_recipes()
    if name in carried:
        return carried[name]
    if folder.is_dir():
        raise RecipeError(f"{name}: this folder has no recipe.yaml; `cyclekit new NAME --from RECIPE` makes a recipe")
    # A path that is mistyped in its last part is as likely as a mistyped bare name.
    hint = did_you_mean(folder.name, carried)
    raise RecipeError(f"{name}: no such recipe{hint}; carried with cyclekit: {', '.join(sorted(carried))}")


def run_folder(run: str | Path) -> Path:
    """The folder of a run.

    Raises:
        RecipeError: there is none.
    """
    if is_pretrained(run):
        raise RecipeError(
            f"{run}: is carried in the package and stays as it is; translate, live, export, distill and "
            f"{argument('start_from')} "
            "take it"
        )
    folder = Path(run)
    if not (folder / "recipe.yaml").is_file():
        inside = sorted(path.parent for path in folder.glob("*/recipe.yaml") if is_run(path.parent))
        hint = f"did you mean {inside[-1]}?" if inside else "`cyclekit run` makes one under runs/"
        raise RecipeError(f"{run}: is not a run folder (no recipe.yaml); {hint}")
    return folder


def is_run(folder: Path) -> bool:
    """Whether this is a run's folder, and not a recipe's."""
    return (folder / "recipe.yaml").is_file() and (
        (folder / "environment.json").is_file() or (folder / "checkpoints").is_dir()
    )


def carried_recipes() -> dict[str, Path]:
    """Name -> folder of every recipe that travels with cyclekit."""
    return {found.parent.name: found.parent for found in sorted(_carried("recipes").glob("*/recipe.yaml"))}


def _carried(kind: str) -> Path:
    """`recipes` or `configs`: inside the package when installed, beside it in a checkout."""
    installed = PACKAGE / f"_{kind}"
    return installed if installed.is_dir() else PACKAGE.parent / kind


def load_recipe(
    folder: Path,
    *,
    profile: str | None = None,
    overrides: Sequence[str] | Mapping[str, Any] = (),
) -> Recipe:
    """Read, merge and check a recipe: base, then recipe, then profile, then overrides.

    Args:
        folder: holds recipe.yaml.
        profile: name of one of the recipe's profiles; None for the settings as they stand.
        overrides: `key.key=value` strings as after `--set`, or a mapping of dotted keys to values.

    Raises:
        RecipeError: unreadable YAML, unknown or ill-typed keys, an unknown base or profile.
    """
    path = folder / "recipe.yaml"
    settings = read_yaml(path)
    of_base: dict[str, Any] = {}
    base_name = settings.get("base")
    if base_name is not None:
        base = _read_base(base_name, path)
        own = settings.get("profiles")
        for name, of_profile in list(base.get("profiles", {}).items()):
            of_base[name] = base["profiles"][name] = of_same_parts(of_profile, base, settings)
            said = own.get(name) if isinstance(own, Mapping) else None  # the recipe's own profile of that name
            if isinstance(said, Mapping) and LIKE in said:  # what lies below it is another
                del base["profiles"][name]
            elif isinstance(said, Mapping):
                base["profiles"][name] = of_same_parts(of_base[name], base, said)
        settings = merged(base, settings)
    settings.setdefault("name", folder.resolve().name)
    if profile is not None:
        for laid in laid_over(settings.get("profiles") or {}, profile, path, of_base):
            settings = merged(settings, laid)
        settings["profile"] = profile
    given = _parse_overrides(overrides) if not isinstance(overrides, Mapping) else dict(overrides)
    for key, value in given.items():
        if not isinstance(key, str) or not all(key.split(".")):
            raise RecipeError(
                f"{setting(f'{key}={value}')}: write it as key=value, for example {setting('train.batch_size=4')}"
            )
        if key.split(".")[0] in NOT_SETTINGS:
            raise RecipeError(f"{setting(f'{key}={value}')}: is no setting; {NOT_SETTINGS[key.split('.')[0]]}")
        settings = merged(settings, _nested(key, value))
    recipe = validated(settings, str(path), given)
    recipe._folder = folder
    return recipe


LENGTHS = ("steps", "epochs", "budget")
"""The keys of a section that says how long to train."""


PUBLISHED = "published"
"""The name that means no profile: a recipe's settings as they stand."""


MADE = "made"
"""The profile for built-in data, which stand in for one's own: taken by itself where the recipe has it."""


def profile_named(profile: str | None) -> str | None:
    """The profile of this name, where `published` is none."""
    return None if profile == PUBLISHED else profile


def profile_for(recipe: str, profile: str | None, device: str) -> tuple[str | None, str]:
    """The profile to use on a device (auto, cpu, cuda or mps), and why: `cpu` or `gpu` where the recipe has it."""
    if profile is not None:
        return profile_named(profile), "as asked for"
    place = fastest() if device == "auto" else device.partition(":")[0]  # one of several cards is a card
    there = load_recipe(find_recipe(recipe)).profiles if place != "mps" else ()
    if place == "cpu":
        why = "no accelerator; the profile published has the published settings"
        return ("cpu", why) if "cpu" in there else (None, "the only one")
    if place == "cuda" and "gpu" in there:
        return "gpu", "a GPU is at hand; the profile published has the published settings"
    return None, "an accelerator is at hand" if device == "auto" else f"for {device}"


def profile_said(recipe: Recipe, why: str) -> str:
    """The profile of a recipe that was read, and why that one; a run has its own."""
    if recipe.folder is not None and is_run(recipe.folder):
        why = "the run's own"
    return f"{recipe.profile or PUBLISHED} ({why})"


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid on `under`, section by section. A section whose `name` changes loses the old part's options."""
    result = copy.deepcopy(dict(under))
    for key, value in over.items():
        below = result.get(key)
        if key == "start_from":  # one source, or one for each domain: never a bit of both
            result[key] = copy.deepcopy(value)
            continue
        if isinstance(value, str) and isinstance(below, Mapping) and "name" in below:
            value = {"name": value}
        if isinstance(below, str) and isinstance(value, Mapping):
            below = {"name": below}
        if key == "learning_rate" and isinstance(value, Mapping):
            below = both_sides(below)
        if key == "metrics" and isinstance(below, list) and isinstance(value, Mapping):
            below = measures(below)
        if key == "metrics" and isinstance(below, Mapping) and isinstance(value, list):
            value = measures(value)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            other_part = "name" in value and "name" in below and value["name"] != below["name"]
            result[key] = copy.deepcopy(dict(value)) if other_part else merged(below, value)
        else:
            result[key] = copy.deepcopy(value)
    # Training has one length: the one given last.
    if any(over.get(length) is not None for length in LENGTHS):
        result |= {length: None for length in LENGTHS if length in result and length not in over}
    return result


def as_listed(recipe: Recipe, source: Any) -> Any:
    """A source as `--data` names it: `builtin:NAME` is the recipe's own entry of that name, options and all.

    So `--data builtin:landscapes` gives summer2winter its summers and winters.
    """
    listed = recipe.data.options.get("sources")
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, Mapping) and source == f"builtin:{entry.get('builtin')}":
            return dict(entry)
    return source


def differing(one: Recipe, other: Recipe) -> dict[str, tuple[Any, Any]]:
    """Dotted key -> both values, for all in which two resolved recipes differ. A run's record is no setting."""
    exclude: dict[str, Any] = {key: True for key in ("base", "profiles", "extended", "started", "called")}
    if other.train.start_from is None:  # what a run started from need not be said again to go on with it
        exclude["train"] = {"start_from"}
    if one.domains != other.domains:  # names that the data gave need not be said again either
        one, other = (each.model_copy(update={"domains": each.called or each.domains}) for each in (one, other))
    flat_one, flat_other = (dotted(recipe.model_dump(mode="json", exclude=exclude)) for recipe in (one, other))
    keys = [key for key in {**flat_one, **flat_other} if flat_one.get(key) != flat_other.get(key)]
    return {key: (flat_one.get(key), flat_other.get(key)) for key in keys}


def _read_base(name: Any, path: Path) -> dict[str, Any]:
    known = {found.stem: found for found in _carried("configs").glob("*.yaml")}
    if not isinstance(name, str) or name not in known:
        there = ", ".join(sorted(known))
        raise RecipeError(
            f"{path}: base: no config is called '{name}'{did_you_mean(str(name), known)}; there are: {there}"
        )
    base = read_yaml(known[str(name)])
    if "base" in base:
        raise RecipeError(f"{known[name]}: base: a config has no base of its own; a recipe has at most one")
    return base


def _parse_overrides(overrides: Sequence[str]) -> dict[str, Any]:
    parsed = {}
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals or not key.strip():
            raise RecipeError(
                f"{setting(override)}: write it as key=value, for example {setting('train.batch_size=4')}"
            )
        try:
            parsed[key.strip()] = read_value(value)
        except yaml.YAMLError as error:
            raise RecipeError(
                f"{setting(override)}: the value is not valid YAML: {getattr(error, 'problem', error)}"
            ) from error
    return parsed


def _nested(key: str, value: Any) -> dict[str, Any]:
    for step in reversed(key.split(".")):
        value = {step: value}
    return value


def dotted(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings under dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping):
            flat |= dotted(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat
