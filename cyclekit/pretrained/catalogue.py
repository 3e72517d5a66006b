"""Which networks are carried, and where each lies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from cyclekit.registry import RecipeError, did_you_mean

PREFIX = "pretrained:"
"""Before a name where a folder could stand too."""

CARD = "card.json"

HERE = Path(__file__).parent


class NetworkCard(NamedTuple):
    """What a carried network says of itself."""

    folder: Path
    title: str
    license: str
    data: str
    """What it learned from."""
    commands: Sequence[str]
    """What made it, in order."""
    measured: Mapping[str, Mapping[str, Mapping[str, float]]]
    """By direction and metric: a number for each row, such as "translated" and "copy the input"."""

    @property
    def name(self) -> str:
        """As it is asked for."""
        return PREFIX + self.folder.name

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    @property
    def line(self) -> str:
        """What whoever uses it should know."""
        return f"{self.name}: {self.title}; learned from {self.data}; {self.license}"


def is_pretrained(name: Any) -> bool:
    """Whether this names a carried network, and no folder."""
    return isinstance(name, str) and name.startswith(PREFIX)


def carried(place: Path = HERE) -> dict[str, NetworkCard]:
    """Every network that the package carries, by its name without `pretrained:`."""
    return {path.parent.name: _read(path) for path in sorted(place.glob(f"*/{CARD}"))}


def find_pretrained(name: str, part: Literal["run", "live"] = "run") -> tuple[Path, NetworkCard]:
    """The folder of a carried network, and its card.

    Args:
        name: with or without `pretrained:`.
        part: "run", a run folder; or "live", an exported one.

    Raises:
        RecipeError: none is called so.
    """
    cards = carried()
    asked = name.removeprefix(PREFIX)
    if asked not in cards:
        raise RecipeError(
            f"{PREFIX}{asked}: no network that cyclekit carries is called so{did_you_mean(asked, cards)}; there are: "
            f"{', '.join(cards)}"
        )
    return cards[asked].folder / part, cards[asked]


def _read(path: Path) -> NetworkCard:
    said = json.loads(path.read_text(encoding="utf-8"))
    return NetworkCard(path.parent, *(said[field] for field in NetworkCard._fields[1:]))
