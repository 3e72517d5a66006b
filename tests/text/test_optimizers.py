"""Moments in 8 bits: they follow the gradient, are small, and a resume goes on bit for bit."""

import sys

import pytest
import torch

import cyclekit.text.optimizers  # noqa: F401  (registers them)
from cyclekit.files.tensor_files import read_tensors, write_tensors
from cyclekit.registry import RecipeError, build_from
from cyclekit.training.optimizer_state import flat_optimizers, restore_optimizers

BETAS = (0.3, 0.9)


def built(name, weight, **options):
    offers = {"parameters": lambda: [weight], "learning_rate": lambda: 0.1, "betas": lambda: BETAS}
    return build_from("optimizer", name, offers, options=options)


def test_it_follows_the_gradient_by_the_recipes_settings():
    weight = torch.nn.Parameter(torch.full((8192,), 3.0))
    optimizer = built("adamw_8bit", weight, weight_decay=0.5)
    (group,) = optimizer.param_groups
    assert (group["lr"], group["betas"], group["weight_decay"]) == (0.1, BETAS, 0.5)
    for _ in range(30):
        optimizer.zero_grad()
        weight.square().sum().backward()
        optimizer.step()
    assert weight.abs().max() < 1.0


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
