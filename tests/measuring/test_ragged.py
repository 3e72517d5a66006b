"""Rows of several sizes: nothing stacks them in silence, and their order stays."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.batch import Batch
from cyclekit.measuring.metric import MetricUnavailable
from cyclekit.measuring.ragged import Ragged, matched, stacks, together

SIDES = st.lists(st.sampled_from([2, 3, 5]), min_size=1, max_size=8)


def rows(sides, of=0):
    return [Batch(torch.full((1, 3, side, 4), float(place + of))) for place, side in enumerate(sides)]


@given(SIDES)
def test_stacks_hold_all_rows_in_order(sides):
    given_rows = rows(sides)
    batch = together(given_rows)
    assert batch.size == len(sides)
    assert isinstance(batch, Ragged) == (len(set(sides)) > 1)
    for found in (list(batch.rows()), [row for stack in stacks(batch) for row in stack.rows()]):
        assert all(torch.equal(one.data, other.data) for one, other in zip(found, given_rows, strict=True))
    assert all(one.data.shape[1:] != other.data.shape[1:] for one, other in zip(stacks(batch), stacks(batch)[1:]))


@given(SIDES)
def test_matched_rows_belong_together(sides):
    ragged, stacked = together(rows(sides)), together(rows([4] * len(sides), of=100))
    pairs = [
        (float(one.data[0, 0, 0, 0]), float(other.data[0, 0, 0, 0]))
        for first, second in matched(ragged, stacked)
        for one, other in zip(first.rows(), second.rows())
    ]
    assert pairs == [(place, place + 100) for place in range(len(sides))]


def test_who_wants_one_tensor_is_told():
    with pytest.raises(MetricUnavailable, match="needs pictures of one size, and these differ"):
        _ = together(rows([2, 3])).data
