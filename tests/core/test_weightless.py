"""Networks that are only to be measured."""

import torch
from torch import nn

from cyclekit.core.weightless import is_weightless, weights_wanted, without_weights


def test_weights_are_left_out_within_it_alone():
    assert weights_wanted()
    with without_weights():
        assert not weights_wanted()
        with without_weights(False):
            assert weights_wanted()
        assert not weights_wanted()
    assert weights_wanted()


def test_a_network_of_sizes_is_known():
    with torch.device("meta"):
        bare = nn.Linear(2, 3)
    assert is_weightless([None, nn.Linear(2, 3), bare])
    assert not is_weightless([None, nn.Linear(2, 3)])
