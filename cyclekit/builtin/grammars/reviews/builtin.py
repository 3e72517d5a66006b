"""`builtin:reviews`: unpaired complaints and praise, and held-out ones with their accepted rewrites."""

from __future__ import annotations

from functools import lru_cache

from cyclekit.builtin.grammars import Grammar, text_set
from cyclekit.core.batch import Pair
from cyclekit.registry import register
from cyclekit.text.text_set import TextSet

from .lexicon import LEXICON
from .points import CLAUSES, POINTS
from .topics import TOPICS


class ReviewGrammar(Grammar):
    """In lower case and tokenised, as the tables are written: marks and clitics are words of their own."""

    name = "reviews"
    styles = Pair("negative", "positive")


@lru_cache(maxsize=1)
def grammar() -> ReviewGrammar:
    """The built-in grammar, read once."""
    return ReviewGrammar(TOPICS, CLAUSES, POINTS, LEXICON)


@register("builtin", "reviews")
def reviews(
    *, sentences: int = 40000, held_out: int = 500, validation: int = 500, references: int = 8, seed: int = 0
) -> TextSet:
    """Reviews of restaurants, shops, services and hotels: domain a negative, domain b positive, of other meanings.

    Written as the Yelp transfer set is (Shen et al. 2017): lower case, tokenised, 3 to 15 words. A rewrite keeps what
    is spoken of, word by word, and turns what is said of it.
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
        "reviews of a seeded grammar, no real customers",
        sentences=sentences,
        held_out=held_out,
        validation=validation,
        references=references,
        seed=seed,
    )
