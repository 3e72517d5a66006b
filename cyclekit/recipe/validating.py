"""Settings become a Recipe, or one line that says which key is wrong, in a recipe's words and not in pydantic's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from cyclekit.recipe.schema import MEASURE, Recipe
from cyclekit.registry import RecipeError, did_you_mean, setting


def validated(settings: Mapping[str, Any], where: str, overrides: Mapping[str, Any] | None = None) -> Recipe:
    """A mapping to a Recipe.

    Args:
        where: what the settings were read from, for the error's first words.
        overrides: dotted keys among the settings that came by `--set` instead.

    Raises:
        RecipeError: the first mistake, with its dotted key.
    """
    try:
        unwritable = next(_unwritable(settings), None)
        if unwritable is None:
            return Recipe.model_validate(settings)
        key, complaint = unwritable
    except ValidationError as error:
        key, complaint = _first_mistake(error, settings)
    for given, value in (overrides or {}).items():
        if f"{key}.".startswith(f"{given}.") or f"{given}.".startswith(f"{key}."):
            where = setting(f"{given}={value if str(value).isprintable() else ascii(value)}")
            if given == key:
                raise RecipeError(f"{where}: {complaint}")
    raise RecipeError(f"{where}: {key}: {complaint}")


def _unwritable(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Texts that no file can hold or be named by, each with its dotted key."""
    if isinstance(value, Mapping):
        for name, below in value.items():
            yield from _unwritable(name, key)
            yield from _unwritable(below, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list | tuple):
        for place, below in enumerate(value):
            yield from _unwritable(below, f"{key}.{place}")
    elif isinstance(value, str) and any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value):
        yield key, f"{value!a} holds half of a surrogate pair, or a NUL"


def _first_mistake(error: ValidationError, settings: Mapping[str, Any]) -> tuple[str, str]:
    """pydantic's first complaint: the dotted key as the recipe has it, and what is wrong in a recipe's words."""
    first = error.errors()[0]
    place, wanting = _place(first, settings)
    key = ".".join(map(str, place))
    if first["type"] == "extra_forbidden":
        section: Any = Recipe
        for step in place[:-1]:
            section = _section(section, str(step))
        known = list(section.model_fields) if section else []
        return key, f"no such key{did_you_mean(str(place[-1]), known)}; known here: {', '.join(known)}"
    if wanting:
        return key, "is missing, and neither the recipe nor its base sets it"
    # A value that may be of several kinds has a complaint for each.
    complaints = [_complaint(other) for other in error.errors() if _place(other, settings)[0] == place]
    complaint = " or ".join(dict.fromkeys(complaints)).replace(" or should be ", " or ")
    value = first["input"]
    return key, complaint if isinstance(value, Mapping | BaseModel) else f"{_shown(value)} {complaint}"


def _place(mistake: Mapping[str, Any], settings: Mapping[str, Any]) -> tuple[tuple[int | str, ...], bool]:
    """Where a complaint of pydantic's belongs in the settings, and whether it is about a key that is not there.

    pydantic adds steps of its own: the alternatives of a union, the fields of a value it spread over several.
    """
    place: list[int | str] = []
    here: Any = settings
    for step in mistake["loc"]:
        if step == MEASURE and isinstance(here, list | tuple):
            continue  # the list stands where its section would
        there = isinstance(here, Mapping) and step in here
        there = there or (isinstance(here, list | tuple) and isinstance(step, int) and step < len(here))
        if not there:
            wanting = mistake["type"] == "missing" and isinstance(here, Mapping)
            return (*place, step) if wanting else tuple(place), wanting
        place.append(step)
        here = here[step]
    return tuple(place), False


def _complaint(mistake: Mapping[str, Any]) -> str:
    kind = mistake["type"]
    if kind == "missing":
        return "has too few values"
    if kind == "model_type" and mistake["ctx"]["class_name"].endswith("Choice"):
        return "should be a part's name, or a mapping with its name and its options"
    if kind in ("model_type", "dict_type"):
        return "should be a mapping of keys to values"
    return mistake["msg"].removeprefix("Value error, ").removeprefix("Input ").removeprefix("Tuple ")


def _shown(value: Any) -> str:
    return "null" if value is None else repr(value)


def _section(model: Any, field: str) -> Any:
    annotation = model.model_fields[field].annotation if model and field in model.model_fields else None
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
