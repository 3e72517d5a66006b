import pytest
import torch
from torch import nn

from cyclekit.core.ema import MovingAverage


def test_it_follows_and_forgets_the_start():
    networks = nn.ModuleDict({"a": nn.Linear(1, 1)})
    with torch.no_grad():
        networks["a"].weight.fill_(100.0)
    average = MovingAverage(networks, 0.99)
    with torch.no_grad():
        networks["a"].weight.fill_(1.0)
    for step in range(1, 200):
        average.update(networks, step)
    assert average.networks["a"].weight.item() == pytest.approx(1.0, abs=0.1)
    assert not average.networks["a"].weight.requires_grad
    assert networks["a"].weight.item() == 1.0


def test_one_update_is_the_formula():
    networks = nn.ModuleDict({"a": nn.Linear(1, 1, bias=False)})
    average = MovingAverage(networks, 0.9)
    before = networks["a"].weight.item()
    with torch.no_grad():
        networks["a"].weight.add_(1.0)
    average.update(networks, step=10_000)
    assert average.networks["a"].weight.item() == pytest.approx(before + 0.1, abs=1e-6)


def test_statistics_are_copied():
    networks = nn.ModuleDict({"a": nn.BatchNorm1d(2)})
    average = MovingAverage(networks, 0.9)
    networks["a"](torch.rand(4, 2))
    average.update(networks, 1)
    assert torch.equal(average.networks["a"].running_mean, networks["a"].running_mean)


@pytest.mark.parametrize("decay", [0.0, 1.0, -1.0])
def test_a_decay_outside_zero_to_one_is_refused(decay):
    with pytest.raises(ValueError, match=r"between 0 and 1, 0\.999"):
        MovingAverage(nn.ModuleDict({}), decay)
