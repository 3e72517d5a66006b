"""Tables of frames and words, read and ready to draw meanings from and to write them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from random import Random
from typing import ClassVar

from cyclekit.core.batch import Pair

from .frames import Choice, Frame, Line, Meaning, Pick, Side, Slot, content, write
from .notation import SLOT, alternatives, pieces
from .references import references


class Grammar:
    """Intents, clauses, style points and content words. Subclasses say what they are called and how blanks are tidied.

    Args:
        intents: by name, frames as text: two lines each, blank lines between frames.
        clauses: the same, for `@name`.
        points: by name, the alternatives of both styles, `("could you | would you", "can u")`.
        lexicon: by name, the content words.

    Raises:
        ValueError: a frame names what is not there, is not two lines, or its lines do not hold the same slots.
    """

    name: ClassVar[str]
    """As in `builtin:name`; with the seed it decides what is drawn."""
    styles: ClassVar[Pair[str]]
    """What the domains are called."""

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

    def realise(self, meaning: Meaning, style: str, pick: Pick) -> str:
        """A sentence that says `meaning` in `style`, choices made by `pick`."""
        side: Side = 0 if style == self.styles.a else 1
        return self.tidied(write(meaning, side, pick), style)

    def references(self, meaning: Meaning, style: str, most: int, random: Random) -> list[str]:
        """Up to `most` distinct realisations of `meaning` in `style`; fewer where there are not that many."""
        return references(lambda pick: self.realise(meaning, style, pick), most, random)

    def tidied(self, text: str, style: str) -> str:
        """A sentence as its lines were put together, written as it shall appear."""
        return " ".join(text.split())

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
        return tuple(self._frame(f"{self.name} grammar, {where}", block) for block in blocks)

    def _frame(self, where: str, lines: list[str]) -> Frame:
        if len(lines) != 2:
            raise ValueError(f"{where}: a frame has two lines, {' and '.join(self.styles)}, not {lines}")
        slots = tuple(dict.fromkeys(SLOT.findall(lines[0])))
        if set(slots) != set(SLOT.findall(lines[1])):
            raise ValueError(f"{where}: the two lines do not hold the same slots: {lines}")
        for slot in slots:
            known: Mapping[str, object] = self.lexicon if slot[0] == "{" else self.clauses
            if slot.strip("(@{})").partition(".")[0] not in known:
                raise ValueError(f"{where}: nothing is called {slot} in: {lines[0]}")
        return Frame(Pair(*(self._line(where, line.strip(), slots, side) for side, line in enumerate(lines))), slots)

    def _line(self, where: str, text: str, slots: Sequence[str], side: int) -> Line:
        parts: list[str | Slot | Choice] = []
        for piece in pieces(text):
            if piece in slots:
                parts.append(Slot(slots.index(piece)))
            elif piece[0] == "[":
                inside = alternatives(piece[1:-1])
                parts.append(Choice(tuple(self._line(where, one, slots, side) for one in inside)))
            elif piece[0] == "<":
                if piece[1:-1] not in self.points:
                    raise ValueError(f"{where}: no style point is called {piece} in: {text}")
                inside = self.points[piece[1:-1]][side].split("|")
                parts.append(Choice(tuple((one.strip(),) for one in inside)))
            else:
                parts.append(piece)
        return tuple(parts)
