"""Ways to choose an exported generator's words, in numpy: greedy, drawn, or searched for with a beam.

The same choices as `cyclekit.text.bridge.draw` and `cyclekit.text.search`, which have PyTorch's tensors. B rows, K
candidates of each, V vocabulary, L layers, H heads, S and T tokens read and written, D width of a head.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

IMPOSSIBLE = -5e8
"""A candidate below this holds a forbidden word, whose logit is -1e9."""

LENGTH_PENALTY = 0.6
"""Wu et al. 2016, section 7."""

ENDED = 0.25
"""Share of a batch's rows that have ended at which the others go on without them."""

START = -1
"""In the place of the word before the first."""


class Hypothesis(NamedTuple):
    """One translation of a row."""

    ids: np.ndarray
    """(T,) with the end token."""
    score: float
    """Its log-probability over the length penalty."""


class DecoderState:
    """A source that has been read, and how far its translation is written."""

    def __init__(self, encoder: Any, step: Any, ids: np.ndarray, mask: np.ndarray) -> None:
        """Read ids (B, S), int64, whose `mask` (B, S) is True where they are real."""
        self.step, self.mask = step, mask
        self.keys, self.values, self.most, *least = encoder.run(None, {"ids": ids, "mask": mask})
        self.least: np.ndarray | None = least[0] if least else None
        """The fewest tokens of each row; None where any number will do."""
        empty = (*self.keys.shape[:3], 0, self.keys.shape[4])
        self.written_keys, self.written_values = np.zeros(empty, np.float32), np.zeros(empty, np.float32)

    @property
    def longest(self) -> int:
        """The most tokens that any row may have."""
        return int(self.most.max())

    def advance(self, words: np.ndarray | None) -> np.ndarray:
        """Write one word (B,) more, None at the start, and give the next one's logits (B, V), constrained."""
        if words is None:
            words = np.full(len(self.most), START)
        given = {
            "words": words.astype(np.int64), "most": self.most, "mask": self.mask, "keys": self.keys,
            "values": self.values, "written_keys": self.written_keys, "written_values": self.written_values,
        }  # fmt: skip
        if self.least is not None:
            given["least"] = self.least
        logits, self.written_keys, self.written_values = self.step.run(None, given)
        return logits

    def select(self, rows: np.ndarray) -> None:
        """Keep these rows (K,), in this order; a row may be taken more than once."""
        self.mask, self.most = self.mask[rows], self.most[rows]
        if self.least is not None:
            self.least = self.least[rows]
        for name in ("keys", "values", "written_keys", "written_values"):
            setattr(self, name, np.ascontiguousarray(getattr(self, name)[:, rows]))


def greedy(reading: DecoderState, pad: int, end: int) -> list[np.ndarray]:
    """The likeliest word each time: ids (T,) of each row, the end token included."""
    count, longest = len(reading.most), reading.longest
    ids = np.full((count, longest), pad)
    lengths = np.zeros(count, np.int64)
    rows, ended = np.arange(count), np.zeros(count, bool)
    words: np.ndarray | None = None
    for place in range(longest):
        words = np.where(ended, pad, reading.advance(words).argmax(1))
        ids[rows, place] = words
        lengths[rows] += ~ended
        ended = ended | (words == end)
        over = int(ended.sum())
        if over == len(rows):
            break
        if over >= ENDED * len(rows):
            going = (~ended).nonzero()[0]
            rows, words, ended = rows[going], words[going], ended[going]
            reading.select(going)
    return [row[:length] for row, length in zip(ids, lengths)]


def drawn(
    reading: DecoderState, pad: int, end: int, best: int, temperature: float, top_p: float,
    random: Sequence[np.random.Generator],
) -> list[list[Hypothesis]]:  # fmt: skip
    """`best` independent draws for each row, the likeliest at temperature 1 first."""
    rows = np.arange(len(reading.most)).repeat(best)
    reading.select(rows)
    uniform = np.stack([each.random((reading.longest, best)) for each in random], 1)
    chance = uniform.reshape(reading.longest, -1)
    words: np.ndarray | None = None
    ended, total = np.zeros(len(rows), bool), np.zeros(len(rows), np.float32)
    ids = []
    for position in range(reading.longest):
        logits = reading.advance(words)
        words = np.where(ended, pad, _chosen(logits / np.float32(temperature), top_p, chance[position]))
        gained = np.take_along_axis(log_softmax(logits), words[:, None], 1)[:, 0]
        total = total + np.where(ended, np.float32(0), gained)
        ids.append(words)
        ended = ended | (words == end)
        if ended.all():
            break
    written = np.stack(ids, 1)
    lengths = (written == end).argmax(1) + 1
    candidates = [
        Hypothesis(row[:length], float(gained) / length_penalty(int(length)))
        for row, length, gained in zip(written, lengths, total)
    ]
    return [
        sorted(candidates[start : start + best], key=lambda each: -each.score)
        for start in range(0, len(candidates), best)
    ]


def searched(reading: DecoderState, end: int, beams: int, best: int) -> list[list[Hypothesis]]:
    """Beam search; the best candidates of each row, the best first."""
    count = len(reading.most)
    finished: list[list[Hypothesis]] = [[] for _ in range(count)]
    limits = reading.most.tolist()
    active = list(range(count))
    scores = np.zeros((count, 1), np.float32)
    written = np.zeros((count, 1, 0), np.int64)
    words: np.ndarray | None = None
    for _ in range(max(limits)):
        gained = log_softmax(reading.advance(words)).reshape(*scores.shape, -1)
        vocabulary, width = gained.shape[2], gained.shape[1]
        summed = (scores[:, :, None] + gained).reshape(len(active), -1)
        place = _largest(summed, min(2 * beams, summed.shape[1]))
        top = np.take_along_axis(summed, place, 1)
        parent, word = place // vocabulary, place % vocabulary
        ends, possible = word == end, top > IMPOSSIBLE
        for row, column in zip(*(ends & possible).nonzero()):
            if column < beams:  # an end that is not among the best continuations is no result
                ids = np.append(written[row, parent[row, column]], word[row, column])
                score = float(top[row, column]) / length_penalty(len(ids))
                finished[active[row]].append(Hypothesis(ids, score))
        going = np.where(ends | ~possible, -np.inf, top).astype(np.float32)
        column = _largest(going, min(beams, top.shape[1]))
        scores = np.take_along_axis(going, column, 1)
        hopes = scores[:, 0].tolist()
        kept = [
            row
            for row, item in enumerate(active)
            if hopes[row] > -np.inf and not _settled(finished[item], hopes[row], best, length_penalty(limits[item]))
        ]
        if not kept:
            break
        chosen = np.array(kept)
        column, scores = column[chosen], scores[chosen]
        parent = np.take_along_axis(parent[chosen], column, 1)
        word = np.take_along_axis(word[chosen], column, 1)
        written = np.concatenate([written[chosen[:, None], parent], word[:, :, None]], 2)
        reading.select((chosen[:, None] * width + parent).reshape(-1))
        active, words = [active[row] for row in kept], word.reshape(-1)
    return [sorted(each, key=lambda candidate: -candidate.score)[:best] for each in finished]


def length_penalty(length: int) -> float:
    """What a log-probability is divided by, so that long sentences may win (Wu et al. 2016, equation 14)."""
    return ((5 + length) / 6) ** LENGTH_PENALTY


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """(B, V), float32."""
    shifted = logits - logits.max(1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))


def _largest(values: np.ndarray, count: int) -> np.ndarray:
    """(B, count) the places of the largest, the largest first."""
    if count < values.shape[1]:
        found = np.argpartition(-values, count - 1, axis=1)[:, :count]
    else:
        found = np.broadcast_to(np.arange(count), (len(values), count))
    order = np.argsort(-np.take_along_axis(values, found, 1), axis=1, kind="stable")
    return np.take_along_axis(found, order, 1)


def _chosen(logits: np.ndarray, top_p: float, chance: np.ndarray) -> np.ndarray:
    """Words (B,) drawn from logits (B, V) by uniform numbers (B,) in [0, 1)."""
    exponential = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    share = exponential / exponential.sum(1, keepdims=True)
    if top_p < 1:
        order = np.argsort(-share, axis=1, kind="stable")
        ordered = np.take_along_axis(share, order, 1)
        likeliest = np.where(ordered.cumsum(1) - ordered < top_p, ordered, 0.0)
        share = np.zeros_like(share)
        np.put_along_axis(share, order, likeliest, 1)
    summed = share.cumsum(1)
    return np.array([np.searchsorted(row, c * row[-1], side="right") for row, c in zip(summed, chance)])


def _settled(finished: Sequence[Hypothesis], hope: float, best: int, largest_penalty: float) -> bool:
    """Whether no unfinished candidate, the likeliest with log-probability `hope`, can still be among the best."""
    if len(finished) < best:
        return False
    return sorted((each.score for each in finished), reverse=True)[best - 1] >= hope / largest_penalty
