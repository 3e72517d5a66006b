"""What else than a network would make of a sentence: its most salient words exchanged, or what a person made of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy

from cyclekit.core.batch import Batch, Pair, concat
from cyclekit.core.parts import Data, HeldOut
from cyclekit.measuring.metric import HUMAN
from cyclekit.text.lexicon.kept import lexicon_of
from cyclekit.text.lexicon.vectors import information
from cyclekit.text.sentences import decoded, training_text
from cyclekit.text.text_set import OfLanguages

WORD_SWAP, WORD_BY_WORD = "word swap", "word by word"

# A word with its apostrophes and hyphens ("n't", "'s" and "don't" are words), or a run of punctuation.
WORD = re.compile(r"['’]?\w+(?:['’-]\w+)*|[^\w\s]+")
EDGE = "\n"
"""Stands before the first word and after the last: no sentence holds one."""


def baselines(data: Data, target: str, items: Sequence[HeldOut]) -> Mapping[str, Batch]:
    """Translations of held-out items that no network made, by name.

    Args:
        data: whose training sentences and codecs to use.
        target: the domain, "a" or "b", to translate to.

    Returns:
        "word swap", see `WordSwap`, or of two languages "word by word", by a lexicon of the training sentences; and,
        where every item has one, "human": its first accepted translation.
    """
    read, made = (data.codecs.a, data.codecs.b) if target == "b" else (data.codecs.b, data.codecs.a)
    sentences = decoded(read, concat([item.row for item in items]))
    if isinstance(data, OfLanguages) and data.languages:
        found = {WORD_BY_WORD: made.encode(getattr(lexicon_of(data).directions, target).translated(sentences))}
    else:
        found = {WORD_SWAP: made.encode(word_swap_of(data)(sentences, target))}
    accepted = [item.truth for item in items if item.truth is not None]
    if len(accepted) == len(items):
        found[HUMAN] = concat([next(truth.rows()) for truth in accepted])
    return found


class WordSwap:
    """Exchanges the words that give a sentence's style away for the other domain's words of the most similar contexts.

    In the spirit of the template baseline of Li et al. 2018 ("Delete, Retrieve, Generate", sections 3.1 and 3.3): what
    is much likelier in a sentence's own domain than in the other is a marker of its style, and a marker of the other
    domain takes its place. Theirs comes with a retrieved sentence. These are word for word: the counterpart of a marker
    is the marker whose neighbours in its own domain resemble the first one's in the other, by the cosine of positive
    pointwise mutual information with the words before and after (Levy and Goldberg 2014, "Neural Word Embedding as
    Implicit Matrix Factorization"). A sentence without a marker has its most telling word exchanged.

    Args:
        train: training sentences of each domain.
        salient: how many times likelier in its own domain a word must be to be a marker.
        prior: added to every count before they are compared, against chance; Li et al. add 1.
        fewest: how often a word must be seen in its domain to take another one's place.
    """

    def __init__(
        self, train: Pair[Sequence[str]], *, salient: float = 3.0, prior: float = 5.0, fewest: int = 10
    ) -> None:
        sides = train.map(lambda side: [[EDGE, *WORD.findall(sentence), EDGE] for sentence in side])
        self.ids: dict[str, int] = {EDGE: 0}
        for side in sides:
            for sentence in side:
                for word in sentence:
                    self.ids.setdefault(word, len(self.ids))
        self.words = list(self.ids)
        flat = [numpy.array([self.ids[word] for sentence in side for word in sentence]) for side in sides]
        counts = [numpy.bincount(ids, minlength=len(self.words)) for ids in flat]
        a, b = (numpy.log((side + prior) / side.sum()) for side in counts)
        self.saliency = a - b
        self.saliency[0] = 0.0
        self.threshold = float(numpy.log(salient))
        vectors = Pair(*(_neighbourhoods(ids, len(self.words)) for ids in flat))
        may_come = Pair(*(side >= fewest for side in counts))
        self.counterparts = {"a": self._counterparts(vectors, may_come.a, 1)}
        self.counterparts["b"] = self._counterparts(vectors.swapped, may_come.b, -1)

    def __call__(self, sentences: Sequence[str], target: str) -> list[str]:
        """Sentences of the other domain with their markers exchanged for those of `target`, "a" or "b"."""
        counterparts = self.counterparts[target]
        sign = -1 if target == "a" else 1
        return [self._swapped(sentence, counterparts, sign) for sentence in sentences]

    def _swapped(self, sentence: str, counterparts: Mapping[str, str], sign: int) -> str:
        found = {word: sign * float(self.saliency[self.ids.get(word, 0)]) for word in WORD.findall(sentence)}
        markers = {word for word, saliency in found.items() if saliency > self.threshold}
        likeliest = max((word for word in found if word in counterparts), key=lambda word: found[word], default=None)
        exchanged = markers or {likeliest}
        return WORD.sub(
            lambda match: counterparts.get(match[0], match[0]) if match[0] in exchanged else match[0], sentence
        )

    def _counterparts(self, vectors: Pair[Any], may_come: Any, sign: int) -> dict[str, str]:
        """For each word that tells of the second domain the marker of the first, `vectors.a`, to put in its place."""
        coming = numpy.flatnonzero((sign * self.saliency > self.threshold) & may_come)
        going = numpy.flatnonzero(sign * self.saliency < 0)
        if not len(coming) or not len(going):
            return {}
        nearest = numpy.concatenate(
            [(vectors.b[some] @ vectors.a[coming].T).toarray().argmax(1) for some in numpy.array_split(going, 8)]
        )
        return {self.words[old]: self.words[coming[place]] for old, place in zip(going, nearest)}


# A word swap lives as long as its data part, so that runs in one process never share one.
_swaps: WeakKeyDictionary[Any, WordSwap] = WeakKeyDictionary()


def word_swap_of(data: Data) -> WordSwap:
    """The word swap of these data's training sentences, made at its first use."""
    if data not in _swaps:
        _swaps[data] = WordSwap(Pair(*(training_text(data, domain) for domain in Pair._fields)))
    return _swaps[data]


def _neighbourhoods(ids: Any, size: int) -> Any:
    """Each word's neighbours as a sparse row of length 1: (V, 2 V), the words after it beside those before it."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.preprocessing import normalize

    inside = (ids[:-1] != 0) | (ids[1:] != 0)  # not from one sentence's end to the next one's beginning
    follows = csr_matrix((numpy.ones(inside.sum()), (ids[:-1][inside], ids[1:][inside])), shape=(size, size))
    return normalize(hstack([information(follows), information(follows.T.tocsr())]).tocsr())
