"""U-Nets of the reference: their options and layers are read off keys and shapes."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.image.importing import read_weights
from cyclekit.image.importing.unet import unet_layers
from cyclekit.image.unet import UNetGenerator
from tests.image.importing.states import COLOUR, GREY, as_in_the_file, assert_same, norms, stirred, without_biases


@given(
    width=st.integers(1, 3),
    depth=st.integers(2, 9),
    norm=norms,
    codecs=st.tuples(*[st.sampled_from([COLOUR, GREY])] * 2),
)
@settings(max_examples=15, deadline=None)
def test_every_unet_there_and_back(file, width, depth, norm, codecs):
    options = {"width": width, "depth": depth, "norm": norm[0], "affine": norm[1], "dropout": 0.5}
    network = stirred(UNetGenerator(*codecs, **options))
    torch.save(without_biases(as_in_the_file(network, list(unet_layers(depth))), network, norm[0]), file)
    imported = read_weights(file)
    assert (imported.kind, imported.part, imported.options) == ("generator", "unet", options)
    assert (imported.source_channels, imported.target_channels) == tuple(codec.channels for codec in codecs)
    assert any("does not say whether the U-Net had dropout" in note for note in imported.notes)
    assert_same(imported, network)


# --------------------------------------------------------------------------------------------- what users' files carry
