"""Discriminators of the reference: their options and layers are read off keys and shapes."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.image.importing import read_weights
from cyclekit.image.importing.discriminators import patchgan_layers, pixel_layers
from cyclekit.image.patchgan import PatchDiscriminator, PixelDiscriminator
from tests.image.importing.states import COLOUR, GREY, as_in_the_file, assert_same, norms, stirred, without_biases


@given(
    width=st.integers(1, 3),
    layers=st.integers(1, 6),
    norm=norms,
    codecs=st.sampled_from([(COLOUR, None), (COLOUR, COLOUR), (GREY, None), (GREY, GREY)]),
)
@settings(max_examples=15, deadline=None)
def test_every_patchgan_there_and_back(file, width, layers, norm, codecs):
    options = {"width": width, "layers": layers, "norm": norm[0], "affine": norm[1]}
    network = stirred(PatchDiscriminator(*codecs, **options))
    torch.save(without_biases(as_in_the_file(network, list(patchgan_layers(layers))), network, norm[0]), file)
    imported = read_weights(file)
    assert (imported.kind, imported.part, imported.options) == ("discriminator", "patchgan", options)
    judged, condition = codecs
    assert (imported.source_channels, imported.target_channels) == (
        condition.channels if condition else 0,
        judged.channels,
    )
    assert_same(imported, network)


@given(width=st.integers(1, 3), norm=norms, condition=st.sampled_from([None, COLOUR]))
@settings(max_examples=10, deadline=None)
def test_every_pixel_discriminator_there_and_back(file, width, norm, condition):
    options = {"width": width, "norm": norm[0], "affine": norm[1]}
    network = stirred(PixelDiscriminator(COLOUR, condition, **options))
    torch.save(without_biases(as_in_the_file(network, list(pixel_layers())), network, norm[0]), file)
    imported = read_weights(file)
    assert (imported.part, imported.options) == ("pixel", options)
    assert_same(imported, network)


# --------------------------------------------------------------------------------------------- what users' files carry
