"""Scripts, as far as words depend on them: Chinese, Japanese, Thai and others are written without spaces.

There every character, with the marks above and below it, counts as a word. Elsewhere words are apart by spaces, so
that for text in other scripts nothing here differs from `str.split`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import regex

KANA = r"\p{Hiragana}\p{Katakana}"
SOUTH_EAST = r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}\p{Javanese}\p{Balinese}\p{Tai_Tham}\p{Tai_Le}"
SPACELESS = rf"\p{{Han}}{KANA}{SOUTH_EAST}\u3001-\u303f\uff01-\uff65"
"""A regular expression's class of characters: these scripts with their punctuation, which has no spaces either."""

_WORD = regex.compile(rf"[{SPACELESS}]\p{{M}}*|[^{SPACELESS}]+")
_SPACELESS = regex.compile(rf"[{SPACELESS}]")
_REPEATED = regex.compile(rf"([{SPACELESS}]{{2,}})\1|([{SPACELESS}])\2\2")
_LETTERS = {
    "japanese": regex.compile(rf"[{KANA}]"),
    "chinese": regex.compile(r"\p{Han}"),
    "korean": regex.compile(r"\p{Hangul}"),
    "south-east asian": regex.compile(rf"[{SOUTH_EAST}]"),
}
_ANY_LETTER = regex.compile(r"\p{L}")

Writing = Literal["japanese", "chinese", "korean", "south-east asian", "spaced"]

SOME_KANA = 0.05
"""Share of kana among letters above which text with Chinese characters is Japanese: most of it is at 50 % and more."""


def words_of(sentence: str) -> list[str]:
    """The words of a sentence: apart by spaces, or single characters of scripts that are written without."""
    if _SPACELESS.search(sentence) is None:
        return sentence.split()
    return [word for spaced in sentence.split() for word in _WORD.findall(spaced)]


def begins_without_space(piece: str) -> bool:
    """Whether a piece of text begins with a character that needs no space before it to begin a word."""
    return _SPACELESS.match(piece) is not None


def repeats_without_space(sentence: str) -> bool:
    """Whether two or more characters of a script without spaces stand twice in a row, or one three times.

    One character twice is a word of its own in many of these languages.
    """
    return _REPEATED.search(sentence) is not None


def writing_of(sentences: Iterable[str]) -> Writing:
    """How most of the letters of some sentences are written; "spaced" for all that has spaces but Korean."""
    counts = dict.fromkeys(_LETTERS, 0)
    letters = 0
    for sentence in sentences:
        if sentence.isascii():
            letters += sum(map(str.isalpha, sentence))
            continue
        letters += len(_ANY_LETTER.findall(sentence))
        for name, letter in _LETTERS.items():
            counts[name] += len(letter.findall(sentence))
    if counts["japanese"] + counts["chinese"] > letters / 2:
        return "japanese" if counts["japanese"] > SOME_KANA * letters else "chinese"
    if counts["korean"] > letters / 2:
        return "korean"
    return "south-east asian" if counts["south-east asian"] > letters / 2 else "spaced"
