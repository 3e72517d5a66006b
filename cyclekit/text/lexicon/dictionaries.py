"""Bilingual dictionaries as they lie on a disk, read in place: FreeDict's, Ding's, and lists of two words a line.

Debian's packages dict-freedict-eng-fra and trans-de-en hold such files (/usr/share/dictd, /usr/share/trans); MUSE's
dictionaries are lists. Only words that stand alone are taken: what a dictionary explains in several is no entry here.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

DING = " :: "
"""Parts the two languages in a line of Ding's."""

NOTES = re.compile(r"\{[^}]*\}|\[[^\]]*\]|\([^)]*\)|<[^>]*>|/[^/]*/")
"""Gender, field, explanation, pronunciation."""

NUMBERED = re.compile(r"^\s*\d+\.\s*")

BASE64 = {letter: value for value, letter in enumerate(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)}  # fmt: skip
"""Digits of the places in an index of dictd's."""

ARTICLES = ("to ", "a ", "an ", "the ")
"""Stand before English entries, and say nothing of them."""


class IndexDamaged(Exception):
    """An index holds what is no place in its database."""


def read_dictionary(path: str | Path) -> list[tuple[str, str]]:
    """Pairs of words: the first of one language, the second of the other.

    Args:
        path: a file of Ding's (`german :: english`); a dictd database, by its `.dict`, `.dict.dz` or `.index` file; or
            lines of two words apart by a tab or spaces. Each may end in .gz.

    Raises:
        ValueError: it cannot be read, is damaged, or none of these.
    """
    path = Path(path).expanduser()
    try:
        if re.search(r"\.(index|dict|dict\.dz)$", path.name):
            pairs = list(_dictd(path))
        else:
            lines = _unpacked(path).decode("utf-8").splitlines()
            ding = any(DING in line for line in lines[:1000])
            pairs = list(_ding(lines) if ding else _list(path, lines))
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"dictionary {path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"dictionary {path} is not UTF-8 (byte {error.start})") from error
    except IndexDamaged as error:
        raise ValueError(f"dictionary {path}: {error}") from error
    if not pairs:
        raise ValueError(f"dictionary {path} holds no pair of single words")
    return list(dict.fromkeys(pairs))


def in_vocabulary(pairs: Sequence[tuple[str, str]], a: dict[str, int], b: dict[str, int]) -> list[tuple[int, int]]:
    """Places of the pairs that two vocabularies hold, whichever way round the dictionary is written.

    Args:
        a, b: each language's words with their places. Case counts only where a word is in both.
    """
    lower = [{word.lower(): place for word, place in reversed(list(side.items()))} | side for side in (a, b)]

    def found(first: dict[str, int], second: dict[str, int]) -> list[tuple[int, int]]:
        places = ((_place(first, one), _place(second, other)) for one, other in pairs)
        return list(dict.fromkeys((one, other) for one, other in places if one is not None and other is not None))

    forward, backward = found(lower[0], lower[1]), found(lower[1], lower[0])
    return forward if len(forward) >= len(backward) else [(other, one) for one, other in backward]


def _place(side: dict[str, int], word: str) -> int | None:
    return side.get(word, side.get(word.lower()))


def _ding(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """`Hemd {n} | Hemden {pl} :: shirt | shirts`: forms apart by bars, synonyms by semicolons."""
    for line in lines:
        if line.startswith("#") or DING not in line:
            continue
        sides = [side.split("|") for side in line.split(DING, 1)]
        for first, second in zip(*sides):
            for one in _single(first.split(";")):
                for other in _single(second.split(";")):
                    yield one, other


def _dictd(path: Path) -> Iterator[tuple[str, str]]:
    """An entry: the headword with its pronunciation, then lines of translations, numbered if there are several."""
    stem = re.sub(r"\.(index|dict|dict\.dz)$", "", str(path))
    packed = Path(f"{stem}.dict.dz")
    text = _unpacked(packed) if packed.exists() else Path(f"{stem}.dict").read_bytes()
    for line in Path(f"{stem}.index").read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        if len(cells) < 3 or cells[0].startswith("00database"):
            continue
        start, length = (_number(cell) for cell in cells[1:3])
        head, *rest = text[start : start + length].decode("utf-8").splitlines() or [""]
        for one in _single([head]):
            for translations in rest:
                for other in _single(re.split("[,;]", NUMBERED.sub("", translations))):
                    yield one, other


def _list(path: Path, lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, 1):
        words = line.split("\t") if "\t" in line else line.split()
        if not line.strip() or line.startswith("#"):
            continue
        if len(words) != 2 or not all(words):
            raise ValueError(
                f"dictionary {path}, line {number}: holds {len(words)} words, not two; give two words a line, a "
                "database of dictd's (.dict.dz, .index) or a file of Ding's (' :: ' between the languages)"
            )
        yield words[0].strip(), words[1].strip()


def _single(entries: Sequence[str]) -> Iterator[str]:
    """Those of some entries that are one word, without what is noted beside it."""
    for entry in entries:
        word = " ".join(NOTES.sub(" ", entry).split())
        for article in ARTICLES:
            word = word.removeprefix(article)
        if word and " " not in word and word[-1] not in ".…":
            yield word


def _number(digits: str) -> int:
    value = 0
    for digit in digits:
        if digit not in BASE64:
            raise IndexDamaged(f"its index is damaged: {digits!r} is no place")
        value = 64 * value + BASE64[digit]
    return value


def _unpacked(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix in (".gz", ".dz") else path.read_bytes()
