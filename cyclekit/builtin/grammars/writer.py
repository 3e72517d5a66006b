"""The splits of a data set: unpaired sentences in two styles, and held-out ones with their accepted rewrites."""

from __future__ import annotations

from random import Random

from cyclekit.core.batch import Pair
from cyclekit.text.text_set import TextSet

from .frames import Meaning, at_random
from .grammar import Grammar


def text_set(
    grammar: Grammar, words: str, *, sentences: int, held_out: int, validation: int, references: int, seed: int
) -> TextSet:
    """Sentences of both styles of a grammar, of other meanings in each.

    No meaning appears twice: not in both domains, not in training and held out. So no sentence and no pair of a
    sentence and its rewrite does either. The held-out sentences do not depend on how many are trained on.

    Args:
        grammar: what writes them.
        words: what they are, for the user.
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
    writer, styles = Writer(grammar, seed), grammar.styles
    test = writer.both("held out", held_out)
    truth = Pair(writer.rewrites(test.a, styles.b, references), writer.rewrites(test.b, styles.a, references))
    checks = writer.both("validation", validation)
    train = writer.both("training", sentences)
    return TextSet(train.map(list), f"{words} (seed {seed})", checks.map(list), test.map(list), truth)


class Writer:
    """Writes sentences of a grammar, and never the same sentence or the same meaning twice."""

    def __init__(self, grammar: Grammar, seed: int) -> None:
        self.grammar, self.seed = grammar, seed
        self.meanings: set[Meaning] = set()
        self.sentences: set[str] = set()

    def both(self, split: str, count: int) -> Pair[dict[str, Meaning]]:
        """`count` sentences of each domain, and what they mean."""
        return Pair(*(self.write(split, count, style) for style in self.grammar.styles))

    def write(self, split: str, count: int, style: str) -> dict[str, Meaning]:
        """`count` sentences of one style; each split has its own chance, so that none depends on another's size."""
        random = Random(f"{self.grammar.name} {self.seed} {split} {style}")
        pick, written = at_random(random), dict[str, Meaning]()
        while len(written) < count:
            meaning = self.grammar.draw(random)
            if meaning in self.meanings:
                continue
            self.meanings.add(meaning)
            sentence = self.grammar.realise(meaning, style, pick)
            if sentence not in self.sentences:
                self.sentences.add(sentence)
                written[sentence] = meaning
        return written

    def rewrites(self, written: dict[str, Meaning], style: str, most: int) -> list[list[str]]:
        """The accepted rewrites of each sentence; none of them is written later on."""
        random = Random(f"{self.grammar.name} {self.seed} rewrites {style}")
        found = [self.grammar.references(meaning, style, most, random) for meaning in written.values()]
        self.sentences.update(sentence for rewrites in found for sentence in rewrites)
        return found
