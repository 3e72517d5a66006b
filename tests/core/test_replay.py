import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.batch import Batch
from cyclekit.core.replay import ReplayBuffer


def fakes(first, count):
    """Rows that carry their own number."""
    return Batch(torch.arange(first, first + count, dtype=torch.float32).reshape(-1, 1, 1, 1))


def numbers(batch):
    return batch.data.flatten().tolist()


@given(st.integers(1, 8), st.lists(st.integers(1, 4), min_size=1, max_size=30), st.integers(0, 9))
def test_what_comes_out_went_in_and_nothing_is_lost(capacity, sizes, seed):
    buffer, seen, out = ReplayBuffer(capacity, seed), [], []
    for size in sizes:
        batch = fakes(len(seen), size)
        seen += numbers(batch)
        came = numbers(buffer(batch))
        assert len(came) == size
        out += came
    kept = [float(row.data) for row in buffer.rows]
    assert len(kept) == min(capacity, len(seen))
    # Every row is either kept or was given back at least once, and nothing is invented.
    assert set(out) | set(kept) == set(seen)


def test_while_it_fills_rows_pass_through():
    buffer = ReplayBuffer(5)
    assert numbers(buffer(fakes(0, 5))) == [0, 1, 2, 3, 4]


def test_half_of_the_rows_come_from_the_past():
    buffer = ReplayBuffer(50, seed=1)
    buffer(fakes(0, 50))
    past = sum(number < start for start in range(50, 2050) for number in numbers(buffer(fakes(start, 1))))
    assert 900 < past < 1100


def test_capacity_zero_passes_the_batch_through_untouched():
    batch = fakes(0, 3)
    assert ReplayBuffer(0)(batch) is batch


def test_a_negative_capacity_is_refused():
    with pytest.raises(ValueError, match="cannot keep -1 rows; 0 switches it off"):
        ReplayBuffer(-1)


def test_rows_are_copies_that_do_not_keep_their_batch_alive():
    buffer = ReplayBuffer(4)
    buffer(fakes(0, 4))
    assert all(row.data.untyped_storage().nbytes() == 4 for row in buffer.rows)


@given(st.integers(0, 6), st.integers(1, 12))
def test_a_restored_buffer_goes_on_exactly(before, after):
    buffer, other = ReplayBuffer(3, seed=5), ReplayBuffer(3, seed=99)
    for step in range(before):
        buffer(fakes(2 * step, 2))
    other.load_state_dict(buffer.state_dict())
    for step in range(before, before + after):
        assert numbers(buffer(fakes(2 * step, 2))) == numbers(other(fakes(2 * step, 2)))


def test_sentences_keep_their_own_length():
    buffer = ReplayBuffer(2)
    data, mask = torch.tensor([[1, 2, 3], [4, 0, 0]]), torch.tensor([[True, True, True], [True, False, False]])
    buffer(Batch(data, mask))
    assert [row.data.shape[1] for row in buffer.rows] == [3, 1]
    other = ReplayBuffer(2)
    other.load_state_dict(buffer.state_dict())
    assert [row.mask.shape[1] for row in other.rows] == [3, 1]
