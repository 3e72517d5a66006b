"""The texture distance: its arithmetic against SciPy's, and what it must and must not see."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from cyclekit.core.batch import Batch
from cyclekit.image.metrics.texture import laplacian, sliced
from cyclekit.measuring.metric import MetricUnavailable, Translated
from cyclekit.measuring.ragged import together
from cyclekit.registry import RecipeError, build
from tests.image.textures import between, blurred, noisy, normal, textures

FEW = {"patches": 2048, "directions": 32}


def distance(fake, real, **options):
    return build("metric", "texture", options={**FEW, **options})(between(fake, real))


def drawn(pictures, each, seed):
    """Patches (pictures, each, 2, 7, 7) of one distribution."""
    return normal(pictures * each, 2 * 49, seed).view(pictures, each, 2, 7, 7)


def expected(x, y, directions, weight=1.0):
    """By SciPy, the first picture of x with another weight."""
    projected, weights = [], []
    for patches, first in ((x, weight), (y, 1.0)):
        own = torch.ones(len(patches)).double()
        own[0] = first
        own = own[:, None, None, None, None].expand_as(patches)
        mean = (own * patches).sum((0, 1, 3, 4), keepdim=True) / own.sum((0, 1, 3, 4), keepdim=True)
        variance = (own * (patches - mean) ** 2).sum((0, 1, 3, 4), keepdim=True) / own.sum((0, 1, 3, 4), keepdim=True)
        projected.append(((patches - mean) / variance.sqrt()).flatten(2).flatten(0, 1) @ directions)
        weights.append(own[:, :, 0, 0, 0].flatten().numpy())
    found = [wasserstein_distance(*one, *weights) for one in zip(projected[0].T.numpy(), projected[1].T.numpy())]
    return sum(found) / len(found)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.integers(0, 1000))
def test_it_is_scipys_wasserstein_distance_and_its_slopes_are_the_change_with_a_pictures_weight(n, m, each, seed):
    x, y = drawn(n, each, seed), drawn(m, 2, seed + 1) ** 3
    directions = torch.nn.functional.normalize(normal(98, 3, seed), dim=0)
    found = sliced(x, y, directions)
    assert float(found.value) == pytest.approx(expected(x, y, directions), rel=1e-9)
    change = (expected(x, y, directions, 1 + 1e-6) - expected(x, y, directions, 1 - 1e-6)) / 2e-6
    assert change == pytest.approx(float(found.of_x[0]), rel=1e-3, abs=1e-5)
    assert [float(slopes.sum()) for slopes in found[1:]] == pytest.approx([0, 0], abs=1e-9)


def test_the_pyramids_levels_are_what_blurring_takes_away():
    flat = torch.full((1, 3, 33, 26), 90.0)
    assert all(level.abs().max() < 1e-3 for level in laplacian(flat, 3))
    assert [tuple(level.shape[2:]) for level in laplacian(flat, 3)] == [(33, 26), (17, 13), (9, 7)]
    checked = torch.arange(32)[None] % 2 * 200.0 + torch.zeros(32, 1)
    fine, coarser = laplacian(checked.expand(1, 1, 32, 32).contiguous(), 2)
    assert fine.abs().mean() > 90
    assert coarser.abs().mean() < 1e-3


def grain(seed, times=1, rows=24):
    """Pictures (rows, 3, 64, 64) of noise, blurred so often."""
    noise = torch.randn(rows, 3, 64, 64, generator=torch.Generator().manual_seed(seed)) / 4
    return blurred(noise, times).clamp(-1, 1)


def test_it_grows_with_what_spoils_texture_and_does_not_see_colour():
    real, others = grain(0), grain(1)
    floor = distance(others, real, patches=8192)
    values = [distance(grain(1, times), real, patches=8192).value for times in (1, 2, 4, 8)]
    assert values == sorted(values)
    assert values[-1] > 2 * floor.value
    assert distance(noisy(others, 0.2), real, patches=8192).value > 1.5 * floor.value
    assert distance(others * 0.5 + 0.2, real, patches=8192).value < 1.3 * floor.value
    assert distance(real, real).value == 0
    assert floor.interval[0] <= floor.value <= floor.interval[1]


def test_pictures_of_several_sizes_and_grey_ones_are_measured():
    sizes = [textures(1, seed, size=28 + seed) for seed in range(6)]
    shown = Translated(*(together([Batch(picture) for picture in part]) for part in (sizes, sizes, sizes[::-1])))
    found = build("metric", "texture", options=FEW)(shown)
    assert found.value >= 0
    assert found.interval[0] <= found.value <= found.interval[1]
    grey = textures(4, 0)[:, :1]
    assert distance(grey, grey.expand(-1, 3, -1, -1)).value == 0


@pytest.mark.parametrize(
    ("fake", "real", "text"),
    [
        (textures(3, 0, size=12), textures(3, 1), "needs pictures of at least 13 pixels a side; the smallest has 12"),
        (textures(1, 0), textures(3, 1), "needs at least 2 pictures of each domain; got 1"),
        (torch.zeros(2, 2, 32, 32), textures(3, 1), "needs fakes and real pictures of like channels"),
    ],
)
def test_what_it_cannot_measure_is_said(fake, real, text):
    with pytest.raises(MetricUnavailable, match=text):
        distance(fake, real)


@pytest.mark.parametrize("option", ["levels", "patches", "directions"])
def test_options_are_at_least_one(option):
    with pytest.raises(RecipeError, match=f"{option} must be at least 1, got 0"):
        build("metric", "texture", options={option: 0})
