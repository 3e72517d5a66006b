"""Word vectors of one language, from counts: positive pointwise mutual information, and its singular vectors.

Levy, Goldberg and Dagan 2015, "Improving Distributional Similarity with Lessons Learned from Word Embeddings": on
little text they are as good as any, and they take seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy
from numpy.typing import NDArray

Floats = NDArray[numpy.float64]

CLOSE = (1, 2, 3)
"""Places before and after a word at which its neighbours tell what it does in a sentence."""


def word_vectors(rows: Sequence[Sequence[int]], size: int, *, window: int, dimensions: int) -> Floats:
    """Vectors of length 1, around a mean of 0: (size, D), D the smaller of `dimensions` and size - 1.

    A word is known by all that stands near it, which tells what it is about, and by what stands close before and after
    it, which tells what it does in a sentence.

    Args:
        rows: sentences as places of words, -1 for a word that has no vector.
        window: how many words away a neighbour may be.
    """
    from scipy.sparse import hstack
    from sklearn.utils.extmath import randomized_svd

    near, after = _followers(rows, size, range(1, window + 1)), _followers(rows, size, CLOSE)
    kinds = (near + near.T, after, after.T)
    known = hstack([information(counts.tocsr()) for counts in kinds]).tocsr()
    left, values, _ = randomized_svd(known, min(dimensions, size - 1), n_iter=4, random_state=0)
    return unit(left * numpy.sqrt(values))


def unit(vectors: Floats) -> Floats:
    """Length 1, mean 0, length 1 (Artetxe et al. 2018, section 3.1)."""
    vectors = _normalised(vectors)
    return _normalised(vectors - vectors.mean(0))


def _followers(rows: Sequence[Sequence[int]], size: int, distances: Sequence[int]) -> Any:
    """How often each word stands so many places after each other: sparse (size, size)."""
    from scipy.sparse import csr_matrix

    gap = [-1] * max(distances)  # so that no window reaches into another sentence
    flat = numpy.array([place for row in rows for place in (*row, *gap)])
    before = numpy.concatenate([flat[:-distance] for distance in distances])
    behind = numpy.concatenate([flat[distance:] for distance in distances])
    both = (before >= 0) & (behind >= 0)
    return csr_matrix((numpy.ones(both.sum()), (before[both], behind[both])), shape=(size, size))


def information(counts: Any) -> Any:
    """Positive pointwise mutual information of sparse counts; contexts by their counts to the power of 0.75.

    Levy, Goldberg and Dagan 2015, "Improving Distributional Similarity with Lessons Learned from Word Embeddings".
    """
    from scipy.sparse import csr_matrix

    cells = counts.tocoo()
    rows, columns = (numpy.asarray(counts.sum(axis), dtype=float).ravel() for axis in (1, 0))
    columns = columns**0.75
    information = numpy.log(cells.data * columns.sum() / (rows[cells.row] * columns[cells.col]))
    positive = information > 0
    return csr_matrix((information[positive], (cells.row[positive], cells.col[positive])), shape=counts.shape)


def _normalised(vectors: Floats) -> Floats:
    return vectors / numpy.maximum(numpy.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
