"""Tensors of sizes alone, and what is held while anybody holds it."""

import subprocess
import sys

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch._subclasses.fake_tensor import FakeTensor

from cyclekit.training.sizes import Held, Sizes


def test_held_counts_what_is_alive_and_views_once():
    with Held() as held:
        first = torch.ones(1000)
        view = first[10:]
        assert held.now == 4000
        second = first * 2
        del first
        assert held.now == 8000
        del view, second
        assert (held.now, held.peak) == (0, 8000)


def test_sizes_have_whole_numbers_and_no_others():
    layer, ids = nn.Linear(4, 3), torch.tensor([[1, 2, 0], [2, 0, 0]])
    with Sizes():
        rows = torch.rand(2, 3, 4)
        kept = layer(rows)[ids > 0]
        drawn = kept.argmax(1)
    assert tuple(kept.shape) == (3, 3)
    assert drawn.tolist() == [0, 0, 0]


def test_a_step_of_a_network_has_the_shapes_of_a_real_one_and_takes_nothing():
    layer = nn.Sequential(nn.Conv2d(3, 4, 3), nn.InstanceNorm2d(4), nn.Flatten(), nn.Linear(4, 2))
    layer[2] = nn.Flatten(2)
    layer[3] = nn.Linear(36, 2)
    rows = torch.rand(2, 3, 8, 8)
    real = layer(rows)
    with Sizes():
        huge = torch.rand(2, 3, 8, 8)
        answer = layer(huge)
        loss = answer.square().mean()
        loss.backward()
        assert isinstance(answer, FakeTensor)
        assert float(loss) == 0.0
    assert (answer.shape, answer.dtype) == (real.shape, real.dtype)


FORKED = """
import os, torch
from cyclekit.training.sizes import Sizes
with Sizes():
    torch.ones(3, requires_grad=True).sum().backward()
child = os.fork()
if not child:
    torch.ones(3, requires_grad=True).sum().backward()
    os._exit(0)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_forked_child_learns_after_sizes_were_looked_at_first():
    """In a process of its own: what autograd starts it starts once."""
    ended = subprocess.run([sys.executable, "-c", FORKED], check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


@given(st.lists(st.booleans(), min_size=1, max_size=8))
def test_masks_of_whole_numbers_choose_as_many_rows_as_they_have(mask):
    chosen = torch.tensor(mask)
    with Sizes():
        rows = torch.rand(len(mask), 3)
        kept = rows[chosen]
        rows[chosen] = 1.0
        numbers = torch.arange(len(mask))[chosen]
    assert tuple(kept.shape) == (sum(mask), 3)
    assert numbers.tolist() == [place for place, is_kept in enumerate(mask) if is_kept]


@given(st.lists(st.tuples(st.integers(1, 50), st.booleans()), max_size=12))
def test_what_is_held_is_the_sum_of_what_anybody_holds(sizes):
    kept, total, most = [], 0, 0
    with Held() as held:
        for size, keep in sizes:
            made = torch.zeros(size, dtype=torch.float64)
            most = max(most, total + 8 * size)
            assert held.now == total + 8 * size
            if keep:
                kept += [made, made.view(1, -1), made[:1]]
                total += 8 * size
            del made
            assert held.now == total
        assert held.peak == most
