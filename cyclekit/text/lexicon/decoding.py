"""Word by word, but fluently: of each word's likely translations those that the target language puts side by side.

Viterbi (1967) over the candidates of every word and a bigram model of the target's training text. Sentences are decoded
side by side, so that a training set takes seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy
from numpy.typing import NDArray

Floats = NDArray[numpy.float32]

DISCOUNT = 0.75
"""Of every bigram's count (Ney et al. 1994)."""

TOGETHER = 256
"""Sentences that are decoded side by side."""


def bigrams(rows: Sequence[Sequence[int]], size: int) -> Floats:
    """log p(word | word before), interpolated with absolute discounting: (size + 1, size + 1).

    Place `size` is a sentence's edge as much as it is any rare word: about neither is more known.

    Args:
        rows: sentences as places of words, -1 for a rare one.
    """
    flat = numpy.array([place if place >= 0 else size for row in rows for place in (size, *row, size)])
    pairs = flat[:-1] * (size + 1) + flat[1:]
    # From one sentence's end to the next one's beginning is no bigram.
    ends = numpy.cumsum([len(row) + 2 for row in rows])[:-1] - 1
    counts = numpy.bincount(numpy.delete(pairs, ends), minlength=(size + 1) ** 2).reshape(size + 1, size + 1)
    counts = counts.astype(numpy.float32)
    continued = (counts > 0).sum(0) + 1.0  # after how many different words (Kneser and Ney 1995)
    shorter = (continued / continued.sum()).astype(numpy.float32)
    total, kinds = counts.sum(1, keepdims=True), (counts > 0).sum(1, keepdims=True)
    left = numpy.where(total > 0, DISCOUNT * kinds / numpy.maximum(total, 1), 1.0).astype(numpy.float32)
    share = numpy.maximum(counts - DISCOUNT, 0) / numpy.maximum(total, 1)
    return numpy.log(share + left * shorter)


def decoded(
    sentences: Sequence[Sequence[int]], candidates: NDArray[numpy.int64], scores: Floats, model: Floats
) -> list[list[int]]:
    """The best sequence of candidates for each sentence.

    Args:
        sentences: places of source words; -1 for a word without candidates, which stays one.
        candidates: (V, K) places of target words.
        scores: (V, K) log-probabilities of the word, were it a candidate's translation.
        model: `bigrams` of the target.

    Returns:
        For each sentence as many places of target words; -1 where there were no candidates.
    """
    edge, width = len(model) - 1, candidates.shape[1]
    # One more row, which -1 finds: a word of its own.
    candidates = numpy.concatenate([candidates, numpy.full((1, width), edge)])
    scores = numpy.concatenate([scores, numpy.where(numpy.arange(width) > 0, -1e9, 0.0)[None].astype(numpy.float32)])
    made: list[list[int]] = [[] for _ in sentences]
    order = sorted((place for place, one in enumerate(sentences) if one), key=lambda place: len(sentences[place]))
    for start in range(0, len(order), TOGETHER):
        places = order[start : start + TOGETHER]
        rows = _together([sentences[place] for place in places], candidates, scores, model)
        for place, row in zip(places, rows):
            made[place] = [-1 if found == edge else found for found in row]
    return made


def _together(
    sentences: Sequence[Sequence[int]], candidates: NDArray[numpy.int64], scores: Floats, model: Floats
) -> list[list[int]]:
    lengths = numpy.array([len(one) for one in sentences])
    edge, rows = len(model) - 1, numpy.arange(len(sentences))
    padded = numpy.full((len(sentences), lengths.max()), -1)
    for row, one in enumerate(sentences):
        padded[row, : len(one)] = one
    words, given = candidates[padded], scores[padded]  # (B, T, K)
    best = model[edge, words[:, 0]] + given[:, 0]
    came: list[NDArray[numpy.int64]] = []
    ends = numpy.where((lengths == 1)[:, None], best + model[words[:, 0], edge], -numpy.inf)
    last = ends.argmax(1)
    for place in range(1, padded.shape[1]):
        step = best[:, :, None] + model[words[:, place - 1, :, None], words[:, place, None, :]]
        came.append(step.argmax(1))
        best = step.max(1) + given[:, place]
        ended = lengths == place + 1
        last = numpy.where(ended, (best + model[words[:, place], edge]).argmax(1), last)
    found = numpy.zeros_like(padded)
    chosen = last
    for place in range(padded.shape[1] - 1, -1, -1):
        chosen = numpy.where(lengths == place + 1, last, chosen)
        found[:, place] = words[rows, place, chosen]
        if place:
            chosen = numpy.where(place < lengths, came[place - 1][rows, chosen], chosen)
    return [row[:length].tolist() for row, length in zip(found, lengths)]
