"""Optimizers by name: each takes the recipe's rate and betas, and makes what it trains smaller."""

import sys

import pytest
import torch

import cyclekit.core.optimizers  # noqa: F401  (registers them)
from cyclekit.files.tensor_files import read_tensors, write_tensors
from cyclekit.registry import RecipeError, build_from, names
from cyclekit.training.optimizer_state import flat_optimizers, restore_optimizers

BETAS = (0.3, 0.9)


def built(name, weight, **options):
    offers = {"parameters": lambda: [weight], "learning_rate": lambda: 0.1, "betas": lambda: BETAS}
    return build_from("optimizer", name, offers, options=options)


def stepped(name, count=30, **options):
    weight = torch.nn.Parameter(torch.full((4,), 3.0))
    optimizer = built(name, weight, **options)
    for _ in range(count):
        optimizer.zero_grad()
        weight.square().sum().backward()
        optimizer.step()
    return weight.detach()


@pytest.mark.parametrize("name", ["adam", "adamw", "adamw_8bit", "radam"])
def test_it_follows_the_gradient_by_the_recipes_settings(name):
    assert name in names("optimizer")
    (group,) = built(name, torch.nn.Parameter(torch.ones(1))).param_groups
    assert (group["lr"], group["betas"]) == (0.1, BETAS)
    assert stepped(name).abs().max() < 3.0


def test_weight_decay_pulls_weights_that_have_no_gradient():
    weight = torch.nn.Parameter(torch.ones(1))
    optimizer = built("adamw", weight, weight_decay=0.5)
    weight.grad = torch.zeros(1)
    optimizer.step()
    assert weight.item() == pytest.approx(1 - 0.1 * 0.5)
    with pytest.raises(RecipeError, match="optimizer 'adamw' refuses its options: Invalid weight_decay"):
        built("adamw", weight, weight_decay=-1.0)


def test_moments_in_8_bits_are_a_quarter_and_go_on_bit_for_bit_from_what_safetensors_holds(tmp_path):
    def begun(steps):
        weight = torch.nn.Parameter(torch.linspace(-1, 1, 8192).view(64, 128))
        optimizer = built("adamw_8bit", weight)
        follow(weight, optimizer, range(steps))
        return weight, optimizer

    def follow(weight, optimizer, steps):
        for step in steps:
            weight.grad = torch.randn(weight.shape, generator=torch.Generator().manual_seed(step))
            optimizer.step()

    whole, _ = begun(6)
    half, before = begun(3)
    tensors, rest = flat_optimizers({"generators": before})
    assert sum(value.nbytes for key, value in tensors.items() if "state" in key) == 2 * whole.numel()
    write_tensors(tensors, tmp_path / "optimizers.safetensors")
    again = built("adamw_8bit", half)
    restore_optimizers({"generators": again}, read_tensors(tmp_path / "optimizers.safetensors"), rest)
    follow(half, again, range(3, 6))
    assert torch.equal(half, whole)


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "bitsandbytes.optim", None)
    with pytest.raises(RecipeError, match=r"needs the package bitsandbytes: pip install 'cyclekit\[finetune\]'"):
        built("adamw_8bit", torch.nn.Parameter(torch.ones(1)))
