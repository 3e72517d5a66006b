"""Computing again instead of keeping: the same numbers for less memory."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cyclekit.core.batch import Batch
from cyclekit.core.recomputing import recompute_blocks, recomputes, repeated_blocks, work_in_parts
from cyclekit.training.sizes import Held


class Block(nn.Module):
    def __init__(self, width, norm):
        super().__init__()
        self.inside = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), norm(width), nn.Tanh(), nn.Dropout(0.3))

    def forward(self, features):
        return features + self.inside(self.inside(features))


class Network(nn.Module):
    def __init__(self, blocks=3, width=4, norm=nn.InstanceNorm2d):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, padding=1)
        self.blocks = nn.Sequential(*(Block(width, norm) for _ in range(blocks)))

    def forward(self, source, target=None):
        return Batch(self.blocks(self.stem(source.data)))


def twins(**options):
    torch.manual_seed(0)
    one = Network(**options)
    torch.manual_seed(0)
    return one, Network(**options)


def learned(network, rows):
    """The answer, the gradients and the memory of one pass there and back."""
    torch.manual_seed(1)
    with Held() as held:
        answer = network(Batch(rows)).data
        answer.square().mean().backward()
    return answer.detach(), [parameter.grad for parameter in network.parameters()], held.peak


@pytest.mark.parametrize("norm", [nn.InstanceNorm2d, nn.BatchNorm2d])
def test_blocks_that_forget_give_the_same_bit_for_bit_in_less_memory(norm):
    plain, spare = twins(blocks=6, norm=norm)
    assert recompute_blocks(spare) == 6
    assert recomputes(spare)
    assert not recomputes(plain)
    rows = torch.randn(2, 3, 32, 32)
    (answer, gradients, peak), (again, of_spare, less) = learned(plain, rows), learned(spare, rows)
    assert torch.equal(answer, again)
    assert all(torch.equal(one, other) for one, other in zip(gradients, of_spare))
    assert less < 0.6 * peak
    # Running statistics follow a batch once, though it was seen twice.
    for one, other in zip(plain.buffers(), spare.buffers()):
        if one.is_floating_point():
            assert torch.equal(one, other)


def test_blocks_are_members_of_one_class_and_not_torchs_own():
    network = Network(blocks=2)
    assert list(repeated_blocks(network)) == list(network.blocks)
    assert list(repeated_blocks(nn.Sequential(nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)))) == []
    assert list(repeated_blocks(Network(blocks=1))) == []


def test_blocks_that_two_networks_share_are_set_up_once():
    one, other = twins(blocks=2)
    other.blocks = one.blocks
    assert (recompute_blocks(one), recompute_blocks(other)) == (2, 0)


@settings(max_examples=20, deadline=None)
@given(rows=st.integers(1, 7), parts=st.integers(1, 5))
def test_rows_in_parts_give_what_they_give_together(rows, parts):
    plain, spare = (network.eval() for network in twins())  # dropout draws for all rows at once, or for each part
    work_in_parts(spare, parts)
    given = torch.randn(rows, 3, 12, 12)
    (answer, gradients, _), (again, of_parts, _) = learned(plain, given), learned(spare, given)
    torch.testing.assert_close(answer, again, rtol=1e-5, atol=1e-6)
    for one, other in zip(gradients, of_parts):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_parts_take_the_memory_of_one_of_them():
    plain, spare = twins(blocks=6)
    work_in_parts(spare, 4)
    rows = torch.randn(8, 3, 32, 32)
    assert learned(spare, rows)[2] < 0.5 * learned(plain, rows)[2]


def test_without_gradients_rows_go_together():
    network, seen = Network().eval(), []
    work_in_parts(network, 3)
    network.stem.register_forward_hook(lambda layer, given, answer: seen.append(len(answer)))
    with torch.no_grad():
        network(Batch(torch.randn(6, 3, 12, 12)))
    assert seen == [6]
