"""`builtin:languages`: sentences of two made languages, none a translation of another, and held-out ones that are."""

from __future__ import annotations

from random import Random

from cyclekit.builtin.grammars.languages.syntax import Thought, in_a, in_b, thought
from cyclekit.core.batch import Pair
from cyclekit.registry import register
from cyclekit.text.text_set import TextSet


@register("builtin", "languages")
def languages(*, sentences: int = 4000, held_out: int = 300, validation: int = 300, seed: int = 0) -> TextSet:
    """Sentences on people, animals, food and tools in two made languages, of other thoughts in each.

    The languages differ in words, endings and word order, and share some loans. No thought is in both domains, or in
    training and held out, so that no training sentence translates another. The held-out sentences do not depend on how
    many are trained on.

    Args:
        sentences: how many sentences each language has for training.
        held_out: how many further ones of each are held out, with their translation.
        validation: how many further ones of each are there to choose a checkpoint by.
        seed: other seeds are other sentences of the same languages.

    Raises:
        ValueError: a number below one.
    """
    for name, number in {"sentences": sentences, "held_out": held_out, "validation": validation}.items():
        if number < 1:
            raise ValueError(f"{name}={number}: must be at least 1")
    seen: set[Thought] = set()

    def drawn(split: str, count: int) -> Pair[list[Thought]]:
        sides: list[list[Thought]] = []
        for domain in Pair._fields:
            random, side = Random(f"languages {seed} {split} {domain}"), list[Thought]()
            while len(side) < count:
                said = thought(random)
                if said not in seen:
                    seen.add(said)
                    side.append(said)
            sides.append(side)
        return Pair(*sides)

    def written(thoughts: Pair[list[Thought]]) -> Pair[list[str]]:
        return Pair([in_a(said) for said in thoughts.a], [in_b(said) for said in thoughts.b])

    test, checks, train = drawn("held out", held_out), drawn("validation", validation), drawn("training", sentences)
    truth = Pair([[in_b(said)] for said in test.a], [[in_a(said)] for said in test.b])
    found = f"sentences of two made languages, no real ones (seed {seed})"
    return TextSet(written(train), found, written(checks), written(test), truth)
