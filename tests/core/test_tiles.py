"""Tiles: what they are put together to, beside the whole picture, for every network and any sizes."""

import functools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from cyclekit.core.batch import Batch
from cyclekit.core.tiles import Tiles, reach_of, shared_statistics, stretches, tiles_for
from cyclekit.image.resnet import ResNetGenerator
from cyclekit.image.unet import UNetGenerator
from cyclekit.image.unshuffle import UnshuffleGenerator
from cyclekit.registry import RecipeError
from tests.image.networks import COLOUR

LEVEL = 2 / 255
"""One of 255 steps from -1 to 1."""


class Pictures(nn.Module):
    """A generator of what a function makes of pictures."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, source, target=None):
        return Batch(self.function(source.data))


@functools.cache
def network(kind, upsampling, norm, size):
    """One of the package's generators with weights at which every part of it counts."""
    torch.manual_seed(size)
    if kind == "resnet":
        made = ResNetGenerator(
            COLOUR, COLOUR, width=4, blocks=size, downsamplings=size, norm=norm, upsampling=upsampling,
            downsampling="antialiased" if upsampling == "antialiased" else "strided",
        )  # fmt: skip
    elif kind == "unet":
        made = UNetGenerator(COLOUR, COLOUR, width=4, depth=2, norm="batch")
    else:
        made = UnshuffleGenerator(COLOUR, COLOUR, width=4, blocks=size, outer_blocks=1, factor=size, start="identity")
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    for parameter in made.parameters():
        if parameter.dim() > 1 and not parameter.any():
            nn.init.normal_(parameter, std=0.1)
    return made.eval()


local = st.builds(
    network,
    st.sampled_from(["resnet", "unshuffle", "unet"]),
    st.sampled_from(["transposed", "resize", "nearest", "antialiased"]),
    st.sampled_from(["none", "batch"]),
    st.integers(1, 2),
)


@functools.cache
def reach(network):
    return reach_of(network, 3, 200)


def noise(height, width):
    generator = torch.Generator().manual_seed(height * 1000 + width)
    coarse = torch.rand(1, 3, height // 8 + 2, width // 8 + 2, generator=generator)
    smooth = nn.functional.interpolate(coarse, size=(height, width), mode="bilinear")
    return Batch((smooth + 0.3 * torch.rand(1, 3, height, width, generator=generator)).clamp(0, 1) * 2 - 1)


@torch.no_grad()
def differences(network, side, picture):
    """How far tiles are from the whole, in levels, and the Tiles."""
    tiles = Tiles(network, side)
    made = tiles(picture).data
    assert tiles.done == 1
    return (made - network(picture).data).abs() / LEVEL, tiles


@given(local, st.integers(0, 60), st.integers(1, 60), st.integers(1, 60))
def test_tiles_of_a_network_that_looks_so_far_are_the_whole(network, wider, down, across):
    side = max(4 * reach(network), 4 * network.smallest) + 3 + wider
    height, width = ((side + more) // network.multiple * network.multiple + network.multiple for more in (down, across))
    far, tiles = differences(network, side, noise(height, width))
    assert (tiles.reach, tiles.note) == (reach(network), "")
    assert far.max() < 0.1


@pytest.mark.parametrize(
    ("kind", "size"), [("resnet", 1), ("resnet", 2), ("unshuffle", 1), ("unshuffle", 2), ("unet", 1)]
)
def test_no_gradient_comes_from_further_than_the_reach(kind, size):
    made = network(kind, "resize", "none", size)
    far, multiple = reach(made), made.multiple
    edge = (far // multiple + 3) * multiple

    def gradient(distance):
        """Of the columns at least so far from an edge, by the picture beyond it: on the right, and on the left."""
        for right in (True, False):
            picture = noise(edge, 2 * edge).data.requires_grad_()
            out = made(Batch(picture)).data
            (out[..., edge + distance :] if right else out[..., : edge - distance]).square().sum().backward()
            yield picture.grad[..., :edge] if right else picture.grad[..., edge:]

    assert not any(each.any() for each in gradient(far))
    # A weight of 0 in between is no gradient, but a look.
    assert any(each.any() for each in gradient(far - 2 * multiple))


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda data: -data, 0),
        (lambda data: nn.functional.avg_pool2d(data, 7, 1, 3), 3),
        (lambda data: data + nn.functional.avg_pool2d(data.nan_to_num(), 11, 1, 5), 5),  # loses what is no number
        (lambda data: nn.functional.avg_pool2d(data, (9, 1), 1, (4, 0)), 4),  # looks up and down alone
        (lambda data: data.roll(20, 3), 20),
        (lambda data: nn.functional.avg_pool2d(data, 43, 1, 21), None),
        (lambda data: data - data.mean((2, 3), keepdim=True), None),
        (lambda data: torch.zeros_like(data), None),
        (lambda data: data @ torch.ones(data.shape[3], data.shape[3]), None),  # not in double precision
    ],
)
def test_the_reach_of_any_network(function, expected):
    assert reach_of(Pictures(function), 3, 20) == expected


@given(st.integers(4, 60), st.integers(0, 15), st.integers(1, 4), st.integers(1, 300), st.booleans())
def test_stretches_cover_a_side_once(side, margin, multiple, length, exact):
    side, margin = side * multiple, min(margin, side // 4) * multiple
    found = stretches(length * multiple, side, margin, multiple, exact)
    total = torch.zeros(length * multiple)
    for each in found:
        assert 0 < each.stop - each.start <= side
        assert (each.start % multiple, each.stop % multiple) == (0, 0)
        total[each.start : each.stop] += each.weights
    torch.testing.assert_close(total, torch.ones_like(total))
    if exact:
        assert all(set(each.weights.tolist()) <= {0.0, 1.0} for each in found)


@given(st.integers(20, 40), st.integers(50, 120), st.integers(50, 120))
def test_a_network_that_looks_everywhere_is_blended_and_says_so(side, height, width):
    everywhere = Pictures(lambda data: (data + data.mean((2, 3), keepdim=True)) / 2)
    picture = Batch(torch.linspace(-1, 1, width).expand(1, 3, height, width))
    tiles = Tiles(everywhere, side)
    made = tiles(picture).data
    # Each tile shifts by its own mean. Cut hard, a seam would be as high as the step between the means of two tiles.
    assert made.diff(dim=3).abs().max() < 6 * 2 / width
    assert "blended" in tiles.note


def test_norms_go_by_statistics_of_the_whole_picture():
    torch.manual_seed(0)
    norms = network("resnet", "resize", "instance", 2)
    height, width = 400, 600
    picture = noise(height, width)
    picture.data[..., : width // 2].mul_(0.2).sub_(0.5)  # a dark, flat half: tiles' own statistics would differ
    far, tiles = differences(norms, 320, picture)
    own = torch.cat([norms(Batch(half)).data for half in picture.data.chunk(2, 3)], 3)
    alone = (own - norms(picture).data).abs().mean() / LEVEL
    assert far.mean() < alone / 4
    assert "estimated" in tiles.note
    assert not any("forward" in vars(module) for module in norms.modules())


@torch.no_grad()
def test_statistics_of_the_picture_itself_make_no_difference():
    norms = network("resnet", "resize", "instance", 1)
    picture = noise(64, 48)
    expected = norms(picture).data
    with shared_statistics(norms) as gather:
        gather(lambda: norms(picture))
        torch.testing.assert_close(norms(picture).data, expected, atol=1e-4, rtol=0)


def test_nothing_is_cut_that_is_no_larger_than_a_tile():
    local = network("resnet", "resize", "none", 1)
    for side, picture in ((64, noise(64, 64)), (64, noise(20, 200)), (0, noise(200, 200)), (None, noise(200, 200))):
        tiles = Tiles(local, side)
        tiles(picture)
        assert (tiles.done, tiles.note) == (0, "")


def test_tiles_that_cannot_be():
    deep = UNetGenerator(COLOUR, COLOUR, width=2, depth=5)
    with pytest.raises(RecipeError, match=r"tile=64: this network needs tiles of at least 128 px a side, got 64"):
        tiles_for(deep, 64)
    for tile in ("512px", -1, 0, True, 2.5):
        with pytest.raises(RecipeError, match=f"tile={tile}: give auto, whole"):
            tiles_for(deep, tile)
    with pytest.raises(ValueError, match="another size"):
        Tiles(Pictures(lambda data: data[..., ::2, ::2]), 20)(noise(40, 40))
