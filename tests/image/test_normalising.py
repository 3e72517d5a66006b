"""Where fused kernels may take the place of plain layers."""

import sys
from collections import OrderedDict

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cyclekit.image import normalising


def test_only_a_plain_instance_norm_on_a_card_is_fused():
    norm, features = torch.nn.InstanceNorm2d(4), torch.zeros(1, 4, 8, 8)
    assert not normalising.fuses(norm, features)  # on a processor
    card = torch.empty(1, 4, 8, 8, device="meta")
    seen = type("Seen", (), {"is_cuda": True})()
    assert normalising.fuses(norm, seen)
    assert not normalising.fuses(None, seen)
    assert not normalising.fuses(torch.nn.InstanceNorm2d(4, affine=True), seen)
    assert not normalising.fuses(torch.nn.BatchNorm2d(4), seen)
    assert not normalising.fuses(norm, card)


@given(
    st.booleans(), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 2), st.integers(0, 2),
    st.integers(1, 2),
)  # fmt: skip
@settings(max_examples=40)
def test_a_convolution_without_its_bias_is_it_less_its_bias(
    transposed, groups, each, kernel, stride, padding, dilation
):
    channels = groups * each
    sizes = {"stride": stride, "padding": padding, "groups": groups, "dilation": dilation, "dtype": torch.float64}
    made = nn.ConvTranspose2d if transposed else nn.Conv2d
    layer = nn.Sequential(OrderedDict(convolution=made(channels, channels, kernel, **sizes)))
    features = torch.rand(2, channels, 9, 8, dtype=torch.float64)
    bias = layer.convolution.bias[None, :, None, None]
    torch.testing.assert_close(normalising.without_bias(layer, features), layer(features) - bias)


def test_output_padding_is_kept():
    layer = nn.Sequential(OrderedDict(convolution=nn.ConvTranspose2d(2, 3, 3, 2, 1, output_padding=1)))
    assert normalising.without_bias(layer, torch.zeros(1, 2, 4, 4)).shape == layer(torch.zeros(1, 2, 4, 4)).shape


def test_instance_norm_takes_a_bias_out_again():
    """Which is why nothing is lost."""
    layer = nn.Sequential(OrderedDict(convolution=nn.Conv2d(2, 3, 3)))
    features, norm = torch.rand(1, 2, 8, 8), nn.InstanceNorm2d(3)
    torch.testing.assert_close(norm(normalising.without_bias(layer, features)), norm(layer(features)))


def test_without_triton_nothing_is_fused(monkeypatch):
    seen = type("Seen", (), {"is_cuda": True})()
    normalising._triton_is_there.cache_clear()
    monkeypatch.setitem(sys.modules, "triton", None)
    assert not normalising.fuses(nn.InstanceNorm2d(4), seen)
    normalising._triton_is_there.cache_clear()
