"""Vectors of words: near where words stand in the same places."""

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.sparse import csr_matrix

from cyclekit.text.lexicon import vectors
from cyclekit.text.lexicon.vectors import information, unit, word_vectors


def test_vectors_of_words_in_the_same_places_are_near():
    rows = [[0, 2, 4], [1, 2, 4], [0, 3, 5], [1, 3, 5]] * 20 + [[6, 7, -1]] * 20
    found = word_vectors(rows, 8, window=2, dimensions=4)
    assert found.shape == (8, 4)
    assert numpy.allclose(numpy.linalg.norm(found, axis=1), 1)
    cosines = found @ found.T
    assert cosines[0, 1] > max(cosines[0, 4:])
    assert cosines[4, 5] > cosines[4, 6]


@given(hnp.arrays(float, (7, 5), elements=st.floats(-5, 5)), st.floats(0.1, 100))
def test_unit_vectors_have_length_1_and_know_no_size(some, size):
    some = some + numpy.arange(35).reshape(7, 5) % 4
    found = unit(some)
    assert numpy.linalg.norm(found, axis=1) == pytest.approx(1)
    assert unit(size * some) == pytest.approx(found, abs=1e-9)


def test_a_vector_of_nothing_stays_finite():
    assert numpy.isfinite(unit(numpy.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))).all()


rows_of_words = st.lists(st.lists(st.integers(-1, 5), max_size=6), min_size=1, max_size=6)


@given(rows_of_words, st.sampled_from([(1,), (1, 2), (2, 3)]))
def test_followers_are_counted_within_their_sentence(rows, distances):
    expected = numpy.zeros((6, 6))
    for row in rows:
        for place, word in enumerate(row):
            for distance in distances:
                after = row[place + distance] if place + distance < len(row) else -1
                if word >= 0 <= after:
                    expected[word, after] += 1
    assert vectors._followers(rows, 6, distances).toarray().tolist() == expected.tolist()


@given(hnp.arrays(int, (4, 5), elements=st.integers(0, 6)))
def test_information_is_the_formula_cell_by_cell(counts):
    contexts = counts.sum(0) ** 0.75
    expected = numpy.zeros(counts.shape)
    for word, context in zip(*counts.nonzero()):
        share = contexts[context] / contexts.sum()
        expected[word, context] = max(numpy.log(counts[word, context] / counts[word].sum() / share), 0)
    assert information(csr_matrix(counts)).toarray() == pytest.approx(expected, abs=1e-12)
