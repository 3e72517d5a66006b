"""A lexicon from two texts that share no sentence: which words mean the same, and sentences translated by it.

Vectors, seeds and transport give a first plan (see `alignment`). Then, in turns: sentences of both sides are translated
by the plan and a bigram model of the other language, which tells apart what vectors confuse (function words above all);
what was chosen how often is the next plan. That is Viterbi training of a substitution cipher (Ravi and Knight 2011,
"Deciphering Foreign Language"), in both directions at once, and a share of the sentences at a time (Neal and Hinton
1998, "A view of the EM algorithm that justifies incremental, sparse, and other variants").

Neighbours may change places meanwhile. In the sentences' own order *black dog* and *chien noir* would teach that *dog*
is *noir*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy
from numpy.typing import NDArray

from cyclekit.core.batch import Pair
from cyclekit.core.curation import Told
from cyclekit.text.lexicon.alignment import (
    UNLIKE,
    Floats,
    Pairs,
    cognates,
    identical,
    likeness,
    rotation,
    self_learned,
    transported,
)
from cyclekit.text.lexicon.decoding import bigrams, decoded_sequences
from cyclekit.text.lexicon.dictionaries import in_vocabulary, read_dictionary
from cyclekit.text.lexicon.vectors import word_vectors
from cyclekit.text.lexicon.words import Vocabulary

SEEDS: Mapping[str, Callable[[Sequence[str], Sequence[str]], Pairs]] = {"identical": identical, "cognates": cognates}

KEPT = 0.1
"""Share of the transport's plan in the plan that counting gives: what was never chosen stays possible."""

SLICES = 4
"""Into so many the sentences of a side are dealt. One is translated and counted at a time, and the plan is of the
newest counts of each: a quarter of the work of counting all of them for every plan."""

WIDER = 20
"""Candidates of a word while counting."""

WORTH = 0.3
"""How much less a pair of a dictionary costs, of a cost of 1 - cosine."""


class WordDirection(NamedTuple):
    """How words of one language become words of the other."""

    source: Vocabulary
    target: Vocabulary
    candidates: NDArray[numpy.int64]
    """(V, K) places of target words, the likeliest first."""
    scores: NDArray[numpy.float32]
    """(V, K) log p(word | candidate): with the model of the target a noisy channel (Brown et al. 1993)."""
    shares: NDArray[numpy.float32]
    """(V, K) p(candidate | word)."""
    model: NDArray[numpy.float32]
    """`decoding.bigrams` of the target."""
    swap: float | None = None
    """See `decoding.decoded`."""

    def translated(self, sentences: Sequence[str]) -> list[str]:
        """Sentences word by word; words that the lexicon has not stay as they are."""
        words = [self.source.of(sentence) for sentence in sentences]
        rows = [[self.source.ids.get(word, -1) for word in row] for row in words]
        made = decoded_sequences(rows, self.candidates, self.scores, self.model, self.swap)
        chosen = [
            [row[place] if word < 0 else self.target.words[word] for place, word in found]
            for row, found in zip(words, made)
        ]
        return [self.target.sentence(row) for row in chosen]

    def precision(self, gold: Sequence[tuple[str, str]]) -> tuple[float, int]:
        """Percent of words whose likeliest translation a dictionary holds, of those it holds (precision@1); how many.

        As MUSE counts: words that only one of the two has say nothing, and any of a word's translations is right.

        Args:
            gold: pairs of words, whichever language comes first.
        """
        right = set(in_vocabulary(gold, self.source.ids, self.target.ids))
        asked = sorted({word for word, _ in right})
        best = self.candidates[numpy.arange(len(self.candidates)), self.shares.argmax(1)]
        hits = sum((word, int(best[word])) in right for word in asked)
        return (100 * hits / len(asked) if asked else numpy.nan), len(asked)

    def pairs(self, most: int | None = None) -> list[tuple[str, str, float]]:
        """The most frequent words, each with its likeliest translation and its share, 0 to 1."""
        words, best = self.source.words[:most], self.shares.argmax(1)
        return [
            (word, self.target.words[self.candidates[place, best[place]]], float(self.shares[place, best[place]]))
            for place, word in enumerate(words)
        ]


class Lexicon(NamedTuple):
    """Which words of two languages mean the same."""

    directions: Pair[WordDirection]
    """`directions.b` makes words of b."""
    vectors: Pair[Floats]
    """Both languages' words in one space, (V, D) and (W, D), of length 1."""
    facts: Mapping[str, Any]
    """What it was made of and how well it fits, in words and numbers."""


def induce(
    train: Pair[Sequence[str]],
    *,
    window: int = 10,
    dimensions: int = 200,
    words: int = 5000,
    seeds: Sequence[str] = ("identical", "cognates"),
    dictionary: Sequence[str] = (),
    candidates: int = 12,
    rounds: int = 4,
    swap: float | None = 1.0,
    spelling: float = 0.0,
    told: Told = lambda done, total: None,
) -> Lexicon:
    """Make a lexicon of two texts.

    Args:
        train: sentences of both languages; none needs to be a translation of another.
        window: how many words away a word's neighbours may be.
        dimensions: of the word vectors, at most.
        words: the most words of a language, of those that occur twice.
        seeds: what it begins with: words that are `identical`, words that are alike (`cognates`).
        dictionary: files of pairs, see `dictionaries.read_dictionary`; their pairs are seeds, and cost less.
        candidates: translations among which a sentence may choose for each of its words.
        rounds: of transport and counting.
        swap: what it costs to swap neighbours while counting and translating, see `decoding.decoded`; null never does.
        spelling: how much less a pair of words costs that are written alike, of a cost of 1 - cosine.
        told: (done, total) of the rounds.

    Raises:
        ValueError: numbers that make no sense, no seeds, or a dictionary that cannot be read.
    """
    check_numbers(window, dimensions, words, candidates, rounds, swap, spelling)
    for name in seeds:
        if name not in SEEDS:
            raise ValueError(f"seeds: there is no kind '{name}'; choose of: {', '.join(SEEDS)}")
    sides = train.map(lambda side: Vocabulary(side, most=words))
    if alone := [side.words[0] for side in sides if len(side.words) == 1]:
        raise ValueError(f"a language has one word that occurs twice, '{alone[0]}': give more of its sentences")
    known = [pair for path in dictionary for pair in in_vocabulary(read_dictionary(path), sides.a.ids, sides.b.ids)]
    found = {name: SEEDS[name](sides.a.words, sides.b.words) for name in seeds}
    begun = list(dict.fromkeys([*known, *(pair for pairs in found.values() for pair in pairs)]))
    if not begun:
        raise ValueError(
            f"no pair of words to begin with ({', '.join(seeds) or 'no seeds'}): the languages share none; name a "
            "dictionary"
        )
    size = min(dimensions, *(len(side.words) - 1 for side in sides))
    vectors = sides.map(lambda side: word_vectors(side.rows, len(side.words), window=window, dimensions=size))
    a, b = (side.astype(numpy.float32) for side in vectors)
    shares = tuple((numpy.array(side.counts) / sum(side.counts)).astype(numpy.float32) for side in sides)
    models = sides.map(lambda side: bigrams(side.rows, len(side.words)))
    slices = [(sides.a.rows[place::SLICES], sides.b.rows[place::SLICES]) for place in range(SLICES)]
    cheaper = spelling * _alike(sides) if spelling else None
    turned = self_learned(a, b, begun)
    for number in range(rounds):
        told(number, rounds)
        first = transported(a @ turned, b, shares, known, WORTH, cheaper)  # type: ignore[arg-type]
        plan = first
        newest: dict[int, Any] = {}
        for turn in range(SLICES if number < rounds - 1 else 2 * SLICES):  # twice: no first guess is left in the end
            place, (rows_a, rows_b) = turn % SLICES, slices[turn % SLICES]
            newest[place] = _chosen(plan, rows_a, models.b, swap) + _chosen(plan.T, rows_b, models.a, swap).T
            counts: Any = sum(newest.values())
            plan = KEPT * first + (1 - KEPT) / max(1.0, counts.sum()) * counts.toarray()
        turned = rotation(a.T @ plan @ b)
    told(rounds, rounds)
    fits = float((plan * (a @ turned @ b.T)).sum() / plan.sum())
    facts = {
        "seeds": {**({"dictionary": len(known)} if dictionary else {}), **{name: len(s) for name, s in found.items()}},
        "mean cosine of partners": round(fits, 4),
        "words": [len(side.words) for side in sides],
        "running words covered (%)": [_coverage(side) for side in sides],
    }
    directions = Pair(
        _direction(plan.T, sides.b, sides.a, models.a, candidates, swap),
        _direction(plan, sides.a, sides.b, models.b, candidates, swap),
    )
    return Lexicon(directions, Pair(a @ turned, b), facts)


def _chosen(plan: Floats, rows: Sequence[Sequence[int]], model: NDArray[numpy.float32], swap: float | None) -> Any:
    """How often each word became each other one, these sentences translated by the plan: sparse (V, W)."""
    from scipy.sparse import csr_matrix

    best, scores, _ = _best(plan, WIDER)
    made = decoded_sequences(rows, best, scores, model, swap)
    pairs = [(row[place], word) for row, found in zip(rows, made) for place, word in found if row[place] >= 0 <= word]
    words, partners = numpy.array(pairs, dtype=numpy.int64).reshape(-1, 2).T
    return csr_matrix((numpy.ones(len(pairs), dtype=numpy.float32), (words, partners)), shape=plan.shape)


def _best(plan: Floats, count: int) -> tuple[NDArray[numpy.int64], NDArray[numpy.float32], NDArray[numpy.float32]]:
    """For each word its likeliest partners (V, K), log p(word | partner), and p(partner | word)."""
    count = min(count, plan.shape[1])
    best = numpy.argpartition(-plan, count - 1, 1)[:, :count]
    together = numpy.take_along_axis(plan, best, 1)
    order = numpy.argsort(-together, 1, kind="stable")
    best, together = numpy.take_along_axis(best, order, 1), numpy.take_along_axis(together, order, 1)
    scores = numpy.log(together / plan.sum(0)[best] + 1e-12)
    return best, scores.astype(numpy.float32), (together / plan.sum(1, keepdims=True)).astype(numpy.float32)


def _direction(
    plan: Floats, source: Vocabulary, target: Vocabulary, model: NDArray[numpy.float32], count: int, swap: float | None
) -> WordDirection:
    return WordDirection(source, target, *_best(plan, count), model, swap)


def _alike(sides: Pair[Vocabulary]) -> Floats:
    """How alike words are written beyond chance: (V, W), from 0 to 1."""
    return numpy.maximum(likeness(sides.a.words, sides.b.words) - UNLIKE, 0) / (1 - UNLIKE)


def _coverage(side: Vocabulary) -> float:
    """Percent of a text's words that the lexicon has."""
    places = [place for row in side.rows for place in row]
    return round(100 * sum(place >= 0 for place in places) / len(places), 2)


def check_numbers(
    window: int,
    dimensions: int,
    words: int,
    candidates: int,
    rounds: int,
    swap: float | None = None,
    spelling: float = 0.0,
) -> None:
    """Refuse numbers that make no lexicon.

    Raises:
        ValueError: one of them.
    """
    numbers = {"window": window, "dimensions": dimensions, "candidates": candidates, "rounds": rounds}
    for name, number in numbers.items():
        if number < 1:
            raise ValueError(f"{name} is {number}; choose 1 or more")
    if words < 10:
        raise ValueError(f"words is {words}; choose 10 or more")
    if swap is not None and swap < 0:
        raise ValueError(f"swap is {swap}; it is a cost, 0 or more, or null for never")
    if spelling < 0:
        raise ValueError(f"spelling is {spelling}; it is how much less words cost that are written alike, 0 or more")
