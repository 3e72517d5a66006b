"""Word by word, but fluently: of each word's likely translations those that the target language puts side by side.

Viterbi (1967) over the candidates of every word and a bigram model of the target's training text. Sentences are decoded
side by side, so that a training set takes seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy
from numpy.typing import NDArray

Floats = NDArray[numpy.float32]

DISCOUNT = 0.75
"""Of every bigram's count (Ney et al. 1994)."""

TOGETHER = 256
"""Sentences that are decoded side by side."""

IMPOSSIBLE = -1e9
"""The score of what is no candidate."""


class ChosenWord(NamedTuple):
    """A word of a translation."""

    source: int
    """The place in the sentence of what it translates."""
    word: int
    """Its place among the target's words; -1 for a word without candidates."""


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


def decoded_sequences(
    sentences: Sequence[Sequence[int]],
    candidates: NDArray[numpy.int64],
    scores: Floats,
    model: Floats,
    swap: float | None = None,
) -> list[list[ChosenWord]]:
    """The best sequence of candidates for each sentence.

    Args:
        sentences: places of source words; -1 for a word without candidates, which stays one.
        candidates: (V, K) places of target words.
        scores: (V, K) log-probabilities of the word, were it a candidate's translation.
        model: `bigrams` of the target.
        swap: what it costs, in nats, to write a word before the one it follows, as languages do with adjectives and
            nouns; null keeps the order of the sentence.

    Returns:
        For each sentence as many target words; -1 where there were no candidates.
    """
    edge, width = len(model) - 1, candidates.shape[1]
    # One more row, which -1 finds: a word of its own.
    candidates = numpy.concatenate([candidates, numpy.full((1, width), edge)])
    scores = numpy.concatenate([scores, numpy.where(numpy.arange(width) > 0, IMPOSSIBLE, 0.0)[None].astype("float32")])
    made: list[list[ChosenWord]] = [[] for _ in sentences]
    order = sorted((place for place, one in enumerate(sentences) if one), key=lambda place: len(sentences[place]))
    for start in range(0, len(order), TOGETHER):
        places = order[start : start + TOGETHER]
        rows = _together([sentences[place] for place in places], candidates, scores, model, swap)
        for place, row in zip(places, rows):
            made[place] = [ChosenWord(source, -1 if found == edge else found) for source, found in row]
    return made


class _Reached(NamedTuple):
    """All ways to have translated the first words of each of B sentences, by which word was written last.

    Of L ways the first K wrote a candidate of the newest word last; the others, after a swap, of the one before it.
    """

    last: NDArray[numpy.int64]
    """(B, L) the target word that was written last."""
    score: Floats
    """(B, L)"""
    came: NDArray[numpy.int64]
    """(B, L) the way it went on from: among those one word ago, or after a swap two."""
    first: NDArray[numpy.int64]
    """(B, K) after a swap, the candidate of the newest word, which was written before."""


def _on(before: _Reached, words: NDArray[numpy.int64], model: Floats) -> tuple[Floats, NDArray[numpy.int64]]:
    """The best score with which each of (B, K) words can be written next, and after which way."""
    step = before.score[:, :, None] + model[before.last[:, :, None], words[:, None, :]]
    best = step.argmax(1)
    return numpy.take_along_axis(step, best[:, None], 1)[:, 0], best


def _together(
    sentences: Sequence[Sequence[int]],
    candidates: NDArray[numpy.int64],
    scores: Floats,
    model: Floats,
    swap: float | None,
) -> list[list[tuple[int, int]]]:
    lengths = numpy.array([len(one) for one in sentences])
    edge, width = len(model) - 1, candidates.shape[1]
    padded = numpy.full((len(sentences), lengths.max()), -1)
    for row, one in enumerate(sentences):
        padded[row, : len(one)] = one
    words, given = candidates[padded], scores[padded]  # (B, T, K)
    nothing = numpy.zeros((len(sentences), 0), dtype=numpy.int64)
    start = numpy.zeros((len(sentences), 1), dtype=numpy.float32)
    reached = [_Reached(numpy.full(start.shape, edge), start, nothing, nothing)]
    ends = numpy.zeros(len(sentences), dtype=numpy.int64)
    for place in range(padded.shape[1]):
        here = words[:, place]
        score, came = _on(reached[-1], here, model)
        score = score + given[:, place]
        if swap is None or not place:
            reached.append(_Reached(here, score, came, nothing))
        else:
            early, passed = _on(reached[-2], here, model)
            newest = _Reached(here, early + given[:, place], passed, nothing)
            late, first = _on(newest, words[:, place - 1], model)
            late = late + given[:, place - 1] - numpy.float32(swap)
            passed = numpy.take_along_axis(passed, first, 1)
            last = numpy.concatenate([here, words[:, place - 1]], 1)
            both = numpy.concatenate([score, late], 1)
            reached.append(_Reached(last, both, numpy.concatenate([came, passed], 1), first))
        ended = (reached[-1].score + model[reached[-1].last, edge]).argmax(1)
        ends = numpy.where(lengths == place + 1, ended, ends)
    return [_path(reached, words[row], row, int(lengths[row]), int(ends[row]), width) for row in range(len(sentences))]


def _path(
    reached: Sequence[_Reached], words: NDArray[numpy.int64], row: int, length: int, way: int, width: int
) -> list[tuple[int, int]]:
    """The words of one sentence on the way that ended best, each with the place that it translates."""
    path: list[tuple[int, int]] = []
    place = length - 1
    while place >= 0:
        now = reached[place + 1]
        path.append((place if way < width else place - 1, int(now.last[row, way])))
        if way >= width:
            path.append((place, int(words[place, now.first[row, way - width]])))
        place -= 1 if way < width else 2
        way = int(now.came[row, way])
    return path[::-1]
