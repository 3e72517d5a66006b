"""The report's settings: what differs from the recipe as published, and the whole resolved recipe."""

from __future__ import annotations

import functools
from html import escape
from typing import Any, NamedTuple

import yaml

from cyclekit.recipe.loading import carried_recipes, load_recipe
from cyclekit.registry import RecipeError
from cyclekit.report.run_folder import Record
from cyclekit.report.words import empty, flat, plain, table

OF_NO_CONSEQUENCE = {"name", "title", "profile", "base"}
"""Keys that name a run's settings and are none."""


class PublishedRecipe(NamedTuple):
    """A recipe that travels with cyclekit: every setting as published, and by the run's profile."""

    settings: dict[str, Any]
    by_profile: dict[str, Any]


class Difference(NamedTuple):
    """A setting of a run that is not the published one."""

    key: str
    published: str
    here: str
    because: str


def settings(recipe: Record) -> str:
    """A table of what differs, and, folded, the whole resolved recipe."""
    if not recipe:
        return empty("recipe.yaml is not there or holds nothing.")
    alone = {key: value for key, value in recipe.items() if not isinstance(value, dict)}
    sections = {key: value for key, value in recipe.items() if isinstance(value, dict)}
    cards = [("recipe", alone)] if alone else []
    cards += [(str(key), value) for key, value in sections.items()]
    whole = "".join(f'<div class="card"><h3>{escape(name)}</h3>{table(values)}</div>' for name, values in cards)
    return (
        f"{_differences(recipe)}<details><summary>All settings, resolved: what recipe.yaml in the run folder holds"
        f'</summary><div class="settings">{whole}</div></details>'
    )


def differences(recipe: Record) -> list[Difference] | None:
    """What a run's settings change of the recipe as published; None where that recipe does not travel with cyclekit."""
    profile = str(recipe.get("profile") or "") or None
    published = _published(str(recipe.get("name")), profile)
    if published is None:
        return None
    here, found = flat_settings(recipe), []
    for key in {**published.settings, **here}:
        one, other = published.settings.get(key), here.get(key)
        # A section that a run's recipe.yaml lacks is younger than the run; nothing said is the same as null or none.
        if key.split(".")[0] not in recipe or all(value in (None, []) for value in (one, other)):
            continue
        if one != other:
            by_profile = profile is not None and published.by_profile.get(key) == other
            because = f"profile {profile}" if by_profile else "this run"
            found.append(Difference(key, shown(key, published.settings), shown(key, here), because))
    return found


def flat_settings(recipe: Record) -> dict[str, Any]:
    """Dotted names to values, without names that change nothing; entries of a list, such as stages, by their names."""
    flattened: dict[str, Any] = {}
    for key, value in flat(recipe):
        if key.split(".")[0] in OF_NO_CONSEQUENCE:
            continue
        flattened[key] = value
        if isinstance(value, list) and value and all(isinstance(item, dict) and "name" in item for item in value):
            flattened[key] = [str(item["name"]) for item in value]
            for item in value:
                options = {name: option for name, option in item.items() if name != "name"}
                flattened |= dict(flat(options, f"{key}.{item['name']}."))
    return flattened


def shown(key: str, settings: dict[str, Any]) -> str:
    """A setting in words."""
    return plain(settings[key]) if key in settings else "not set"


@functools.lru_cache(maxsize=8)
def _published(name: str, profile: str | None) -> PublishedRecipe | None:
    folder = carried_recipes().get(name)
    if folder is None:
        return None
    try:
        settings = yaml.safe_load(load_recipe(folder).dump())
        by_profile = yaml.safe_load(load_recipe(folder, profile=profile).dump()) if profile else {}
    except RecipeError:
        return None  # the recipe has changed since: this run's profile, for one, is no longer in it
    return PublishedRecipe(flat_settings(settings), flat_settings(by_profile))


def _differences(recipe: Record) -> str:
    found = differences(recipe)
    name = recipe.get("name")
    if found is None:
        return empty(
            f"'{name}' is no recipe that travels with cyclekit, so there is nothing published to compare with."
        )
    if not found:
        return f"<p>Every setting is as published in the recipe <code>{escape(str(name))}</code>.</p>"
    lines = "".join(
        f'<tr><th scope="row">{escape(each.key)}</th><td data-heading="published">{escape(each.published)}</td>'
        f'<td data-heading="here"><b>{escape(each.here)}</b></td>'
        f'<td data-heading="set by">{escape(each.because)}</td></tr>'
        for each in found
    )
    return (
        f'<p class="hint">What differs from the recipe <code>{escape(str(name))}</code> as published:</p>'
        '<div class="card"><table class="changes"><thead><tr><td></td><th scope="col">published</th>'
        f'<th scope="col">here</th><th scope="col">set by</th></tr></thead><tbody>{lines}</tbody></table></div>'
    )
