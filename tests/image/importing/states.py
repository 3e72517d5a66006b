"""Networks of this house under the names that files of the reference give their layers."""

from __future__ import annotations

import os
from pathlib import Path

import torch
from hypothesis import strategies as st
from torch import Tensor, nn

from cyclekit.image.codec import ImageCodec
from cyclekit.image.importing import Imported
from cyclekit.image.importing.layers import Layer

GOLDEN = Path(__file__).parents[2] / "golden"
COLOUR, GREY = ImageCodec(channels=3), ImageCodec(channels=1)

norms = st.sampled_from([("instance", False), ("instance", True), ("batch", False), ("none", False)])


def as_in_the_file(network: nn.Module, layers: list[Layer]) -> dict[str, Tensor]:
    """A network's state under the foreign names. Where there is no norm the reference has no biases either."""
    there = {f"{layer.here}.convolution": layer.convolution for layer in layers}
    there |= {f"{layer.here}.norm": layer.norm for layer in layers if layer.norm}
    state = {}
    for name, tensor in network.state_dict().items():
        module, _, leaf = name.rpartition(".")
        state[f"{there[module]}.{leaf}"] = tensor
    assert len(state) == len(network.state_dict()), "two layers have one foreign name"
    return state


def without_biases(state: dict[str, Tensor], network: nn.Module, norm: str) -> dict[str, Tensor]:
    """Without norm, the reference's convolutions have no biases: make the network so, and the file."""
    if norm != "none":
        return state
    for name, parameter in network.named_parameters():
        if name.endswith(".bias"):
            nn.init.zeros_(parameter)
    return {key: tensor for key, tensor in state.items() if not key.endswith(".bias")}


def assert_same(imported: Imported, network: nn.Module) -> None:
    built = imported.build().state_dict()
    expected = network.state_dict()
    assert list(built) == list(expected) == list(imported.state)
    for name, tensor in expected.items():
        assert torch.equal(built[name], tensor), name


def stirred(network: nn.Module) -> nn.Module:
    """Running statistics as after some training, so that none is mistaken for another."""
    for name, buffer in network.named_buffers():
        if not name.endswith("num_batches_tracked"):
            nn.init.uniform_(buffer, 0.5, 1.5)
    return network


class RunsCode:
    def __reduce__(self) -> tuple:
        return os.mkdir, ("this-must-never-appear",)
