"""`builtin:formality`: unpaired sentences in two styles, and held-out ones with their accepted rewrites."""

from __future__ import annotations

import re
from functools import lru_cache

from cyclekit.builtin.grammars import Grammar, text_set
from cyclekit.core.batch import Pair
from cyclekit.registry import register
from cyclekit.text.text_set import TextSet

from .intents import INTENTS
from .lexicon import LEXICON
from .points import CLAUSES, POINTS

_BEFORE_MARK = re.compile(r" (?=[,.;?!])()")
_START = re.compile(r"(?:^|(?<=[.?!] ))[a-z]")


class FormalityGrammar(Grammar):
    """Marks stand at their words, and formal sentences begin with a capital letter."""

    name = "formality"
    styles = Pair("formal", "informal")

    def tidied(self, text: str, style: str) -> str:
        text = _BEFORE_MARK.sub(r"\1", super().tidied(text, style))
        return _START.sub(lambda start: start.group().upper(), text) if style == "formal" else text


@lru_cache(maxsize=1)
def grammar() -> FormalityGrammar:
    """The built-in grammar, read once."""
    return FormalityGrammar(INTENTS, CLAUSES, POINTS, LEXICON)


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
    return text_set(
        grammar(),
        "sentences of a seeded grammar, no real messages",
        sentences=sentences,
        held_out=held_out,
        validation=validation,
        references=references,
        seed=seed,
    )
