"""Frames, which say one thing in two styles, meanings, and how both become words.

A *frame* is two lines, one for each domain (see `notation`):

    (@hello) <could_you> {task} the {fixture} before {day} <q>
    (@hello) <could_you> {task} that {fixture} [b4|by] {day} <q>

A *meaning* is a frame with its content words and clauses chosen. What remains to be chosen in `<...>` and `[...]` is
style: every choice realises the same meaning, so all of them are accepted rewrites of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, NamedTuple, TypeAlias

from cyclekit.core.batch import Pair


class Slot(NamedTuple):
    """A place in a line for a word or clause of the meaning: `values[place]`."""

    place: int


class Choice(NamedTuple):
    """A place in a line where style chooses one of several continuations."""

    alternatives: tuple[Line, ...]


Line: TypeAlias = "tuple[str | Slot | Choice, ...]"
Side: TypeAlias = Literal[0, 1]
"""Which line of a frame: 0 domain a's, 1 domain b's."""
Pick: TypeAlias = Callable[[int], int]
"""How style is chosen: from the number of alternatives to the index of one, called in the order of the line."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A thing to say in two styles, and what has to be chosen to say it."""

    lines: Pair[Line]
    slots: tuple[str, ...]
    """What is to be filled in, as written in domain a's line: `{day}`, `{day.2}`, `@reason`, `(@hello)`."""


class Meaning(NamedTuple):
    """A frame and what its slots hold: content words, meanings of clauses, or None for a clause left out."""

    frame: Frame
    values: tuple[str | Meaning | None, ...]


def content(meaning: Meaning) -> Iterator[str]:
    """The content words of a meaning, in the order of domain a's line; `wool scarf` is one."""
    for value in meaning.values:
        if isinstance(value, str):
            yield value
        elif value is not None:
            yield from content(value)


def at_random(random: Random) -> Pick:
    """Every alternative equally likely, each choice on its own."""
    return lambda count: int(random.random() * count)


def write(meaning: Meaning, side: Side, pick: Pick) -> str:
    """`meaning` in the style of one side, choices made by `pick`; blanks as the lines happen to have them."""
    pieces: list[str] = []
    _write(meaning, side, pick, pieces)
    return "".join(pieces)


def _write(meaning: Meaning, side: Side, pick: Pick, pieces: list[str]) -> None:
    _write_line(meaning.frame.lines[side], meaning.values, side, pick, pieces)


def _write_line(line: Line, values: Sequence[str | Meaning | None], side: Side, pick: Pick, pieces: list[str]) -> None:
    for part in line:
        if isinstance(part, str):
            pieces.append(part)
        elif isinstance(part, Choice):
            _write_line(part.alternatives[pick(len(part.alternatives))], values, side, pick, pieces)
        else:
            value = values[part.place]
            if isinstance(value, str):
                pieces.append(value)
            elif value is not None:
                _write(value, side, pick, pieces)
