"""Ways to choose a sentence other than word by word the likeliest: sampling, and beam search for one or the n best.

Written once, over what every generator of sentences gives (`bridge.WordByWord`): `begin`, `advance` and the reading's
`select`. What may not be written (repeats, words of the other domain, padding) is forbidden inside `advance`, which
also makes a row end that has become as long as it may. B rows, K candidates of each, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy
import torch
from torch import Tensor

from cyclekit.core.batch import Batch
from cyclekit.text.bridge import LOWEST, WordByWord

IMPOSSIBLE = LOWEST / 2
"""A candidate below this holds a forbidden word."""

LENGTH_PENALTY = 0.6
"""Between 0.6 and 0.7 served best in Wu et al. 2016, section 7."""


class Candidate(NamedTuple):
    """One translation of a row."""

    row: Batch
    """(1, T) ids with their end token; on the CPU."""
    score: float
    """Its log-probability over the length penalty: the higher, the likelier."""
    log_probability: float
    """In nats, of the whole row."""


@torch.no_grad()
def search(
    generator: WordByWord,
    source: Batch,
    *,
    beams: int = 1,
    best: int = 1,
    temperature: float | None = None,
    top_p: float = 1.0,
    random: Sequence[numpy.random.Generator] = (),
    length_penalty: float = LENGTH_PENALTY,
) -> list[list[Candidate]]:
    """Translate each row of (B, S) ids into its candidates, the best first.

    Args:
        beams: how many unfinished candidates beam search keeps; 1 is greedy.
        best: how many candidates of a row are wanted. Beam search may find fewer where a row is very short.
        temperature: not None: draw `best` candidates for each row at this temperature instead of searching.
        top_p: draw only from the likeliest words that together have this probability (Holtzman et al. 2020).
        random: a source of random numbers for each row, so that a row's draw does not depend on its neighbours.
        length_penalty: the exponent of Wu et al. 2016, equation 14; 0 compares plain log-probabilities, and long
            sentences lose.

    Raises:
        ValueError: numbers that make no sense together.
    """
    if beams < 1 or best < 1:
        raise ValueError(f"beams is {beams} and best is {best}; both are 1 or more")
    if temperature is None:
        if best > beams:
            raise ValueError(f"the {best} best need a beam of {best} or more, not {beams}")
        return _searched(generator, source, beams, best, length_penalty)
    if beams > 1:
        raise ValueError("choose one: sampling or a beam")
    if not temperature > 0:
        raise ValueError(f"temperature is {temperature}; it is above 0")
    if not 0 < top_p <= 1:
        raise ValueError(f"top_p is {top_p}; it is above 0 and at most 1")
    if len(random) != source.size:
        raise ValueError(f"{source.size} rows need as many sources of random numbers, not {len(random)}")
    return _drawn(generator, source, best, temperature, top_p, random, length_penalty)


def penalty(length: int, exponent: float) -> float:
    """What a log-probability is divided by, so that long sentences may win (Wu et al. 2016, equation 14)."""
    return ((5 + length) / 6) ** exponent


def _drawn(
    generator: WordByWord,
    source: Batch,
    best: int,
    temperature: float,
    top_p: float,
    random: Sequence[numpy.random.Generator],
    exponent: float,
) -> list[list[Candidate]]:
    """`best` independent draws for each row, sorted by their probability at temperature 1."""
    reading = generator.begin(source)
    rows = torch.arange(source.size, device=reading.most.device).repeat_interleave(best)
    reading.select(rows)
    # One uniform number chooses a word through the inverse of the cumulative distribution. Drawn position by position,
    # so that a row's numbers do not depend on how long its neighbours may become.
    uniform = numpy.stack([each.random((reading.longest, best)) for each in random], 1)
    precise = torch.device("cpu") if rows.device.type == "mps" else rows.device  # which has no double precision
    chance = torch.from_numpy(uniform).flatten(1).to(precise)
    words: Tensor | None = None
    ended = torch.zeros_like(rows, dtype=torch.bool)
    total = torch.zeros(len(rows), device=rows.device)
    ids: list[Tensor] = []
    for position in range(reading.longest):
        logits = generator.advance(reading, words)
        words = _chosen((logits / temperature).to(precise), top_p, chance[position]).to(rows.device)
        words = words.masked_fill(ended, generator.target.pad)
        gained = torch.log_softmax(logits, 1).gather(1, words[:, None])[:, 0]
        total = total + gained.masked_fill(ended, 0.0)
        ids.append(words)
        ended = ended | (words == generator.target.end)
        if ended.all():
            break
    written = torch.stack(ids, 1).cpu()
    lengths = ((written == generator.target.end).int().argmax(1) + 1).tolist()
    candidates = [
        _candidate(row[:length], gained, exponent) for row, length, gained in zip(written, lengths, total.tolist())
    ]
    return [
        sorted(candidates[start : start + best], key=lambda each: -each.score)
        for start in range(0, len(candidates), best)
    ]


def _chosen(logits: Tensor, top_p: float, chance: Tensor) -> Tensor:
    """Words (B,) drawn from logits (B, V) by uniform numbers (B,) in [0, 1)."""
    share = torch.softmax(logits.double(), 1)
    if top_p < 1:
        ordered, order = share.sort(1, descending=True)
        # The word that passes top_p is the last that may be drawn.
        likeliest = ordered.where(ordered.cumsum(1) - ordered < top_p, 0.0)
        share = torch.zeros_like(share).scatter_(1, order, likeliest)
    summed = share.cumsum(1)
    # The first word whose sum is above the number: never one whose share is 0.
    return torch.searchsorted(summed, (chance * summed[:, -1])[:, None], right=True)[:, 0]


def _searched(generator: WordByWord, source: Batch, beams: int, best: int, exponent: float) -> list[list[Candidate]]:
    """Beam search. Rows whose best candidates cannot be beaten any more leave the batch."""
    reading = generator.begin(source)
    device, end = reading.most.device, generator.target.end
    finished: list[list[Candidate]] = [[] for _ in range(source.size)]
    limits = reading.most.tolist()
    active = list(range(source.size))
    # Only logits are on the device: bookkeeping there would wait for it at every candidate.
    scores = torch.zeros(source.size, 1)  # (B, K) of the unfinished
    written = torch.empty(source.size, 1, 0, dtype=torch.long)  # (B, K, T)
    words: Tensor | None = None
    for _ in range(max(limits)):
        logits = generator.advance(reading, words)
        gained = torch.log_softmax(logits, 1).view(*scores.shape, -1)
        vocabulary, width = gained.shape[2], gained.shape[1]
        summed = (scores.to(device)[:, :, None] + gained).flatten(1)
        # Of twice as many continuations at most half can end, one for each candidate there was.
        top, place = (found.cpu() for found in summed.topk(min(2 * beams, summed.shape[1]), 1))
        parent, word = place // vocabulary, place % vocabulary
        ends, possible = word == end, top > IMPOSSIBLE
        for row, column in (ends & possible).nonzero().tolist():
            if column < beams:  # an end that is not among the best continuations is no result (Wu et al., section 7)
                ids = torch.cat([written[row, parent[row, column]], word[row, column, None]])
                finished[active[row]].append(_candidate(ids, float(top[row, column]), exponent))
        # The best that do not end go on.
        scores, column = top.masked_fill(ends | ~possible, -torch.inf).topk(min(beams, top.shape[1]), 1)
        hopes = scores[:, 0].tolist()
        kept = [
            row
            for row, item in enumerate(active)
            if hopes[row] > -torch.inf
            and not _settled(finished[item], hopes[row], best, penalty(limits[item], exponent))
        ]
        if not kept:
            break
        chosen = torch.tensor(kept)
        column, scores = column[chosen], scores[chosen]
        parent, word = parent[chosen].gather(1, column), word[chosen].gather(1, column)
        written = torch.cat([written[chosen[:, None], parent], word[:, :, None]], 2)
        reading.select((chosen[:, None] * width + parent).flatten().to(device))
        active, words = [active[row] for row in kept], word.flatten().to(device)
    return [sorted(each, key=lambda candidate: -candidate.score)[:best] for each in finished]


def _settled(finished: Sequence[Candidate], hope: float, best: int, largest_penalty: float) -> bool:
    """Whether no unfinished candidate, the likeliest with log-probability `hope`, can still be among the best."""
    if len(finished) < best:
        return False
    # A log-probability only falls, and at most the largest penalty divides it.
    return sorted((each.score for each in finished), reverse=True)[best - 1] >= hope / largest_penalty


def _candidate(ids: Tensor, log_probability: float, exponent: float) -> Candidate:
    row = Batch(ids[None], torch.ones_like(ids[None], dtype=torch.bool))
    return Candidate(row, log_probability / penalty(len(ids), exponent), log_probability)
