"""Checksums of tensors: of what is computed with, to the bit, and of nothing else."""

import pytest
import torch

from cyclekit.files.tensor_files import tensor_checksum

ONE = torch.arange(6, dtype=torch.float32).reshape(2, 3)


@pytest.mark.parametrize(
    "other",
    [ONE.reshape(3, 2), ONE.double(), ONE.to(torch.bfloat16), ONE + 1e-6, ONE.nextafter(ONE + 1), -0.0 * ONE, ONE[:1]],
)
def test_another_tensor_has_another_sum(other):
    assert tensor_checksum(other) != tensor_checksum(ONE)


def test_how_a_tensor_lies_in_memory_means_nothing():
    assert tensor_checksum(ONE.t().contiguous().t()) == tensor_checksum(ONE.clone().requires_grad_())
    assert len(set(map(tensor_checksum, (torch.tensor(1), torch.tensor([1]), torch.empty(0), torch.tensor(True))))) == 4
