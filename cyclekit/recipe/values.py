"""What the values of a recipe's keys may be: numbers, names that a folder can have, a part by its name."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from cyclekit.core import duration


def number(value: Any) -> Any:
    if isinstance(value, bool | str):
        raise ValueError("should be a number")
    return value


# YAML tells true and "4" from 4; pydantic alone would take them all for numbers.
Number = Annotated[float, BeforeValidator(number), Field(allow_inf_nan=False)]
Whole = Annotated[int, BeforeValidator(number)]
Count = Annotated[Whole, Field(ge=1)]
Budget = Annotated[
    float,
    BeforeValidator(lambda value: number(duration.seconds_of(value))),
    Field(allow_inf_nan=False, ge=1),
    PlainSerializer(duration.written, when_used="json"),
]
"""Seconds, written as such or as 90s, 10min, 1h."""


class Strict(BaseModel):
    """A section whose keys are all known."""

    model_config = ConfigDict(extra="forbid")


class PartChoice(BaseModel):
    """A part by name, with its options beside the name. A bare string is a part with no options."""

    model_config = ConfigDict(extra="allow")
    name: str

    @property
    def options(self) -> dict[str, Any]:
        """What the recipe sets for the part."""
        return dict(self.model_extra or {})


def by_name(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


Part = Annotated[PartChoice, BeforeValidator(by_name)]


def folder_name(name: str) -> str:
    """The name, if a folder can be called so everywhere.

    Raises:
        ValueError: it cannot.
    """
    if name in ("", ".", "..") or "/" in name or "\\" in name:
        raise ValueError("names a folder too; write a name without slashes")
    if any(unicodedata.category(letter) in UNSHOWN for letter in name):
        raise ValueError("names a folder too; write a name without control characters and line breaks")
    if len(name.encode()) > LONGEST_NAME:
        raise ValueError(f"names a folder too; write a name of at most {LONGEST_NAME} bytes")
    return name


UNSHOWN = ("Cc", "Cs", "Zl", "Zp")
"""Unicode's categories of control characters, halves of surrogate pairs, and separators of lines and paragraphs."""


LONGEST_NAME = 200
"""Bytes. Most disks take 255, and a name gets endings."""
