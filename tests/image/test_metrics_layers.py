"""Distances in the network's layers, and the way back: perceptual, self-similarity, cycle error."""

import json

import numpy as np
import pytest
import torch

from cyclekit.builtin.worlds import landscapes
from cyclekit.core.batch import Batch
from cyclekit.image.features import features_in, space_of
from cyclekit.image.metrics import levels_of
from cyclekit.image.metrics.source import STRUCTURE_LAYER, self_similarity_distance
from cyclekit.image.metrics.truth import LAYERS, perceptual_distance
from cyclekit.measuring.metric import MetricUnavailable, Translated
from cyclekit.registry import build
from tests.image.textures import SMALL, blurred, from_source, needs_lite0, noisy, textures, to_truth


def scenes(look, first=0):
    """Eight built-in scenes (8, 3, 64, 64): the same places in every look."""
    pictures = np.stack([landscapes.render(look, 0, index, 64) for index in range(first, first + 8)])
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1


@needs_lite0
def test_maps_are_the_networks_own_and_come_in_order():
    space, levels = features_in(space_of("lite0", 64)), levels_of(Batch(textures(6, 0)))
    found = [torch.cat(maps) for maps in zip(*space.maps(levels, LAYERS))]
    assert [tuple(maps.shape) for maps in found] == [
        (6, 16, 32, 32), (6, 24, 16, 16), (6, 40, 8, 8), (6, 112, 4, 4), (6, 320, 2, 2),
    ]  # fmt: skip
    network = space.network
    with torch.no_grad():
        pooled = network._swish(network._bn1(network._conv_head(found[-1]))).mean((2, 3))
    torch.testing.assert_close(pooled, space([levels]), rtol=1e-4, atol=1e-5)
    alone = [torch.cat(maps) for maps in zip(*space.maps(levels[4:], LAYERS))]
    torch.testing.assert_close(alone[2], found[2][4:], rtol=1e-4, atol=1e-5)


def test_perceptual_distance_by_hand():
    """One layer with two positions: one alike but for its length, one turned by a right angle."""
    first = torch.tensor([[1.0, 2.0], [0.0, 0.0]]).view(1, 2, 1, 2)
    second = torch.tensor([[3.0, 0.0], [0.0, 5.0]]).view(1, 2, 1, 2)
    assert float(perceptual_distance([first], [second])) == pytest.approx((0 + 2) / 2)
    assert float(perceptual_distance([first, first], [second, first])) == pytest.approx(0.5)
    assert float(perceptual_distance([first], [-first])) == pytest.approx(4)


def test_self_similarity_by_hand():
    """Two positions alike against two at right angles; the same turned or scaled is the same."""
    alike = torch.tensor([[1.0, 2.0], [0.0, 0.0]]).view(1, 2, 1, 2)
    apart = torch.tensor([[1.0, 0.0], [0.0, 7.0]]).view(1, 2, 1, 2)
    assert float(self_similarity_distance(alike, apart)) == pytest.approx((2 / 4) ** 0.5)
    assert float(self_similarity_distance(apart, apart.flip(1) * 3)) == pytest.approx(0)
    assert float(self_similarity_distance(alike, torch.cat([apart, apart], 1))) == pytest.approx((2 / 4) ** 0.5)


@needs_lite0
@pytest.mark.parametrize(("name", "shown"), [("perceptual", to_truth), ("self_similarity", from_source)])
def test_distances_in_layers_are_zero_for_equal_pictures_and_grow(name, shown):
    metric, pictures = build("metric", name, options=SMALL), scenes("photograph")
    spoiled = [pictures, blurred(pictures, 1), blurred(pictures, 4), scenes("photograph", 8)]
    found = [metric(shown(one, pictures)) for one in spoiled]
    values = [measured.value for measured in found]
    assert values == sorted(values)
    assert values[0] == pytest.approx(0, abs=1e-6)
    assert values[1] > 0.01
    assert all(low < value < high for value, (low, high) in zip(values[1:], [one.interval for one in found[1:]]))
    assert metric(shown(pictures, spoiled[2])).value == pytest.approx(values[2], rel=1e-6)
    assert json.dumps(metric.protocol)
    assert "LPIPS" not in metric.name


@needs_lite0
def test_self_similarity_sees_where_things_are_more_than_how_they_look():
    metric, source = build("metric", "self_similarity", options=SMALL), scenes("photograph")
    other_look, elsewhere = scenes("spring"), source.roll(16, -1)
    assert metric(from_source(source, other_look)).value < 0.6 * metric(from_source(source, elsewhere)).value
    assert metric(from_source(source, other_look)).value < 0.6 * metric(from_source(source, scenes("spring", 8))).value
    assert metric.protocol["features"] == f"output of block {STRUCTURE_LAYER + 1} of 16, 4 x 4 positions"


def back(source, returned):
    return Translated(Batch(source), Batch(source), Batch(source), back=returned)


def test_cycle_error_is_a_share_of_the_range():
    metric, source = build("metric", "cycle_error"), textures(4, 0) * 0.5
    assert metric.needs_back
    assert metric(back(source, Batch(source))) == (0.0, 0.0, (0.0, 0.0))
    assert metric(back(source, Batch(source + 20 / 127.5))).value == pytest.approx(20 / 255, abs=1e-9)
    black, white = torch.full((2, 3, 8, 8), -1.0), torch.full((2, 3, 8, 8), 1.0)
    assert metric(back(black, Batch(white))).value == 1
    noised = metric(back(source, Batch(noisy(source, 0.1))))
    assert noised.interval[0] < noised.value < noised.interval[1]


def test_cycle_error_needs_what_came_back():
    metric, source = build("metric", "cycle_error"), textures(2, 0)
    with pytest.raises(MetricUnavailable, match="needs the translations brought back, and this row has none"):
        metric(back(source, None))
    with pytest.raises(MetricUnavailable, match=r"of one shape; these are \(2, 3, 32, 32\) and \(2, 1, 32, 32\)"):
        metric(back(source, Batch(source[:, :1])))
