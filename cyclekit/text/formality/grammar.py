"""The grammar's engine: frames of two lines, meanings drawn from them, sentences realised from meanings.

A *frame* says one thing twice, in a formal and in an informal line:

    (@hello) <could_you> {task} the {fixture} before {day} <q>
    (@hello) <could_you> {task} that {fixture} [b4|by] {day} <q>

    {list}     a content word: part of the meaning, kept letter by letter in both lines; `{list.2}` is another one
    @name      a clause, itself a frame of two lines: part of the meaning; `(@name)` is there a third of the time
    <name>     a style point that many frames share; each line takes its own side's alternatives
    [x|y|z]    alternatives of this line alone, equally likely; may hold all of the above, or nothing

A *meaning* is a frame with its content words and clauses chosen. What remains to be chosen in `<...>` and `[...]` is
style: every choice realises the same meaning, so all of them are accepted rewrites of each other.
Blanks are tidied up, and formal sentences begin with a capital letter. A frame's own words are written otherwise as
they shall appear.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Literal, NamedTuple, TypeAlias

Style = Literal["formal", "informal"]
STYLES: tuple[Style, Style] = ("formal", "informal")


class Slot(NamedTuple):
    """A place in a line for a word or clause of the meaning: `values[place]`."""

    place: int


class Choice(NamedTuple):
    """A place in a line where style chooses one of several continuations."""

    alternatives: tuple[Line, ...]


Line: TypeAlias = "tuple[str | Slot | Choice, ...]"
Pick: TypeAlias = Callable[[int], int]
"""How style is chosen: from the number of alternatives to the index of one, called in the order of the line."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A thing to say in two styles, and what has to be chosen to say it."""

    formal: Line
    informal: Line
    slots: tuple[str, ...]
    """What is to be filled in, as written in the formal line: `{day}`, `{day.2}`, `@reason`, `(@hello)`."""


class Meaning(NamedTuple):
    """A frame and what its slots hold: content words, meanings of clauses, or None for a clause left out."""

    frame: Frame
    values: tuple[str | Meaning | None, ...]


class Grammar:
    """Intents, clauses, style points and content words, read and ready to draw meanings from.

    Args:
        intents: by name, frames as text: two lines each, blank lines between frames.
        clauses: the same, for `@name`.
        points: by name, the alternatives of both styles, `("could you | would you", "can u")`.
        lexicon: by name, the content words.

    Raises:
        ValueError: a frame names what is not there, is not two lines, or its lines do not hold the same slots.
    """

    def __init__(
        self,
        intents: Mapping[str, str],
        clauses: Mapping[str, str],
        points: Mapping[str, tuple[str, str]],
        lexicon: Mapping[str, Sequence[str]],
    ) -> None:
        self.points, self.lexicon = points, lexicon
        self.clauses: dict[str, tuple[Frame, ...]] = dict.fromkeys(clauses, ())
        self.clauses |= {name: self._frames(f"@{name}", text) for name, text in clauses.items()}
        self.intents = {name: self._frames(name, text) for name, text in intents.items()}
        self._all = [frame for frames in self.intents.values() for frame in frames]
        self._upto = list(accumulate(self._weight(frame) for frame in self._all))

    def draw(self, random: Random) -> Meaning:
        """A meaning at random, no content word in it twice."""
        while True:
            meaning = self._fill(self._all[bisect_right(self._upto, random.random() * self._upto[-1])], random)
            words = list(content(meaning))
            if len(words) == len(set(words)):
                return meaning

    def _fill(self, frame: Frame, random: Random) -> Meaning:
        values: list[str | Meaning | None] = []
        for slot in frame.slots:
            if slot[0] == "{":
                words = self.lexicon[slot[1:-1].partition(".")[0]]
                values.append(words[int(random.random() * len(words))])
            elif slot[0] == "(" and random.random() > 1 / 3:
                values.append(None)
            else:
                clauses = self.clauses[slot.strip("(@)")]
                values.append(self._fill(clauses[int(random.random() * len(clauses))], random))
        return Meaning(frame, tuple(values))

    def _weight(self, frame: Frame) -> float:
        """Frames with more to choose are drawn more often, so that none is worn out."""
        return 1 + len(frame.slots) / 2

    def _frames(self, where: str, text: str) -> tuple[Frame, ...]:
        blocks = [block.strip().splitlines() for block in re.split(r"\n[ \t]*\n", text) if block.strip()]
        return tuple(self._frame(where, block) for block in blocks)

    def _frame(self, where: str, lines: list[str]) -> Frame:
        if len(lines) != 2:
            raise ValueError(f"formality grammar, {where}: a frame has two lines, formal and informal, not {lines}")
        slots = tuple(dict.fromkeys(_SLOT.findall(lines[0])))
        if set(slots) != set(_SLOT.findall(lines[1])):
            raise ValueError(f"formality grammar, {where}: the two lines do not hold the same slots: {lines}")
        for slot in slots:
            known: Mapping[str, object] = self.lexicon if slot[0] == "{" else self.clauses
            if slot.strip("(@{})").partition(".")[0] not in known:
                raise ValueError(f"formality grammar, {where}: nothing is called {slot} in: {lines[0]}")
        formal, informal = (self._line(where, line.strip(), slots, side) for side, line in enumerate(lines))
        return Frame(formal, informal, slots)

    def _line(self, where: str, text: str, slots: Sequence[str], side: int) -> Line:
        parts: list[str | Slot | Choice] = []
        for piece in _pieces(text):
            if piece in slots:
                parts.append(Slot(slots.index(piece)))
            elif piece[0] == "[":
                inside = _alternatives(piece[1:-1])
                parts.append(Choice(tuple(self._line(where, one, slots, side) for one in inside)))
            elif piece[0] == "<":
                if piece[1:-1] not in self.points:
                    raise ValueError(f"formality grammar, {where}: no style point is called {piece} in: {text}")
                inside = self.points[piece[1:-1]][side].split("|")
                parts.append(Choice(tuple((one.strip(),) for one in inside)))
            else:
                parts.append(piece)
        return tuple(parts)


def content(meaning: Meaning) -> Iterator[str]:
    """The content words of a meaning, in the order of its formal line; `wool scarf` is one."""
    for value in meaning.values:
        if isinstance(value, str):
            yield value
        elif value is not None:
            yield from content(value)


def realise(meaning: Meaning, style: Style, pick: Pick) -> str:
    """A sentence that says `meaning` in `style`, choices made by `pick`."""
    pieces: list[str] = []
    _write(meaning, style, pick, pieces)
    text = _BEFORE_MARK.sub(r"\1", " ".join("".join(pieces).split()))
    return _START.sub(lambda start: start.group().upper(), text) if style == "formal" else text


def at_random(random: Random) -> Pick:
    """Every alternative equally likely, each choice on its own."""
    return lambda count: int(random.random() * count)


def _write(meaning: Meaning, style: Style, pick: Pick, pieces: list[str]) -> None:
    line = meaning.frame.formal if style == "formal" else meaning.frame.informal
    _write_line(line, meaning.values, style, pick, pieces)


def _write_line(
    line: Line, values: Sequence[str | Meaning | None], style: Style, pick: Pick, pieces: list[str]
) -> None:
    for part in line:
        if isinstance(part, str):
            pieces.append(part)
        elif isinstance(part, Choice):
            _write_line(part.alternatives[pick(len(part.alternatives))], values, style, pick, pieces)
        else:
            value = values[part.place]
            if isinstance(value, str):
                pieces.append(value)
            elif value is not None:
                _write(value, style, pick, pieces)


_SLOT = re.compile(r"\{[\w.]+\}|\(@\w+\)|@\w+")
_TOKEN = re.compile(r"\{[\w.]+\}|\(@\w+\)|@\w+|<\w+>")
_BEFORE_MARK = re.compile(r" (?=[,.;?!])()")
_START = re.compile(r"(?:^|(?<=[.?!] ))[a-z]")


def _pieces(text: str) -> Iterator[str]:
    """Cut a line at its slots, style points and (outermost) brackets."""
    start = at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        end = _closing(text, at) if text[at] == "[" else found.end() if found else at
        if end == at:
            at += 1
            continue
        if start < at:
            yield text[start:at]
        yield text[at:end]
        start = at = end
    if start < len(text):
        yield text[start:]


def _closing(text: str, at: int) -> int:
    """Just behind the bracket that closes the one at `at`."""
    depth = 0
    for here in range(at, len(text)):
        depth += {"[": 1, "]": -1}.get(text[here], 0)
        if depth == 0:
            return here + 1
    raise ValueError(f"formality grammar: a bracket is not closed in: {text}")


def _alternatives(text: str) -> list[str]:
    """Split at the bars that stand in no inner bracket."""
    parts, depth, start = [], 0, 0
    for here, sign in enumerate(text):
        depth += {"[": 1, "]": -1}.get(sign, 0)
        if sign == "|" and depth == 0:
            parts.append(text[start:here])
            start = here + 1
    return [*parts, text[start:]]
