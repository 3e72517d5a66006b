"""A trigram language model of one domain: how fluent sentences are, measured by text that no network has written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy
from numpy.typing import NDArray

from cyclekit.core.parts import Data
from cyclekit.measuring.metric import MetricUnavailable
from cyclekit.text.scripts import words_of
from cyclekit.text.sentences import training_text

Ints = NDArray[numpy.int64]
Floats = NDArray[numpy.float64]

START, END, UNKNOWN = 0, 1, 2
METHOD = "trigrams of words, interpolated modified Kneser-Ney (Chen and Goodman 1999); unknown words count as one word"

# Discounts of counts 1, 2, and more, where a small text has too few n-grams to estimate them: KenLM's fallback.
FALLBACK = (0.5, 1.0, 1.5)


class Order(NamedTuple):
    """The n-grams of one length, as numbers: the words of an n-gram are the digits of its key, oldest first."""

    keys: Ints
    """Sorted."""
    shares: Floats
    """Discounted probability of each n-gram's last word after the others."""
    contexts: Ints
    """Keys without their last word, sorted."""
    left: Floats
    """For each context the mass that discounting took, which the shorter context distributes."""

    def probability(self, keys: Ints, contexts: Ints, shorter: Floats) -> Floats:
        """Interpolated with the probabilities that the shorter context gives; those themselves after a new context."""
        share = _looked_up(self.keys, self.shares, keys, 0.0)
        return share + _looked_up(self.contexts, self.left, contexts, 1.0) * shorter


class LanguageModel:
    """Trigrams over words (see `scripts.words_of`), interpolated modified Kneser-Ney as in KenLM.

    Chen and Goodman 1999, "An empirical study of smoothing techniques for language modeling", section 3; estimated as
    in Heafield et al. 2013, "Scalable Modified Kneser-Ney Language Model Estimation". A sentence's end is predicted
    like a word, its start is context only.

    The vocabulary is open: every word that the training text does not have counts as one and the same unknown word,
    whose probability is what discounting leaves to each word alike, 1 / (vocabulary + end + unknown) of it. It is never
    0, so that perplexities of any outputs compare, and it is small, so that inventing words does not pay.

    Args:
        sentences: training text.

    Raises:
        MetricUnavailable: there is none.
    """

    def __init__(self, sentences: Sequence[str]) -> None:
        if not any(words_of(sentence) for sentence in sentences):
            raise MetricUnavailable("needs training sentences to estimate a language model on; there are none")
        self.ids = {"<s>": START, "</s>": END, "<unk>": UNKNOWN}
        words = [word for sentence in sentences for word in words_of(sentence)]
        for word in dict.fromkeys(words):
            self.ids.setdefault(f" {word}", len(self.ids))
        self.size = len(self.ids)
        older, old, word = self._positions(sentences)[0].T
        inside = old != START
        trigrams, counts = numpy.unique(self._key(older, old, word)[inside], return_counts=True)
        # Shorter n-grams count the different words before them; those that begin a sentence have nothing before.
        begins, times = numpy.unique(self._key(old, word)[~inside], return_counts=True)
        bigrams, continued = numpy.unique(trigrams % self.size**2, return_counts=True)
        bigrams, continued = numpy.concatenate([begins, bigrams]), numpy.concatenate([times, continued])
        unigrams, preceded = numpy.unique(bigrams % self.size, return_counts=True)
        self.orders = [
            _order(unigrams, preceded, self.size),
            _order(*_sorted(bigrams, continued), self.size),
            _order(trigrams, counts, self.size),
        ]

    def log_probabilities(self, sentences: Sequence[str]) -> tuple[Floats, Ints]:
        """The natural logarithm of each sentence's probability (N,), and how many words it has, its end included."""
        positions, sentence = self._positions(sentences)
        older, old, word = positions.T
        uniform = numpy.full(len(word), 1 / (self.size - 1))  # all but the start
        unigram = self.orders[0].probability(word, numpy.zeros_like(word), uniform)
        bigram = self.orders[1].probability(self._key(old, word), old, unigram)
        trigram = self.orders[2].probability(self._key(older, old, word), self._key(older, old), bigram)
        logs = numpy.log(numpy.where(old == START, bigram, trigram))
        lengths = numpy.bincount(sentence, minlength=len(sentences))
        return numpy.bincount(sentence, logs, minlength=len(sentences)).astype(numpy.float64), lengths

    def perplexity(self, sentences: Sequence[str]) -> float:
        """exp of the mean negative log probability of a word, ends of sentences included."""
        logs, lengths = self.log_probabilities(sentences)
        return float(numpy.exp(-logs.sum() / lengths.sum()))

    def _positions(self, sentences: Iterable[str]) -> tuple[Ints, Ints]:
        """For each word and each end: (M, 3) ids of the two words before and itself; and its sentence's index (M,)."""
        flat: list[int] = []
        lengths: list[int] = []
        for sentence in sentences:
            ids = [self.ids.get(f" {word}", UNKNOWN) for word in words_of(sentence)]
            flat += [START, START, *ids, END]
            lengths.append(len(ids) + 3)
        ids_ = numpy.array(flat, dtype=numpy.int64)
        windows = numpy.lib.stride_tricks.sliding_window_view(ids_, 3) if len(ids_) else numpy.zeros((0, 3), int)
        of = numpy.repeat(numpy.arange(len(lengths)), lengths)[2:]
        predicted = windows[:, 2] != START
        return windows[predicted], of[predicted]

    def _key(self, *words: Ints) -> Ints:
        key = words[0]
        for word in words[1:]:
            key = key * self.size + word
        return key


# A model lives as long as its data part, so that runs in one process never share one.
_models: WeakKeyDictionary[Any, dict[str, LanguageModel]] = WeakKeyDictionary()


def language_model_of(data: Data, domain: str) -> LanguageModel:
    """The language model of a domain's training text, estimated at its first use.

    Raises:
        MetricUnavailable: the data part has no training text.
    """
    known = _models.setdefault(data, {})
    if domain not in known:
        known[domain] = LanguageModel(training_text(data, domain))
    return known[domain]


def _order(keys: Ints, counts: Ints, size: int) -> Order:
    """Discount sorted n-grams: all of one length, with their (adjusted) counts."""
    discounts = _discounts(counts)[numpy.minimum(counts, 3)]
    contexts, of = numpy.unique(keys // size, return_inverse=True)
    totals = numpy.bincount(of, counts)
    return Order(keys, (counts - discounts) / totals[of], contexts, numpy.bincount(of, discounts) / totals)


def _discounts(counts: Ints) -> Floats:
    """What to take from counts of 0, 1, 2, and more, (4,): Chen and Goodman 1999, equation 26."""
    n1, n2, n3, n4 = (int((counts == count).sum()) for count in (1, 2, 3, 4))
    if min(n1, n2, n3, n4) == 0:
        return numpy.array([0.0, *FALLBACK])
    y = n1 / (n1 + 2 * n2)
    found = [1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3]
    fits = all(0 <= discount <= count for count, discount in enumerate(found, start=1))
    return numpy.array([0.0, *(found if fits else FALLBACK)])


def _sorted(keys: Ints, counts: Ints) -> tuple[Ints, Ints]:
    order = numpy.argsort(keys)
    return keys[order], counts[order]


def _looked_up(keys: Ints, values: Floats, wanted: Ints, otherwise: float) -> Floats:
    """The value of each wanted key; `otherwise` for those that are not among the sorted keys."""
    place = numpy.minimum(numpy.searchsorted(keys, wanted), len(keys) - 1)
    return (
        numpy.where(keys[place] == wanted, values[place], otherwise)
        if len(keys)
        else numpy.full(len(wanted), otherwise)
    )
