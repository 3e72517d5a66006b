"""`builtin:formality`: unpaired sentences in two styles, and held-out ones with their accepted rewrites."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from cyclekit.core.batch import Pair
from cyclekit.registry import register
from cyclekit.text.listing import TextSet

from .grammar import Grammar, Meaning, Style, at_random, realise
from .intents import INTENTS
from .lexicon import LEXICON
from .points import CLAUSES, POINTS
from .references import references as accepted


@lru_cache(maxsize=1)
def grammar() -> Grammar:
    """The built-in grammar, read once."""
    return Grammar(INTENTS, CLAUSES, POINTS, LEXICON)


@register("builtin", "formality")
def formality(
    *, sentences: int = 40000, held_out: int = 500, validation: int = 500, references: int = 8, seed: int = 0
) -> TextSet:
    """Everyday requests, complaints, reviews and messages: domain a formal, domain b informal, of other meanings.

    No meaning appears twice: not in both domains, not in training and held out. So no sentence and no pair of a
    sentence and its rewrite does either. The held-out sentences do not depend on how many are trained on.

    Args:
        sentences: how many sentences each domain has for training, all distinct.
        held_out: how many further ones of each domain are held out, with their accepted rewrites.
        validation: how many further ones of each domain are there to choose a checkpoint by.
        references: the most accepted rewrites of a held-out sentence.
        seed: other seeds are other sentences.

    Raises:
        ValueError: a number below one.
    """
    wanted = {"sentences": sentences, "held_out": held_out, "validation": validation, "references": references}
    for name, number in wanted.items():
        if number < 1:
            raise ValueError(f"{name}={number}: must be at least 1")
    writer = Writer(seed)
    test = writer.both("held out", held_out)
    truth = Pair(writer.rewrites(test.a, "informal", references), writer.rewrites(test.b, "formal", references))
    checks = writer.both("validation", validation)
    train = writer.both("training", sentences)
    words = f"sentences of a seeded grammar, no real messages (seed {seed})"
    return TextSet(train.map(list), words, checks.map(list), test.map(list), truth)


class Writer:
    """Writes sentences, and never the same sentence or the same meaning twice."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.meanings: set[Meaning] = set()
        self.sentences: set[str] = set()

    def both(self, split: str, count: int) -> Pair[dict[str, Meaning]]:
        """`count` sentences of each domain, and what they mean."""
        return Pair(self.write(split, count, "formal"), self.write(split, count, "informal"))

    def write(self, split: str, count: int, style: Style) -> dict[str, Meaning]:
        """`count` sentences of one style; each split has its own chance, so that none depends on another's size."""
        random = Random(f"formality {self.seed} {split} {style}")
        pick, written = at_random(random), dict[str, Meaning]()
        while len(written) < count:
            meaning = grammar().draw(random)
            if meaning in self.meanings:
                continue
            self.meanings.add(meaning)
            sentence = realise(meaning, style, pick)
            if sentence not in self.sentences:
                self.sentences.add(sentence)
                written[sentence] = meaning
        return written

    def rewrites(self, written: dict[str, Meaning], style: Style, most: int) -> list[list[str]]:
        """The accepted rewrites of each sentence; none of them is written later on."""
        random = Random(f"formality {self.seed} rewrites {style}")
        found = [accepted(meaning, style, most, random) for meaning in written.values()]
        self.sentences.update(sentence for rewrites in found for sentence in rewrites)
        return found
