"""Matching colours without a network: the moments it must reach, and that nothing else moves."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.core.batch import Batch
from cyclekit.image.colours import colours_of, moved


def pictures(seed, channels=3, sizes=((6, 9), (7, 5), (8, 8))):
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(channels, channels, generator=generator) / 8
    shift = torch.randn(channels, generator=generator) / 10
    drawn = [torch.randn(channels, *size, generator=generator) / 2 for size in sizes]
    return [
        Batch((torch.einsum("dc,chw->dhw", mixing, one) + shift[:, None, None]).clamp(-0.6, 0.6)[None]) for one in drawn
    ]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1, 3, 5]))
def test_the_set_gets_the_others_mean_and_covariance(seed, channels):
    source, target = pictures(seed, channels), pictures(seed + 1, channels)
    wanted = colours_of(target)
    move = moved(colours_of(source), wanted)
    made = [move(row) for row in source]
    if any(bool((row.data.abs() >= 1).any()) for row in made):
        return  # clamped
    found = colours_of(made)
    torch.testing.assert_close(found.mean, wanted.mean, atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(found.covariance, wanted.covariance, atol=1e-4, rtol=1e-2)


def test_equal_sets_stay_as_they_are():
    source = pictures(0)
    move = moved(colours_of(source), colours_of(source))
    for row in source:
        torch.testing.assert_close(move(row).data, row.data, atol=1e-5, rtol=1e-4)


def test_grey_pictures_in_three_channels_have_one_direction_of_colour():
    grey = [Batch(row.data[:, :1].expand(-1, 3, -1, -1)) for row in pictures(0)]
    made = moved(colours_of(grey), colours_of(pictures(1)))(grey[0]).data
    assert made.isfinite().all()
    assert made.std() > 0


@pytest.mark.parametrize("level", [-0.5, 0.5])
def test_flat_pictures_take_the_mean(level):
    flat = [Batch(torch.full((1, 3, 4, 4), level))]
    made = moved(colours_of(flat), colours_of(pictures(1)))(flat[0]).data
    torch.testing.assert_close(made.double().mean((0, 2, 3)), colours_of(pictures(1)).mean, atol=1e-5, rtol=1e-4)
