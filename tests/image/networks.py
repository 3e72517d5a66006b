"""What the tests of picture networks share: codecs, noise to put in, and the reference's outputs."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from cyclekit.core.batch import Batch
from cyclekit.image.codec import ImageCodec
from cyclekit.image.importing import read_weights

GOLDEN = Path(__file__).parent.parent / "golden"
COLOUR, GREY = ImageCodec(channels=3), ImageCodec(channels=1)


def pictures(*shape: int) -> Batch:
    """Noise in [-1, 1], the same on every call."""
    return Batch(torch.rand(shape, generator=torch.Generator().manual_seed(0)) * 2 - 1)


def parameters(network: nn.Module) -> int:
    """How many numbers it learns."""
    return sum(parameter.numel() for parameter in network.parameters())


def assert_output_of_the_reference(recorded: str, weights: str) -> None:
    """The reference's weights, read as a user's are, give the output that was recorded from it."""
    golden = load_file(GOLDEN / recorded)
    network = read_weights(GOLDEN / weights).build().eval()
    with torch.no_grad():
        output = network(Batch(golden["input"])).data
    torch.testing.assert_close(output, golden["output"], rtol=0, atol=1e-5)
