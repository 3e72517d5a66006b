"""A replay buffer whose rows stay in one tensor gives what one with a list gives."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.batch import Batch
from cyclekit.core.replay import ReplayBuffer


def fakes(first, count):
    """Rows that carry their own number."""
    return Batch(torch.arange(first, first + count, dtype=torch.float32).reshape(-1, 1, 1, 1).repeat(1, 2, 3, 1))


@given(st.integers(1, 8), st.integers(1, 6), st.integers(1, 25), st.integers(0, 9), st.integers(0, 25))
def test_the_answers_and_the_state_are_the_same(capacity, rows, steps, seed, moved_at):
    listed, placed = ReplayBuffer(capacity, seed), ReplayBuffer(capacity, seed)
    for step in range(steps):
        if step == moved_at:
            placed.hold_in_place()
        batch = fakes(step * rows, rows)
        assert torch.equal(listed(batch).data, placed(batch).data)
    placed.hold_in_place(False)
    assert len(placed.rows) == len(listed.rows)
    assert all(torch.equal(one.data, other.data) for one, other in zip(listed.rows, placed.rows))


@given(st.integers(1, 6), st.integers(1, 4), st.integers(0, 12), st.integers(1, 8))
def test_what_the_host_drew_before_is_what_happens(capacity, rows, before, after):
    """As a captured step has it: the exchanges are put in place, then the step runs without drawing."""
    alone, driven = ReplayBuffer(capacity, seed=3), ReplayBuffer(capacity, seed=3)
    driven.hold_in_place()
    for step in range(before + 1):
        assert torch.equal(alone(fakes(step * rows, rows)).data, driven(fakes(step * rows, rows)).data)
    place = driven.pool.data.data_ptr()
    driven.pool.filled_by_host = True
    for step in range(before + 1, before + 1 + after):
        driven.pool.fill(driven)
        assert torch.equal(alone(fakes(step * rows, rows)).data, driven(fakes(step * rows, rows)).data)
    assert driven.pool.data.data_ptr() == place


@given(st.integers(0, 6), st.integers(1, 12))
def test_a_restored_buffer_goes_on_exactly(before, after):
    buffer, other = ReplayBuffer(3, seed=5), ReplayBuffer(3, seed=99)
    buffer.hold_in_place()
    other.hold_in_place()
    for step in range(before):
        buffer(fakes(2 * step, 2))
    other.load_state_dict(buffer.state_dict())
    for step in range(before, before + after):
        assert torch.equal(buffer(fakes(2 * step, 2)).data, other(fakes(2 * step, 2)).data)


def test_rows_that_do_not_fit_there_are_kept_in_a_list_again():
    other = Batch(torch.zeros(2, 2, 4, 1))
    for strange in (other, fakes(0, 3), fakes(0, 2)._replace(mask=torch.ones(2, 2, dtype=torch.bool))):
        buffer, twin = ReplayBuffer(9), ReplayBuffer(9)
        buffer.hold_in_place()
        for batch in (fakes(0, 2), strange):
            assert torch.equal(buffer(batch).data, twin(batch).data)
        assert buffer.pool is None
        assert [row.data.tolist() for row in buffer.rows] == [row.data.tolist() for row in twin.rows]
    buffer = ReplayBuffer(9)
    buffer(other)
    buffer.hold_in_place()
    buffer(fakes(0, 2))  # what it held is of another shape
    assert buffer.pool is None
