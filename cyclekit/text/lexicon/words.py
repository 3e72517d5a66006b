"""Sentences as words, and words as sentences again: what a lexicon is of.

Words are cut as linguists do, not as a codec: French "l'homme" is two, English "man's" is two, a full stop is one. How
they are put together again is read from the text itself: which words stand without a space before or after them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import regex

WORD = regex.compile(
    r"(?:\p{L}{1,2}|lorsqu|puisqu|jusqu|quoiqu|quelqu|presqu)['’](?=\p{L})(?!(?:s|re|ve|ll|d|m|t)\b)"  # l', d', qu'
    r"|['’](?:s|re|ve|ll|d|m)\b"  # 's
    r"|\p{L}[\p{L}\p{M}]*(?:[-'’](?!(?:s|re|ve|ll|d|m)\b)\p{L}[\p{L}\p{M}]*)*"
    r"|\p{N}+(?:[.,:]\p{N}+)*"
    r"|[^\s\p{L}\p{N}]",
    regex.IGNORECASE,
)

ENDS = frozenset(".?!…")
"""After these a capital letter says nothing of its word."""


class Token(NamedTuple):
    """A word as it stands in a sentence."""

    text: str
    before: bool
    """Whether a space (or the sentence's beginning) stands before it."""


def tokens(sentence: str) -> list[Token]:
    """The words and marks of a sentence."""
    found = []
    for match in WORD.finditer(sentence):
        start = match.start()
        found.append(Token(match[0], start == 0 or sentence[start - 1].isspace()))
    return found


class Vocabulary:
    """The words of one language: as they are written inside a sentence, how often, and what stands without a space.

    Args:
        sentences: of one language, at least one.
        most: keep so many of the most frequent words,
        fewest: and of these what occurs so often.

    Raises:
        ValueError: no word occurs so often.
    """

    def __init__(self, sentences: Sequence[str], *, most: int = 5000, fewest: int = 2) -> None:
        cut = [tokens(sentence) for sentence in sentences]
        self._cases = _cases(cut)
        rows = [self.uniform([token.text for token in row]) for row in cut]
        counts = Counter(word for row in rows for word in row)
        kept = [word for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if count >= fewest]
        if not kept:
            raise ValueError(f"no word occurs {fewest} times in {len(sentences)} sentences")
        self.words = kept[:most]
        """The most frequent first."""
        self.ids = {word: place for place, word in enumerate(self.words)}
        self.counts = [counts[word] for word in self.words]
        self.rows = [[self.ids.get(word, -1) for word in row] for row in rows]
        """The sentences as places in `words`; -1 for a rare one."""
        initial = sum(sentence[:1].isupper() for sentence in sentences)
        self.capital = initial > len(sentences) / 2
        """Whether sentences begin with a capital letter."""
        self._joined = _joined(cut, rows)

    def of(self, sentence: str) -> list[str]:
        """The words of a sentence, each as it is written inside one."""
        return self.uniform([token.text for token in tokens(sentence)])

    def uniform(self, words: Sequence[str]) -> list[str]:
        """Words without the capitals that a sentence's beginning gives: "A man" and "a man" are the same two."""
        if not words:
            return []
        first = [words[0]] if words[0].lower() not in self._cases else [self._cases[words[0].lower()]]
        return [*first, *words[1:]]

    def sentence(self, words: Sequence[str]) -> str:
        """Words as a sentence of this language."""
        parts: list[str] = []
        glued = True
        for word in words:
            left, right = self._joined.get(word, (False, False))
            parts += ([] if glued or left else [" "]) + [word]
            glued = right
        written = "".join(parts)
        return written[:1].upper() + written[1:] if self.capital else written


def _cases(cut: Iterable[Sequence[Token]]) -> dict[str, str]:
    """How each word is written where its place asks for no capital, by its small letters (Moses' truecasing)."""
    inside: dict[str, Counter[str]] = defaultdict(Counter)
    initial: set[str] = set()
    for row in cut:
        for place, token in enumerate(row):
            if place == 0 or row[place - 1].text in ENDS:
                initial.add(token.text.lower())
            else:
                inside[token.text.lower()][token.text] += 1
    written = {lower: max(forms.items(), key=lambda form: (form[1], form[0]))[0] for lower, forms in inside.items()}
    return {**{lower: lower for lower in initial}, **written}


def _joined(cut: Sequence[Sequence[Token]], rows: Sequence[Sequence[str]]) -> dict[str, tuple[bool, bool]]:
    """Of each word whether it mostly stands without a space before it, and after it."""
    times: Counter[str] = Counter()
    left: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for row, words in zip(cut, rows):
        for place, (token, word) in enumerate(zip(row, words)):
            times[word] += 1
            left[word] += not token.before
            right[word] += place + 1 < len(row) and not row[place + 1].before
    # Both neighbours of a missing space lack it; what lacks it at fewer than all but a few of its places is the cause.
    marks = {word for word in times if not word[0].isalnum() or word[-1] in "'’"}
    return {word: (left[word] > times[word] / 2, right[word] > times[word] / 2) for word in marks}
