"""Optimizers by name: each takes the recipe's rate and betas, and makes what it trains smaller."""

import pytest
import torch

import cyclekit.core.optimizers  # noqa: F401  (registers them)
from cyclekit.registry import RecipeError, build_from, names

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


@pytest.mark.parametrize("name", ["adam", "adamw", "radam"])
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
