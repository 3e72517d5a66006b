"""The colorizer: only colour is added, whatever the network says; gradients reach it; Lab is Lab."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cyclekit.core.batch import Batch
from cyclekit.image.codec import ImageCodec
from cyclekit.image.colorizer import Colorizer, exact_levels, from_lab, lightness_of, with_brightness


def colorizer(**options):
    return Colorizer(ImageCodec(1), ImageCodec(3), **{"width": 4, "depth": 3, "norm": "none"} | options)


def all_greys():
    return torch.arange(256).float().view(1, 1, 16, 16) / 127.5 - 1


@given(st.integers(0, 2**31), st.floats(0, 200))
def test_the_grey_version_of_the_output_is_the_input_level_by_level(seed, strength):
    generator = torch.Generator().manual_seed(seed)
    grey = torch.randint(256, (1, 1, 24, 24), generator=generator) / 255
    colour = with_brightness(torch.rand(1, 3, 24, 24, generator=generator) * strength - strength / 2, grey)
    assert -1e-4 <= float(colour.min()) <= float(colour.max()) <= 1 + 1e-4
    levels = exact_levels(colour, grey)[0].permute(1, 2, 0).numpy().astype(np.uint8)
    back = np.asarray(Image.fromarray(levels).convert("L"))
    assert (back == (grey[0, 0] * 255).round().numpy()).all()


@pytest.mark.parametrize("gain", [1.0, 100.0])
def test_a_picture_goes_through_the_codecs_and_keeps_its_brightness(gain):
    network = colorizer().eval()
    for parameter in network.parameters():
        parameter.data *= gain
    picture = Image.effect_noise((37, 21), 90).convert("RGB")
    row, memory = ImageCodec(1).prepare(picture, network.multiple, network.smallest)
    with torch.no_grad():
        coloured = ImageCodec(3).finish(network(row), memory)
    assert coloured.size == (37, 21)
    assert np.array_equal(np.asarray(coloured.convert("L")), np.asarray(picture.convert("L")))


def test_it_gives_levels_and_every_weight_learns():
    network = colorizer()
    made = network(Batch(all_greys())).data
    assert made.shape == (1, 3, 16, 16)
    assert torch.allclose(((made + 1) * 127.5).round() / 127.5 - 1, made, atol=1e-5)
    (made - torch.rand_like(made)).abs().mean().backward()
    assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in network.parameters())
    assert any(parameter.grad.abs().sum() > 0 for parameter in network.network.down[0].parameters())


def test_black_and_white_stay_finite_in_half_precision():
    network = colorizer()
    with torch.autocast("cpu", torch.bfloat16):
        made = network(Batch(torch.cat([all_greys(), -torch.ones(1, 1, 16, 16), torch.ones(1, 1, 16, 16)]))).data
    assert made.isfinite().all()
    made.float().square().mean().backward()
    assert all(parameter.grad.isfinite().all() for parameter in network.parameters())


def test_lab_of_known_colours():
    """L*, a*, b* of sRGB primaries, as published tables have them (D65)."""
    for (red, green, blue), (lightness, a, b) in {
        (1, 0, 0): (53.24, 80.09, 67.20),
        (0, 1, 0): (87.73, -86.18, 83.18),
        (0, 0, 1): (32.30, 79.19, -107.86),
        (1, 1, 1): (100.0, 0.0, 0.0),
    }.items():
        made = from_lab(torch.tensor(lightness).view(1, 1, 1, 1), torch.tensor([a, b]).view(1, 2, 1, 1)).flatten()
        assert made.tolist() == pytest.approx([red, green, blue], abs=0.01)
    greys = torch.tensor([0.0, 0.5, 1.0]).view(1, 1, 1, 3)
    assert lightness_of(greys).flatten().tolist() == pytest.approx([0, 53.39, 100], abs=0.01)
    assert torch.allclose(from_lab(lightness_of(greys), torch.zeros(1, 2, 1, 3)), greys.expand(1, 3, 1, 3), atol=1e-4)


def test_it_colours_grey_and_nothing_else():
    with pytest.raises(ValueError, match=r"makes colour \(3 channels\) out of grey \(1\); here 1 are made of 3"):
        Colorizer(ImageCodec(3), ImageCodec(1))
