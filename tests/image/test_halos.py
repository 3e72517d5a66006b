"""Halos: found where outputs are sharpened too far, and in no true translation of a built-in world."""

import functools
import importlib

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from cyclekit.image.halos import halos
from tests.image.test_health import translated

SIZE = 128
PAIRS = [
    ("landscapes", "summer", "winter"), ("landscapes", "night", "day"), ("streets", "rendered", "camera"),
    ("creatures", "striped", "plain"), ("facades", "labels", "photograph"),
]  # fmt: skip
"""Those with clean edges enough for the check to speak."""


@functools.cache
def look_of(world, look):
    """The first twelve scenes of a world, where edges have room: (12, 3, 128, 128) in [-1, 1]."""
    module = importlib.import_module(f"cyclekit.builtin.worlds.{world}")
    scenes = [module.render(look, 0, number, SIZE) for number in range(12)]
    coloured = [scene if scene.ndim == 3 else module.coloured(scene) for scene in scenes]
    return torch.stack([torch.tensor(scene).permute(2, 0, 1) for scene in coloured]).float() / 127.5 - 1


def sharpened(pictures, amount=2.0, deviation=3.0):
    """Unsharp masking: what makes halos where there are edges."""
    across = torch.arange(-9.0, 10.0)
    bell = torch.exp(-(across**2) / 2 / deviation**2)
    bell = (bell / bell.sum()).view(1, 1, 1, -1).expand(pictures.shape[1], 1, 1, -1)
    blurred = F.conv2d(F.pad(pictures, (9, 9, 9, 9), mode="reflect"), bell, groups=pictures.shape[1])
    blurred = F.conv2d(blurred, bell.transpose(2, 3), groups=pictures.shape[1])
    return (pictures + amount * (pictures - blurred)).clamp(-1, 1)


def blocks(count=12):
    """Flat pictures with a flat square on each."""
    random = torch.Generator().manual_seed(0)
    ground, square = torch.rand(2, count, 3, 1, 1, generator=random) - 0.5
    pictures = ground.expand(-1, -1, SIZE, SIZE).clone()
    pictures[..., 40:88, 40:88] = square + 0.4 * (square - ground).sign()
    return pictures


@pytest.mark.parametrize(("world", "one", "other"), PAIRS)
def test_true_translations_have_none(world, one, other):
    for source, target in ((one, other), (other, one)):
        here, there = look_of(world, source), look_of(world, target)
        assert halos()(translated(here, there, there)) is None
        assert halos()(translated(here, here, there)) is None


@pytest.mark.parametrize(("world", "source", "target"), PAIRS)
def test_sharpened_translations_have_them(world, source, target):
    truth = look_of(world, target)
    line = halos()(translated(look_of(world, source), sharpened(truth), truth))
    assert line.startswith("the outputs have halos along edges (beside ")
    assert "from 20 % and 12 levels): lower objective.adversarial" in line


@given(st.floats(-1.5, 1.5), st.floats(-0.3, 0.3), st.floats(0, 0.2))
@settings(max_examples=25, deadline=None)
def test_other_tones_and_grain_are_no_halos(contrast, light, grain):
    source = blocks()
    noise = torch.randn(source.shape, generator=torch.Generator().manual_seed(1))
    fake = (contrast * source + light + grain * noise).clamp(-1, 1)
    assert halos()(translated(source, fake, source)) is None


@given(st.sampled_from([-1.0, 1.0]), st.floats(1.5, 4), st.floats(2, 4))
@settings(max_examples=15, deadline=None)
def test_rims_are_found_however_wide_and_also_in_an_inversion(sign, amount, deviation):
    source = blocks()
    assert halos()(translated(source, sharpened(0.5 * sign * source, amount, deviation), source)) is not None


def test_a_dark_outline_is_none():
    source = blocks()
    edge = F.max_pool2d(source.mean(1, keepdim=True), 7, 1, 3) + F.max_pool2d(-source.mean(1, keepdim=True), 7, 1, 3)
    outlined = torch.where(edge > 0.1, -0.9, source)
    assert halos()(translated(source, outlined, source)) is None


def test_what_cannot_be_compared_is_left_alone():
    source = blocks()
    few = source[:5]
    assert halos()(translated(few, sharpened(few), few)) is None
    assert halos()(translated(source, sharpened(source)[..., ::2, ::2], source)) is None
    flat = torch.zeros_like(source)
    assert halos()(translated(flat, sharpened(source), source)) is None


@pytest.mark.parametrize("options", [{"rim": 0}, {"levels": -1.0}])
def test_thresholds_are_above_0(options):
    with pytest.raises(ValueError, match="both are above 0"):
        halos(**options)
