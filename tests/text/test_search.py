"""Choosing sentences: beam search finds what trying all would, draws have the distribution, seeds decide alone."""

import itertools
import math

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.core.batch import Batch
from cyclekit.text.bridge import LOWEST
from cyclekit.text.search import penalty, search

PAD, END = 0, 1
WORDS = 5
"""V of the stand-in: padding, the end, three words."""


class Target:
    pad, end = PAD, END


class Reading:
    def __init__(self, rows, most):
        self.rows, self.most, self.position = rows, most, 0

    @property
    def longest(self):
        return int(self.most.max())

    def select(self, rows):
        self.rows, self.most = self.rows[rows], self.most[rows]


class Chain:
    """A stand-in for a network: the next word depends on the word before and on the row. `source.data` (B, 2) is a
    row's number and the most tokens it may have."""

    target = Target()

    def __init__(self, seed, rows):
        generator = torch.Generator().manual_seed(seed)
        self.logits = torch.randn(rows, WORDS + 1, WORDS, generator=generator) * 2
        self.logits[:, :, PAD] = LOWEST
        self.sizes = []

    def begin(self, source):
        return Reading(source.data[:, 0], source.data[:, 1])

    def advance(self, reading, words=None):
        self.sizes.append(len(reading.rows))
        before = torch.full_like(reading.rows, WORDS) if words is None else words
        logits = self.logits[reading.rows, before].clone()
        reading.position += 1
        only_end = torch.full((WORDS,), LOWEST)
        only_end[END] = 0.0
        logits[reading.most == reading.position] = only_end
        return logits


def source(*most):
    return Batch(torch.tensor([[row, length] for row, length in enumerate(most)]))


def every_sentence(chain, row, most, exponent):
    """(score, ids) of all sentences of a row, the likeliest first."""
    found = []
    for length in range(1, most + 1):
        for words in itertools.product(range(END + 1, WORDS), repeat=length - 1):
            total, before = 0.0, WORDS
            for word in (*words, END):
                if len(words) + 1 == most and word == END:
                    break  # forced, and so certain
                total += float(torch.log_softmax(chain.logits[row, before], 0)[word])
                before = word
            found.append((total / penalty(length, exponent), (*words, END)))
    return sorted(found, reverse=True)


def ids(candidate):
    assert candidate.row.mask.all()
    return tuple(candidate.row.data[0].tolist())


@settings(max_examples=25)
@given(
    st.integers(0, 10_000),
    st.lists(st.integers(1, 4), min_size=1, max_size=4),
    st.sampled_from([0.0, 0.6, 1.0]),
    st.integers(1, 4),
)
def test_a_wide_beam_finds_the_best_of_all_sentences(seed, most, exponent, best):
    chain = Chain(seed, len(most))
    found = search(chain, source(*most), beams=60, best=best, length_penalty=exponent)
    for row, (candidates, length) in enumerate(zip(found, most)):
        expected = every_sentence(chain, row, length, exponent)[:best]
        assert [ids(each) for each in candidates] == [words for _, words in expected]
        assert [each.score for each in candidates] == pytest.approx([score for score, _ in expected], abs=1e-4)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.lists(st.integers(1, 9), min_size=2, max_size=5), st.integers(1, 4))
def test_neighbours_change_nothing(seed, most, beams):
    chain = Chain(seed, len(most))
    together = search(chain, source(*most), beams=beams, best=beams)
    for row in range(len(most)):
        rows = source(*most).map(lambda tensor, row=row: tensor[row : row + 1])
        (alone,) = search(chain, rows, beams=beams, best=beams)
        assert [ids(each) for each in alone] == [ids(each) for each in together[row]]


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 12), st.integers(1, 4))
def test_candidates_differ_end_in_time_and_come_best_first(seed, most, beams):
    chain = Chain(seed, 1)
    (found,) = search(chain, source(most), beams=beams, best=beams)
    assert 1 <= len(found) <= beams
    scores = [each.score for each in found]
    assert scores == sorted(scores, reverse=True)
    assert len({ids(each) for each in found}) == len(found)
    for each in found:
        words = ids(each)
        assert len(words) <= most
        assert words[-1] == END
        assert PAD not in words
        assert END not in words[:-1]


def test_a_beam_of_one_is_greedy():
    chain, before, words = Chain(3, 1), WORDS, []
    while len(words) < 19 and before != END:
        before = int(chain.logits[0, before].argmax())
        words.append(before)
    (found,) = search(chain, source(20))
    assert ids(found[0])[: len(words)] == tuple(words)


def test_rows_that_are_done_leave_the_batch():
    chain = Chain(0, 3)
    search(chain, source(2, 2, 9), beams=3)
    assert chain.sizes[:2] == [3, 9]
    assert all(size <= 3 for size in chain.sizes[2:])


def random(count, seed=0):
    return [numpy.random.default_rng([seed, row]) for row in range(count)]


def test_draws_have_the_networks_distribution():
    chain = Chain(1, 1)
    (found,) = search(chain, source(2), best=4000, temperature=0.5, random=random(1))
    first = torch.tensor([ids(each)[0] for each in found])
    share = torch.bincount(first, minlength=WORDS) / len(found)
    expected = torch.softmax(chain.logits[0, WORDS] / 0.5, 0)
    assert torch.allclose(share, expected, atol=0.03)
    # Scores are those of the network, whatever the temperature.
    known = {words: score for score, words in every_sentence(chain, 0, 2, 0.6)}
    assert all(each.score == pytest.approx(known[ids(each)], abs=1e-4) for each in found)


def test_draws_leave_out_the_unlikeliest():
    chain = Chain(1, 1)
    likeliest = torch.softmax(chain.logits[0, WORDS], 0).sort(descending=True)
    nucleus = likeliest.indices[: int((likeliest.values.cumsum(0) < 0.8).sum()) + 1].tolist()
    (found,) = search(chain, source(2), best=500, temperature=1.0, top_p=0.8, random=random(1))
    assert {ids(each)[0] for each in found} == set(nucleus)
    (found,) = search(chain, source(9), best=3, temperature=1.0, top_p=1e-9, random=random(1))
    assert {ids(each) for each in found} == {ids(search(chain, source(9))[0][0])}


def test_a_draw_depends_on_its_own_numbers_alone():
    chain, most = Chain(5, 4), [9, 2, 5, 12]

    def drawn(seed):
        found = search(chain, source(*most), best=2, temperature=1.0, random=random(4, seed))
        return [[ids(each) for each in row] for row in found]

    together = drawn(0)
    assert drawn(0) == together
    assert drawn(1) != together
    for row in range(4):
        rows = source(*most).map(lambda tensor, row=row: tensor[row : row + 1])
        (alone,) = search(chain, rows, best=2, temperature=1.0, random=[random(4)[row]])
        assert [ids(each) for each in alone] == together[row]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"beams": 0}, "beams is 0 and best is 1; both are 1 or more"),
        ({"beams": 2, "best": 3}, "the 3 best need a beam of 3 or more, not 2"),
        ({"beams": 2, "temperature": 1.0}, "choose one: sampling or a beam"),
        ({"temperature": 0.0, "random": random(1)}, "temperature is 0.0; it is above 0"),
        ({"temperature": 1.0, "top_p": 0.0, "random": random(1)}, "top_p is 0.0; it is above 0 and at most 1"),
        ({"temperature": 1.0}, "1 rows need as many sources of random numbers, not 0"),
    ],
)
def test_numbers_that_make_no_sense(options, words):
    with pytest.raises(ValueError, match=words):
        search(Chain(0, 1), source(3), **options)


def test_the_length_penalty_is_wus():
    assert penalty(1, 0.6) == 1
    assert penalty(13, 1.0) == 3
    assert penalty(20, 0.0) == 1
    assert math.isclose(penalty(19, 0.6), 4**0.6)
