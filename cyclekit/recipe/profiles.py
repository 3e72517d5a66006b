"""What a profile lays over a recipe: its own settings, below them those of the profile that it is like.

profiles:
  cpu: {generator: {width: 24}, train: {steps: 2400}}
  cpu-long: {like: cpu, train: {steps: 20000}}     # as `cpu`, but for what it says itself
  made: {like: base/cpu}                           # the base's own `cpu`, without what this recipe makes of it
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cyclekit.registry import RecipeError, argument, did_you_mean, setting

LIKE = "like"
"""The key of a profile that names the one below it."""

OF_BASE = "base/"
"""What stands before the name of a profile of the base."""

NOT_SETTINGS = {
    "profile": f"choose a profile with {argument('profile', 'NAME')}",
    "profiles": "profiles stand in recipe.yaml",
    "base": "the base stands in recipe.yaml",
    "called": f"a run's own record; {setting('domains.a=NAME')} names a domain",
    "extended": "a run's own record; cyclekit run --resume RUN --set train.steps=N trains longer",
    "started": f"a run's own record; {argument('start_from', 'SOURCE')} starts from weights",
}
"""Keys that neither an override nor a profile can change, since they are read before both."""


def laid_over(
    profiles: Any, name: str, path: Path, of_base: Mapping[str, Any], above: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """What a profile lays over a recipe's settings, the lowest first.

    Args:
        profiles: of the recipe, those of its base among them.
        path: the recipe's file, for errors.
        of_base: the profiles of the base alone.
        above: the profiles that are like this one.

    Raises:
        RecipeError: no such profile, one that is like itself, or settings that no profile can change.
    """
    own = dict(_profile(profiles, name, path))
    like = own.pop(LIKE, None)
    if like is None:
        return [own]
    where = f"{path}: profiles.{name}.{LIKE}"
    if not isinstance(like, str):
        raise RecipeError(f"{where}: {like!r}; write the name of another profile, such as {LIKE}: cpu")
    if like in (*above, name):
        raise RecipeError(f"{where}: {like} is itself like {name}; name another profile")
    if like.startswith(OF_BASE):
        there = like.removeprefix(OF_BASE)
        if there not in of_base:
            names = ", ".join(f"{OF_BASE}{each}" for each in of_base) or "none"
            raise RecipeError(f"{where}: the base has no profile called '{there}'; there are: {names}")
        return [*laid_over(of_base, there, path, {}), own]
    return [*laid_over(profiles, like, path, of_base, (*above, name)), own]


def _profile(profiles: Any, name: str, path: Path) -> dict[str, Any]:
    """What stands under the name of one profile."""
    if not isinstance(profiles, dict):
        raise RecipeError(f"{path}: profiles: should be a mapping of names to settings")
    if name not in profiles:
        there = ", ".join([*sorted(map(str, profiles)), "published"])
        raise RecipeError(f"{path}: no profile is called '{name}'{did_you_mean(name, profiles)}; there are: {there}")
    settings = profiles[name] or {}
    if not isinstance(settings, dict):
        raise RecipeError(f"{path}: profiles.{name}: {settings!r} should be a mapping of keys to values")
    for key in NOT_SETTINGS:
        if key in settings:
            raise RecipeError(f"{path}: profiles.{name}.{key}: no profile can change this; {NOT_SETTINGS[key]}")
    return settings


def of_same_parts(profile: Mapping[str, Any], base: Mapping[str, Any], recipe: Mapping[str, Any]) -> dict[str, Any]:
    """A base's profile without what it says of parts that a recipe, or the recipe's own profile, has exchanged.

    It was written for the base's own parts.
    """
    kept: dict[str, Any] = {}
    for key, value in profile.items():
        under, over = base.get(key), recipe.get(key)
        names = [one.get("name") if isinstance(one, Mapping) else one for one in (under, over)]
        with_options = any(isinstance(one, Mapping) for one in (value, under, over))
        exchanged = isinstance(names[1], str) or (key in recipe and over is None)  # None: it has no such part
        if with_options and isinstance(names[0], str) and exchanged and names[0] != names[1]:
            continue
        if isinstance(value, Mapping) and isinstance(under, Mapping) and isinstance(over, Mapping):
            value = of_same_parts(value, under, over)
        kept[key] = value
    return kept
