"""Optimizers go on from what a checkpoint holds, whatever the arithmetic of the machine that wrote it."""

import json

import torch

from cyclekit.training.optimizer_state import flat_optimizers, restore_optimizers


def optimizers(**options):
    """Two sides, the second with a weight that gets no gradient."""
    weights = [
        torch.nn.Parameter(torch.arange(3.0)),
        torch.nn.Parameter(torch.ones(2)),
        torch.nn.Parameter(torch.ones(1)),
    ]
    return weights, {
        "generators": torch.optim.Adam(weights[:1], lr=0.1, **options),
        "heads": torch.optim.Adam(weights[1:], lr=0.2, **options),
    }


def step(weights, sides, times=1):
    for _ in range(times):
        for optimizer in sides.values():
            optimizer.zero_grad()
        (weights[0].square().sum() + weights[1].square().sum()).backward()
        for optimizer in sides.values():
            optimizer.step()


def test_they_go_on_where_they_stood():
    weights, sides = optimizers(fused=False, foreach=False)
    step(weights, sides, 3)
    tensors, rest = flat_optimizers(sides)
    tensors, rest = {key: one.clone() for key, one in tensors.items()}, json.loads(json.dumps(rest))
    assert {key.partition(".")[0] for key in tensors} == {"generators", "heads"}
    others, again = optimizers(foreach=True)
    with torch.no_grad():
        for weight, other in zip(weights, others):
            other.copy_(weight)
    restore_optimizers(again, tensors, rest)
    step(weights, sides, 2)
    step(others, again, 2)
    for weight, other in zip(weights, others):
        assert torch.allclose(weight, other, rtol=1e-6)
    assert again["generators"].param_groups[0]["foreach"] is True, "how it computes stays this machine's"


def test_a_rate_that_a_captured_step_reads_is_a_number_in_a_checkpoint():
    _, sides = optimizers(fused=False, foreach=False)
    sides["generators"].param_groups[0]["lr"] = torch.tensor(0.25)
    _, rest = flat_optimizers({"generators": sides["generators"]})
    assert rest["generators"][0]["lr"] == 0.25
    json.dumps(rest)
