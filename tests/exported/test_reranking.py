"""The choice among a beam's candidates, against one candidate at a time."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.exported import reranking
from cyclekit.exported.decoding import Hypothesis, length_penalty
from cyclekit.exported.reranking import SHORTEST, Channel, padded_rows
from cyclekit.text.pieces import PAD

rows_of_ids = st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=7), min_size=1, max_size=6)


@given(rows_of_ids)
def test_padding_is_marked_and_is_never_shorter_than_files_take(rows):
    ids, mask = padded_rows([np.array(row) for row in rows])
    assert ids.shape == mask.shape == (len(rows), max(SHORTEST, *map(len, rows)))
    for row, found, real in zip(rows, ids, mask):
        assert found[real].tolist() == row
        assert (found[~real] == PAD).all()
        assert real.tolist() == [True] * len(row) + [False] * (len(real) - len(row))


class Network:
    """Answers from the words alone, whatever the padding; counts how many rows are asked at once."""

    def __init__(self, seed):
        self.seed, self.asked = seed, []

    def score(self, *rows):
        return np.float32(np.sin(sum((self.seed + place) * int(np.dot(row, np.arange(1, len(row) + 1)))
                                     for place, row in enumerate(rows))))  # fmt: skip

    def run(self, outputs, given_):
        assert outputs is None
        self.asked.append(len(given_["ids"]))
        pairs = [("ids", "mask"), ("words", "real")][: len(given_) // 2]
        rows = zip(*([row[real] for row, real in zip(given_[ids], given_[mask])] for ids, mask in pairs))
        return [np.array([self.score(*row) for row in rows])]


WEIGHTS = {"way_back": 0.5, "verdict": 2.0, "believed": 0.3}

candidates = st.lists(st.tuples(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.floats(-5, 0)), max_size=4)


@given(st.lists(st.tuples(st.lists(st.integers(1, 9), min_size=1, max_size=5), candidates), min_size=1, max_size=4))
@settings(max_examples=50)
def test_the_order_is_the_sum_of_what_all_networks_say(found):
    channel = Channel(Network(2), Network(3), Network(5), WEIGHTS)
    sources = [np.array(source) for source, _ in found]
    beams = [[Hypothesis(np.array(ids), score) for ids, score in own] for _, own in found]

    def worth(source, candidate):
        wanted, unwanted = (network.score(candidate.ids) for network in (channel.wanted, channel.unwanted))
        likely = candidate.score * length_penalty(len(candidate.ids))
        verdict = min(wanted, np.float32(0.3)) - max(unwanted, np.float32(0.3))
        return likely + 0.5 * channel.back.score(candidate.ids, source) + 2.0 * verdict

    for source, own, ranked in zip(sources, beams, channel.ordered(sources, beams), strict=True):
        assert sorted(map(id, ranked)) == sorted(map(id, own))
        values = [worth(source, candidate) for candidate in ranked]
        assert all(later <= first + 1e-5 for first, later in itertools.pairwise(values))


@pytest.mark.parametrize("together", [1, 3, 64])
def test_how_many_are_asked_at_once_changes_nothing(together, monkeypatch):
    monkeypatch.setattr(reranking, "TOGETHER", together)
    channel = Channel(Network(2), Network(3), Network(5), WEIGHTS)
    beams = [[Hypothesis(np.arange(1, 2 + (place + k) % 4), -0.1 * k) for k in range(4)] for place in range(3)]
    found = channel.ordered([np.array([1, 2])] * 3, beams)
    monkeypatch.setattr(reranking, "TOGETHER", 7)
    again = channel.ordered([np.array([1, 2])] * 3, beams)
    assert [[id(one) for one in own] for own in found] == [[id(one) for one in own] for own in again]
    assert max(channel.back.asked[: -(-12 // together)]) == min(together, 12)


def test_equals_keep_the_beams_order():
    silent = Channel(Network(2), Network(3), Network(5), {"way_back": 0, "verdict": 0, "believed": 0.3})
    twins = [Hypothesis(np.array([4, 5]), -1.0) for _ in range(3)]
    assert [id(one) for one in silent.ordered([np.array([1])], [twins])[0]] == [id(one) for one in twins]
