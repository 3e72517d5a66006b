"""Embeddings that know from the beginning which words of two languages mean the same (Lample et al. 2018, section 2.3).

A lexicon has a vector of each word, both languages' in one space; a codec has pieces. A piece gets the mean of the
words that it is a part of, each by how often it stands in the text and by how much of the word the piece is.
"""

from __future__ import annotations

import math
from typing import Any

import numpy
import torch
from numpy.typing import NDArray
from torch import Tensor

from cyclekit.text.lexicon.induction import Lexicon

APART = 0.3
"""Standard deviation, of a vector's 1 in all, of the chance that keeps words with like vectors apart."""

INITIAL = 0.1
"""How often a word begins a sentence, with a capital letter that its language may ask for there."""


def piece_vectors(lexicon: Lexicon, codec: Any) -> NDArray[numpy.float64]:
    """A vector of length 1 for each piece that is a part of the lexicon's words, else 0: (V, D).

    Args:
        codec: encodes words; both languages' pieces are its own.
    """
    known = numpy.zeros((codec.vocabulary, lexicon.vectors.a.shape[1]))
    sides = (lexicon.directions.b.source, lexicon.directions.a.source)
    for side, vectors in zip(sides, lexicon.vectors):
        capital = [word[:1].upper() + word[1:] for word in side.words]
        for words, often in ((side.words, 1.0), (capital, INITIAL)):
            for row, count, vector in zip(codec.encode(words).rows(), side.counts, vectors):
                pieces = row.data[0][row.data[0] != codec.end].tolist()
                # A piece that is a third of a word is known by it to a third.
                known[pieces] += often * count / max(1, len(pieces)) * vector
    lengths = numpy.linalg.norm(known, axis=1, keepdims=True)
    return known / numpy.where(lengths > 0, lengths, 1)


@torch.no_grad()
def begin_embeddings(embeddings: Tensor, vectors: NDArray[numpy.float64]) -> int:
    """Write vectors into embeddings (V, E) in place, in as many of their directions as there is room for.

    Pieces without a vector keep what they have. Vectors are as long as those that they replace, with a little of these
    left in them.

    Returns:
        How many pieces have begun so.
    """
    width = embeddings.shape[1]
    known = numpy.linalg.norm(vectors, axis=1) > 0
    _, _, directions = numpy.linalg.svd(vectors[known], full_matrices=False)
    turned = vectors[known] @ directions[:width].T
    turned /= numpy.maximum(numpy.linalg.norm(turned, axis=1, keepdims=True), 1e-12)
    wide = numpy.zeros((len(turned), width))
    wide[:, : turned.shape[1]] = turned
    # In a random basis: the largest direction is no single place of the network's width.
    basis = numpy.linalg.qr(numpy.random.default_rng(0).normal(size=(width, width)))[0]
    rows = torch.from_numpy(numpy.flatnonzero(known)).to(embeddings.device)
    meant = torch.from_numpy(wide @ basis).to(embeddings)
    embeddings[rows] = math.sqrt(1 - APART**2) * meant + APART * embeddings[rows]
    return int(known.sum())
