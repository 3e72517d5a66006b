"""Things that can be spoken of, and what two made languages call them.

Words are made of each language's own syllables, drawn by a seed that never changes: they are the languages', not the
data set's. As in languages that are neighbours, every fourth word is a loan, and half of them are related.
"""

from __future__ import annotations

from random import Random

from cyclekit.core.batch import Pair

CLASSES: dict[str, int] = {"person": 8, "animal": 6, "food": 6, "tool": 6, "vehicle": 4, "plant": 4}
"""Kinds of nouns, and how many there are of each."""

PLACES, TIMES = 8, 4

ADJECTIVES: dict[str, tuple[str, ...]] = {
    "old": ("person", "tool", "vehicle"),
    "young": ("person", "animal", "plant"),
    "small": ("animal", "tool", "plant"),
    "large": ("animal", "vehicle", "plant"),
    "tasty": ("food",),
    "cold": ("food",),
    "sharp": ("tool",),
    "fast": ("vehicle", "animal"),
    "kind": ("person",),
    "green": ("plant", "vehicle", "food"),
    "wild": ("animal", "plant"),
    "tired": ("person", "animal"),
}
"""What can be said of which kinds of nouns."""

VERBS: dict[str, tuple[str, str]] = {
    "eats": ("person animal", "food plant"),
    "cooks": ("person", "food"),
    "buys": ("person", "food tool vehicle"),
    "repairs": ("person", "tool vehicle"),
    "drives": ("person", "vehicle"),
    "feeds": ("person", "animal"),
    "chases": ("animal", "animal vehicle"),
    "sees": ("person animal", "person animal vehicle plant"),
    "plants": ("person", "plant"),
    "carries": ("person vehicle", "food tool person"),
    "sells": ("person", "food tool plant"),
    "likes": ("person animal", "person food animal"),
    "sleeps": ("person animal", ""),
    "waits": ("person vehicle", ""),
    "runs": ("person animal", ""),
    "grows": ("plant", ""),
    "works": ("person", ""),
    "breaks": ("tool vehicle", ""),
}
"""Who does it, and to what; nothing where it takes no object."""

SHIFTS = {"a": "o", "e": "i", "i": "u", "o": "a"}
"""What became of the first language's vowels in the second."""

SYLLABLES = Pair(
    (("b", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v"), ("a", "e", "i", "o"), ("", "", "l", "n", "r")),
    (("k", "z", "h", "j", "th", "q", "kr", "m", "t", "sh"), ("u", "a", "o", "ei"), ("", "", "k", "m", "sh")),
)
"""Beginnings, vowels and ends of syllables."""

NOUNS: dict[str, list[str]] = {kind: [f"{kind} {number}" for number in range(size)] for kind, size in CLASSES.items()}
"""The things of each kind, the first the most spoken of."""


def _words() -> dict[str, Pair[str]]:
    """What both languages call each thing: unrelated words, a loan, and two that grew apart, in turns."""
    random = Random("languages")
    taken: set[str] = set()

    def fresh(side: int) -> str:
        while True:
            word = "".join("".join(random.choice(part) for part in SYLLABLES[side]) for _ in range(2))
            if taken.isdisjoint({word, shifted(word)}):
                taken.update((word, shifted(word)))
                return word

    nouns = [noun for nouns in NOUNS.values() for noun in nouns]
    places, times = (
        [f"{kind} {number}" for number in range(many)] for kind, many in (("place", PLACES), ("time", TIMES))
    )
    words: dict[str, Pair[str]] = {}
    for turn, thing in enumerate([*nouns, *places, *ADJECTIVES, *VERBS, *times]):
        word = fresh(0)
        words[thing] = Pair(word, (fresh(1), word, shifted(word), shifted(word))[turn % 4])
    return words


def shifted(word: str) -> str:
    """A word of the first language as the second has it by now: its last vowel is another."""
    place = max(word.rfind(vowel) for vowel in SHIFTS)
    return word[:place] + SHIFTS.get(word[place], word[place]) + word[place + 1 :]


WORDS = _words()
"""What both languages call each thing, what can be said of it, and what it does."""
