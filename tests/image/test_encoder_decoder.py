"""The encoder-decoder: the U-Net without its skips."""

from __future__ import annotations

import torch
from torch import nn

from cyclekit.image.encoder_decoder import EncoderDecoderGenerator
from cyclekit.image.unet import UNetGenerator
from tests.image.networks import COLOUR, pictures


def test_nothing_passes_but_through_the_bottleneck():
    network = EncoderDecoderGenerator(COLOUR, COLOUR, width=2, depth=3, norm="none").eval()
    nn.init.zeros_(network.up[0].convolution.weight)
    first, second = pictures(2, 3, 8, 8).rows()
    with torch.no_grad():
        assert torch.equal(network(first).data, network(second).data)


def test_it_is_the_unet_but_for_the_skips():
    """The same layers under the same names; only the decoder's inputs, all but the innermost, are half as wide."""
    with torch.device("meta"):
        plain, skipping = EncoderDecoderGenerator(COLOUR, COLOUR), UNetGenerator(COLOUR, COLOUR)
    theirs = skipping.state_dict()
    for name, tensor in plain.state_dict().items():
        wider = name.startswith("up.") and not name.startswith("up.0.") and name.endswith("convolution.weight")
        assert tensor.numel() * (2 if wider else 1) == theirs.pop(name).numel()
    assert not theirs
