"""Tokenised sentences, stored flat: hundreds of thousands of small tensors would cost more than what they hold."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from cyclekit.core.batch import Batch

CHUNK = 1024
"""Sentences tokenised at once."""

NO_LIMIT = 1_000_000
"""Tokens: for what must not be cut, as accepted translations."""


class TokenRows(NamedTuple):
    """N rows of ids one after the other."""

    ids: np.ndarray
    """(all tokens,) int32"""
    starts: np.ndarray
    """(N + 1,) where each row begins, and the end of the last."""
    was_cut: np.ndarray
    """(N,) bool: the sentence is longer than the codec's limit."""

    @property
    def lengths(self) -> np.ndarray:
        """(N,) tokens of each row, the end token counted."""
        return np.diff(self.starts)

    def row(self, index: int) -> Batch:
        """Row `index` as a Batch (1, T) of int64."""
        ids = torch.from_numpy(self.ids[self.starts[index] : self.starts[index + 1]].astype(np.int64))[None]
        return Batch(ids, torch.ones_like(ids, dtype=torch.bool))

    def counts(self, vocabulary: int) -> np.ndarray:
        """(V,) how often each id occurs."""
        return np.bincount(self.ids, minlength=vocabulary)


def tokenised(codec: Any, sentences: Sequence[str], told: Callable[[int], None] = lambda done: None) -> TokenRows:
    """Tokenise sentences, each cut at the codec's limit.

    Args:
        codec: encodes sentences to ids that end with `codec.end`, at most `codec.limit` of them.
        told: how many sentences are done.
    """
    longer = _with_limit(codec, codec.limit + 1)  # a row that fills this one has been cut
    ids, lengths = [np.empty(0, np.int32)], [np.empty(0, np.int64)]
    for start in range(0, len(sentences), CHUNK):
        batch = longer.encode(sentences[start : start + CHUNK])
        assert batch.mask is not None
        lengths.append(batch.mask.sum(1).numpy())
        data, mask = batch.data[:, : codec.limit], batch.mask[:, : codec.limit]
        data[torch.from_numpy(lengths[-1] > codec.limit), -1] = codec.end
        ids.append(data[mask].numpy().astype(np.int32))
        told(min(start + CHUNK, len(sentences)))
    length = np.concatenate(lengths)
    starts = np.concatenate([[0], np.minimum(length, codec.limit).cumsum()])
    return TokenRows(np.concatenate(ids), starts, length > codec.limit)


def encoded_whole(codec: Any, sentences: Sequence[str]) -> Batch:
    """Sentences as a Batch (B, T), none of them cut."""
    whole: Batch = _with_limit(codec, NO_LIMIT).encode(sentences)
    return whole


def _with_limit(codec: Any, limit: int) -> Any:
    other = copy.copy(codec)
    other.limit = limit
    return other
