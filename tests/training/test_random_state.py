"""Every global generator goes on exactly where it stood, through JSON too."""

import json
import random

import numpy
import torch
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.training.random_state import random_state, restore_random_state


def drawn():
    return torch.rand(3).tolist(), numpy.random.randn(3).tolist(), [random.gauss(0, 1) for _ in range(3)]


@given(st.integers(0, 2**32 - 1), st.integers(0, 5))
def test_what_follows_is_drawn_again(seed, before):
    torch.manual_seed(seed), numpy.random.seed(seed), random.seed(seed)
    for _ in range(before):
        torch.rand(1), numpy.random.randn(1), random.gauss(0, 1)  # one of a pair is left for the next call
    tensors, rest = random_state()
    tensors, rest = {name: one.clone() for name, one in tensors.items()}, json.loads(json.dumps(rest))
    wanted = drawn()
    drawn()
    restore_random_state(tensors, rest)
    assert drawn() == wanted
