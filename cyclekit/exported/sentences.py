"""Sentences through an exported Transformer, as a run translates them, in numpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cyclekit.exported.decoding import DecoderState, drawn, greedy, searched
from cyclekit.exported.reranking import Channel
from cyclekit.registry import RecipeError
from cyclekit.text.pieces import END, PAD, Pieces
from cyclekit.use.decoding import Decoding

TOGETHER = 64
"""Sentences that share a batch, where no number is given."""


class ReadSentence(NamedTuple):
    """One sentence that was read."""

    ids: np.ndarray
    """(T,) with the end token."""
    blank: bool
    cut: bool
    """Whether it was longer than rows may be."""
    lowered: bool
    """Whether it had capitals, of a run that has learned none."""


class PieceVocabulary:
    """The pieces of both domains, and how long a row of one may be."""

    def __init__(self, model: Path, settings: Mapping[str, Any]) -> None:
        try:
            self.pieces = Pieces(model.read_bytes(), settings["lowercase"])
        except RuntimeError as error:
            raise RecipeError(f"{model}: is no SentencePiece model; export the run anew") from error
        self.limit: int = settings["limit"]

    def read(self, sentence: str) -> ReadSentence:
        """A sentence as ids; cut at the limit."""
        lowered = self.pieces.reads_lowercase and sentence != sentence.lower()
        ids = self.pieces.encode([sentence.lower() if lowered else sentence])[0]
        cut = len(ids) > self.limit - 1
        return ReadSentence(np.append(ids[: self.limit - 1], END), not sentence.strip(), cut, lowered)


def translated_rows(
    encoder: Any, step: Any, rows: Sequence[ReadSentence], pieces: Pieces, decoding: Decoding, batch_size: int | None,
    random: np.random.Generator | None, channel: Channel | None = None,
) -> list[list[str]]:  # fmt: skip
    """What is made of each row, the best first.

    Args:
        channel: chooses among a beam's candidates; None: the likeliest is taken.
    """
    own = [] if random is None else random.spawn(len(rows))
    order = sorted(range(len(rows)), key=lambda place: len(rows[place].ids))
    size = batch_size or TOGETHER
    made: dict[int, list[str]] = {}
    for start in range(0, len(order), size):
        places = order[start : start + size]
        reading = _begun(encoder, step, [rows[place].ids for place in places])
        if channel is None:
            chosen = _chosen(reading, decoding, [own[place] for place in places] if own else [])
        else:
            beam = searched(reading, END, decoding.beams, decoding.beams)
            ranked = channel.ordered([rows[place].ids for place in places], beam)
            chosen = [[each.ids for each in candidates[: decoding.best or 1]] for candidates in ranked]
        for place, found in zip(places, chosen):
            texts = pieces.decode([ids.tolist() for ids in found])
            made[place] = [""] * len(texts) if rows[place].blank else texts
    return [made[place] for place in range(len(rows))]


def _begun(encoder: Any, step: Any, rows: Sequence[np.ndarray]) -> DecoderState:
    lengths = np.array([len(row) for row in rows])
    mask = np.arange(lengths.max()) < lengths[:, None]
    ids = np.full(mask.shape, PAD)
    ids[mask] = np.concatenate(rows)
    return DecoderState(encoder, step, ids, mask)


def _chosen(reading: DecoderState, decoding: Decoding, random: Sequence[np.random.Generator]) -> list[list[np.ndarray]]:
    if decoding.plain:
        return [[ids] for ids in greedy(reading, PAD, END)]
    best = decoding.best or 1
    if decoding.temperature is None:
        found = searched(reading, END, decoding.beams, best)
    else:
        found = drawn(reading, PAD, END, best, decoding.temperature, decoding.top_p, random)
    return [[candidate.ids for candidate in candidates] for candidates in found]
