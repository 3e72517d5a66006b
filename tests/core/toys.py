"""Generators and discriminators of vectors, and one step of an objective with them."""

import torch
from torch import nn

from cyclekit.core.batch import Batch


class Toy(nn.Module):
    """A generator or judge of vectors that counts its calls."""

    def __init__(self, inputs=4, outputs=4):
        super().__init__()
        self.layer = nn.Linear(inputs, outputs, dtype=torch.float64)
        self.calls = 0

    def forward(self, source, other=None):
        self.calls += 1
        data = source.data if other is None else torch.cat([other.data, source.data], 1)
        return Batch(torch.tanh(self.layer(data)))


def step(objective, networks, real):
    outputs = objective.outputs(networks.generators, real)
    return outputs, objective.generator_loss(networks, outputs), objective.discriminator_loss(networks, outputs)
