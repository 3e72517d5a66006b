"""The four initialisations: the statistics each promises, what they leave alone, and what may come back after them."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrizations

from cyclekit import registry
from cyclekit.core.initialise import kaiming, keep, normal, orthogonal, xavier

DRAWN = ["normal", "xavier", "kaiming", "orthogonal"]


def network() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(16, 64, 4),
        nn.BatchNorm2d(64),
        nn.ConvTranspose2d(64, 32, 3),
        nn.InstanceNorm2d(32, affine=True),
        nn.Flatten(),
        nn.Linear(200, 100),
        nn.BatchNorm1d(100),
        nn.Linear(100, 100, bias=False),
    )


@given(st.sampled_from(DRAWN), st.floats(0.01, 2.0))
@settings(max_examples=12, deadline=None)
def test_biases_are_zero_and_norms_begin_around_one(name, gain):
    net = network()
    registry.build("initialisation", name, options={"gain": gain})(net)
    for module in net:
        if getattr(module, "bias", None) is not None:
            assert (module.bias == 0).all()
    assert net[1].weight.mean().item() == pytest.approx(1, abs=gain)
    assert net[1].weight.std().item() == pytest.approx(gain, rel=0.5)
    assert net[6].weight.std().item() == pytest.approx(gain, rel=0.5), "batch norm of any dimension is drawn"
    assert (net[3].weight == 1).all(), "affine instance norm keeps its own start"


def test_what_each_one_promises():
    torch.manual_seed(0)
    net = network()
    convolution, linear = net[0].weight.detach(), net[7].weight.detach()
    normal()(net)
    assert convolution.std().item() == pytest.approx(0.02, rel=0.05)
    assert convolution.mean().item() == pytest.approx(0, abs=0.002)
    xavier(gain=0.5)(net)
    assert convolution.std().item() == pytest.approx(0.5 * (2 / (16 * 16 + 64 * 16)) ** 0.5, rel=0.05)
    kaiming(gain=0.5)(net)
    assert convolution.std().item() == pytest.approx((2 / (16 * 16)) ** 0.5, rel=0.05)
    orthogonal(gain=0.5)(net)
    torch.testing.assert_close(linear @ linear.T, 0.25 * torch.eye(100), rtol=0, atol=1e-5)


def test_keep_touches_nothing():
    net = network()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    keep()(net)
    assert all(torch.equal(before[name], tensor) for name, tensor in net.state_dict().items())


@pytest.mark.parametrize("name", DRAWN)
def test_the_same_seed_draws_the_same_weights(name):
    first, second = network(), network()
    for net in (first, second):
        torch.manual_seed(7)
        registry.build("initialisation", name)(net)
    assert all(torch.equal(a, b) for a, b in zip(first.state_dict().values(), second.state_dict().values()))


def test_spectral_norm_bounds_the_new_weight_at_once_also_in_eval():
    net = parametrizations.spectral_norm(nn.Linear(30, 20)).eval()
    for gain in (0.001, 10.0):
        normal(gain=gain)(net)
        assert not net.training
        assert torch.linalg.matrix_norm(net.weight, 2).item() == pytest.approx(1, abs=0.1)


def test_a_module_may_restore_what_it_must_begin_with():
    class Restored(nn.Linear):
        def after_initialisation(self) -> None:
            nn.init.zeros_(self.weight)

    net = nn.Sequential(nn.Linear(3, 3), Restored(3, 3))
    normal()(net)
    assert (net[0].weight != 0).any()
    assert (net[1].weight == 0).all()


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("norml", {}, "no initialisation is called 'norml'; did you mean 'normal'"),
        ("normal", {"gain": -1.0}, "initialisation 'normal' refuses its options: gain must not be negative, got -1.0"),
        ("keep", {"gain": 0.02}, "initialisation 'keep' has no option 'gain'"),
    ],
)
def test_refusals(name, options, message):
    with pytest.raises(registry.RecipeError, match=message):
        registry.build("initialisation", name, options=options)
