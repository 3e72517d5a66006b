"""Accepted rewrites of a meaning, chosen so that together they show every choice beside every neighbouring one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

from .frames import Pick


def references(realise: Callable[[Pick], str], most: int, random: Random) -> list[str]:
    """Up to `most` distinct sentences of those that `realise` makes of one meaning; fewer if there are not so many.

    BLEU counts n-grams, and these span neighbouring choices. Eight realisations at random would miss an eighth of
    all pairs of neighbouring three-way choices or more; these are balanced over the pairs, so that a valid rewrite
    finds its n-grams in them whichever way it chooses.
    """
    balanced, found = Balanced(random), dict[str, None]()
    for _ in range(4 * most):
        balanced.start()
        found[realise(balanced)] = None
        if len(found) == most:
            break
    return list(found)


class Balanced:
    """A Pick that prefers what it chose least often so far: beside its left neighbour, then at all, then by chance."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.beside: Counter[tuple[tuple[int, ...], int]] = Counter()
        self.alone: Counter[tuple[int, int]] = Counter()
        self.start()

    def start(self) -> None:
        """Begin the next realisation of the same meaning."""
        self.place, self.last = 0, 0

    def __call__(self, count: int) -> int:
        place, last = self.place, self.last
        order = [
            (self.beside[(place, last), one], self.alone[place, one], self.random.random(), one) for one in range(count)
        ]
        choice = min(order)[-1]
        self.beside[(place, last), choice] += 1
        self.alone[place, choice] += 1
        self.place, self.last = place + 1, choice
        return choice
