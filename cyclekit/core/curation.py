"""What a modality can do with data before anything is trained on it: look it over, pair it, select from it.

A `Modality` names a function for each that it can, and says by `holds` which files are its own; `cyclekit data` asks
the one whose files these are, and refuses where it cannot. What else a command may be told, the function takes as
keyword-only parameters of the option's name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

Told = Callable[[int, int], None]
"""Called now and then with (items done, items in all)."""


class Finding(NamedTuple):
    """One kind of thing that is wrong or suspicious in a set."""

    what: str
    items: int
    """How many are concerned."""
    names: list[str]
    """The items in words, the gravest first."""


class Audited(NamedTuple):
    """What looking a data set over came to."""

    layout: str
    """How the files are read."""
    headings: tuple[str, ...]
    """Of the table's columns, behind the groups' names."""
    rows: list[tuple[str, ...]]
    """Of the table: a group's name, then a cell for each heading."""
    notes: list[str]
    """What a run would say of the files, a line each."""
    findings: list[Finding]
    told: dict[str, Any]
    """All of it for a program to read, as JSON can hold it."""


class NewSet(Protocol):
    """What came of making a data set."""

    @property
    def lines(self) -> Sequence[str]:
        """What to tell of it."""
        ...


Audit = Callable[..., Audited]
"""(places, progress) -> what looking a data set over came to; `cyclekit data check`. Changes nothing. Raises
`RecipeError` where training would refuse the set, or for an option of another value than it takes."""

Pairing = Callable[..., NewSet]
"""(one folder, another with partners of the same names, new folder, progress) -> a set of pairs, `cyclekit data pair`;
written whole or not at all, as the next."""

Selecting = Callable[..., NewSet]
"""(folder, metadata file, wanted tags, new folder, progress) -> the items with the tags, `cyclekit data select`."""


def first_names(names: Sequence[str], most: int = 20) -> str:
    """The first names of a list that may be long, and how many more there are."""
    more = f"; and {len(names) - most} more" if len(names) > most else ""
    return "; ".join(names[:most]) + more
