"""Two languages' word vectors in one space: seeds, a map learned from itself, and a plan of which word is which.

Seeds are words that both languages write alike. From them an orthogonal map is learned (Schönemann 1966), and from the
map more pairs, in turns (Artetxe et al. 2018, "A robust self-learning method"; CSLS: Conneau et al. 2018). Optimal
transport turns the map into a plan whose marginals are how often words occur: a frequent word must have as frequent
translations, and a rare one cannot serve many (Alvarez-Melis and Jaakkola 2018). Words that are written alike cost
less: rare words have the worst vectors, and in related languages they are the most alike (Riley and Gildea 2018,
"Orthographic Features for Bilingual Lexicon Induction").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy
from numpy.typing import NDArray

Floats = NDArray[numpy.floating[Any]]
Pairs = list[tuple[int, int]]
"""Places of words of one language, and of the other."""

ALIKE = 0.5
"""Dice's coefficient of letter n-grams above which two words that are each other's nearest are cognates."""

UNLIKE = 0.3
"""Dice's coefficient up to which two words are alike by chance: the transport takes them for unlike."""

SHORTEST = 4
"""Letters below which two words are alike by chance."""

NEIGHBOURS = 10
"""Of a word, for CSLS (Conneau et al. 2018, section 2.3)."""

FREQUENT = 2000
"""Words of each language that self-learning matches: rarer ones have worse vectors."""

ROUNDS = 10
"""Of self-learning."""

SHARPNESS = 0.05
"""Entropic regularisation of the transport: the cost, 1 - cosine, at which a pair is e times rarer."""


def identical(a: Sequence[str], b: Sequence[str]) -> Pairs:
    """Words that both languages have: numbers, names, loans."""
    places = {word: place for place, word in enumerate(b)}
    return [(place, places[word]) for place, word in enumerate(a) if word in places]


def likeness(a: Sequence[str], b: Sequence[str]) -> Floats:
    """Dice's coefficients (V, W) of words' letter n-grams (2 and 3), accents aside; 0 for short words."""
    from sklearn.feature_extraction.text import CountVectorizer

    found = numpy.zeros((len(a), len(b)), dtype=numpy.float32)
    of_a, of_b = ([place for place, word in enumerate(side) if len(word) >= SHORTEST] for side in (a, b))
    if not of_a or not of_b:
        return found
    count = CountVectorizer(analyzer="char_wb", ngram_range=(2, 3), binary=True, strip_accents="unicode")
    grams = count.fit_transform([a[place] for place in of_a] + [b[place] for place in of_b]).astype(numpy.float32)
    sizes = numpy.asarray(grams.sum(1))
    shared = (grams[: len(of_a)] @ grams[len(of_a) :].T).toarray()
    found[numpy.ix_(of_a, of_b)] = 2 * shared / (sizes[: len(of_a)] + sizes[len(of_a) :].T)
    return found


def cognates(a: Sequence[str], b: Sequence[str]) -> Pairs:
    """Words that are each other's most alike."""
    alike = likeness(a, b)
    best_b, best_a = alike.argmax(1), alike.argmax(0)
    mutual = (best_a[best_b] == numpy.arange(len(a))) & (alike.max(1) > ALIKE)
    return [(int(place), int(best_b[place])) for place in numpy.flatnonzero(mutual)]


def rotation(correlation: Floats) -> Floats:
    """The orthogonal (D, E) map that brings rows of X nearest to those of Y, of X.T @ Y (D, E)."""
    left, _, right = numpy.linalg.svd(correlation, full_matrices=False)
    return left @ right


def csls(a: Floats, b: Floats) -> Floats:
    """Cosines (V, W), less how near each word is to any: a hub is nobody's translation."""
    cosines = a @ b.T
    few = min(NEIGHBOURS, len(a), len(b))
    near_b = numpy.partition(cosines, -few, 1)[:, -few:].mean(1, keepdims=True)
    near_a = numpy.partition(cosines, -few, 0)[-few:].mean(0, keepdims=True)
    return 2 * cosines - near_b - near_a


def self_learned(a: Floats, b: Floats, seeds: Pairs) -> Floats:
    """A map (D, E) from seeds: words that are each other's nearest join them in the next round.

    Args:
        a, b: vectors (V, D) and (W, E) of length 1, the most frequent words first.
        seeds: at least one.
    """
    one, other = numpy.array(seeds).T
    turned = rotation(a[one].T @ b[other])
    for _ in range(ROUNDS):
        near = csls(a[:FREQUENT] @ turned, b[:FREQUENT])
        best_b, best_a = near.argmax(1), near.argmax(0)
        mutual = numpy.flatnonzero(best_a[best_b] == numpy.arange(len(best_b)))
        turned = rotation(a[mutual].T @ b[best_b[mutual]] + a[one].T @ b[other])
    return turned


def transported(
    a: Floats, b: Floats, shares: tuple[Floats, Floats], known: Pairs, worth: float, cheaper: Floats | None = None
) -> Floats:
    """The plan (V, W) of least cost: how much of the text is word v on one side and word w on the other.

    Args:
        a, b: vectors in one space.
        shares: of each language's words in its text, (V,) and (W,), each summing to 1: the plan's margins.
        known: pairs of a dictionary, which cost `worth` less.
        cheaper: how much less every pair costs (V, W), by what else is known of it.
    """
    import ot

    cost = 1 - a @ b.T
    if known:
        one, other = numpy.array(known).T
        cost[one, other] -= worth
    if cheaper is not None:
        cost -= cheaper
    plan: Floats = ot.sinkhorn(*shares, cost, SHARPNESS, numItermax=100, stopThr=1e-5, warn=False)
    return plan
