"""Networks outside of training stand as they stood, and shared weights count once."""

import pytest
import torch
from torch import nn

from cyclekit.assembling.networks import as_used, modules, pair_of, unique_parameters
from cyclekit.core.batch import Pair


@pytest.mark.parametrize("mode", ["eval", "train"])
def test_using_networks_leaves_them_as_they_were(mode):
    network = nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2), nn.Dropout(0.5))
    network[0].eval()
    before = {name: value.clone() for name, value in network.state_dict().items() if "num_batches" not in name}
    with as_used(Pair(None, network), mode):
        network(torch.rand(2, 1, 4, 4))
        assert network[2].training == (mode == "train")
    assert [module.training for module in network] == [False, True, True]
    assert network[1].momentum == 0.1
    assert all(torch.equal(value, network.state_dict()[name]) for name, value in before.items())


def test_shared_parameters_are_trained_once():
    shared = nn.Linear(2, 2)
    assert len(unique_parameters([nn.Sequential(shared), nn.Sequential(shared), None])) == 2


def test_a_pair_of_modules_goes_there_and_back():
    pair = Pair(None, nn.Linear(1, 1))
    assert pair_of(modules(pair)) == pair
