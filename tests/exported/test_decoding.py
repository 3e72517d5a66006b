"""Choosing words in numpy: the same sentences as PyTorch's choice among the same logits."""

from itertools import chain

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.batch import Batch
from cyclekit.exported.decoding import drawn, greedy, searched
from cyclekit.text import bridge, decoding

PAD, END, VOCABULARY = 0, 1, 9


class Table:
    """Logits that depend on row, place and the word before: a generator of words without a network.

    On the place too, or words in another order would be as likely, and which comes first a matter of rounding.
    """

    def __init__(self, seed, most):
        random = np.random.default_rng(seed)
        self.logits = random.normal(0, 2, (len(most), 8, VOCABULARY + 1, VOCABULARY)).astype(np.float32)
        self.logits[..., PAD] = -1e9
        self.limits = np.array(most)


class NumpyReading:
    def __init__(self, table):
        self.table, self.rows, self.most, self.position = table, np.arange(len(table.limits)), table.limits, 0

    @property
    def longest(self):
        return int(self.most.max())

    def advance(self, words):
        self.position += 1
        before = np.full(len(self.rows), VOCABULARY) if words is None else words
        logits = self.table.logits[self.rows, self.position, before].copy()
        logits[self.most == self.position] = -1e9
        logits[self.most == self.position, END] = 0
        return logits

    def select(self, rows):
        self.rows, self.most = self.rows[rows], self.most[rows]


class TorchReading(NumpyReading):
    def __init__(self, table):
        super().__init__(table)
        self.most = torch.from_numpy(table.limits)

    def select(self, rows):
        self.rows, self.most = self.rows[rows.numpy()], self.most[rows]


class Target:
    pad, end = PAD, END


class TorchGenerator:
    """The same, as `cyclekit.text` asks for it."""

    target, training = Target(), False

    def __init__(self, table):
        self.table = table

    def begin(self, source):
        return TorchReading(self.table)

    def advance(self, reading, words=None):
        reading.position += 1
        before = np.full(len(reading.rows), VOCABULARY) if words is None else words.numpy()
        logits = torch.from_numpy(self.table.logits[reading.rows, reading.position, before].copy())
        last = reading.most == reading.position
        logits[last] = -1e9
        logits[last, END] = 0
        return logits


LIMITS = st.lists(st.integers(1, 7), min_size=1, max_size=5)


def source(count):
    return Batch(torch.zeros(count, 1, dtype=torch.long), torch.ones(count, 1, dtype=torch.bool))


@given(seed=st.integers(0, 10_000), most=LIMITS)
def test_greedy_words_are_those_that_pytorch_draws(seed, most):
    table = Table(seed, most)
    expected = bridge.draw(TorchGenerator(table), source(len(most)), 0.0, keep=False)
    rows = [row[mask].tolist() for row, mask in zip(expected.ids, expected.mask)]
    assert [row.tolist() for row in greedy(NumpyReading(table), PAD, END)] == rows


@given(seed=st.integers(0, 10_000), most=LIMITS, beams=st.integers(1, 12), data=st.data())
def test_a_beam_finds_what_pytorchs_does(seed, most, beams, data):
    best = data.draw(st.integers(1, beams))
    table = Table(seed, most)
    expected = decoding.search(TorchGenerator(table), source(len(most)), beams=beams, best=best)
    found = searched(NumpyReading(table), END, beams, best)
    assert [[each.ids.tolist() for each in row] for row in found] == [
        [each.row.data[0].tolist() for each in row] for row in expected
    ]
    for mine, theirs in zip(chain(*found), chain(*expected), strict=True):
        assert mine.score == pytest.approx(theirs.score, abs=1e-4)


@given(seed=st.integers(0, 10_000), most=LIMITS, best=st.integers(1, 3), top_p=st.sampled_from([0.4, 0.9, 1.0]))
def test_draws_are_those_of_pytorch(seed, most, best, top_p):
    table = Table(seed, most)
    options = {"best": best, "temperature": 0.8, "top_p": top_p}
    expected = decoding.search(
        TorchGenerator(table), source(len(most)), random=np.random.default_rng(seed).spawn(len(most)), **options
    )
    found = drawn(NumpyReading(table), PAD, END, best, 0.8, top_p, np.random.default_rng(seed).spawn(len(most)))
    assert [[each.ids.tolist() for each in row] for row in found] == [
        [each.row.data[0].tolist() for each in row] for row in expected
    ]
