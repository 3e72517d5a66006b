"""A value that is no number is found wherever it stands, and named."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.finite import first_not_finite

BAD = st.sampled_from([float("nan"), float("inf"), float("-inf")])


@given(st.integers(0, 3), st.integers(0, 5), BAD, st.sampled_from([torch.float32, torch.bfloat16, torch.float64]))
def test_the_first_one_is_named(which, place, value, kind):
    tensors = {str(number): torch.zeros(2, 3, dtype=kind) for number in range(4)}
    assert first_not_finite(tensors) is None
    tensors[str(which)].view(-1)[place] = value
    tensors["3"].view(-1)[0] = value
    assert first_not_finite(tensors) == str(which)


def test_whole_numbers_are_finite():
    assert first_not_finite({"steps": torch.tensor([2**62]), "empty": torch.zeros(0)}) is None
