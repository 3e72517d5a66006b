"""Metrics against the source: structure, self-similarity, and the way back."""

import numpy as np
import pytest
import torch

from cyclekit.builtin.worlds import landscapes
from cyclekit.core.batch import Batch
from cyclekit.image.metrics.source import STRUCTURE_LAYER, self_similarity_distance
from cyclekit.measuring.metric import MetricUnavailable, Translated
from cyclekit.registry import build
from tests.image.textures import SMALL, from_source, needs_lite0, noisy, textures

# --- structure ---


def test_structure_is_whole_for_the_copy_and_for_another_light():
    source, metric = textures(6, 0) * 0.5, build("metric", "structure")
    assert metric(from_source(source, source)).value == pytest.approx(1, abs=1e-12)
    assert metric(from_source(source, source * 0.6 + 0.3)).value == pytest.approx(1, abs=0.01)
    assert metric(from_source(source, -source)).value == pytest.approx(-1, abs=0.01)
    assert abs(metric(from_source(source, textures(6, 99))).value) < 0.2


def test_structure_falls_with_noise_and_shifts():
    source, metric = textures(6, 0), build("metric", "structure")
    values = [metric(from_source(source, noisy(source, deviation))).value for deviation in (0.0, 0.1, 0.3, 1.0)]
    assert values == sorted(values, reverse=True)
    assert metric(from_source(source, source.roll(8, -1))).value < 0.7


def test_a_flat_picture_keeps_only_flatness():
    flat, drawn = torch.full((2, 3, 16, 16), 0.3), textures(2, 0, size=16)
    metric = build("metric", "structure")
    assert metric(from_source(flat, flat - 0.5)).value == 1
    assert metric(from_source(flat, drawn)).value == 0
    assert metric(from_source(drawn, flat)).value == 0


def test_structure_compares_grey_drawings_with_colour_fakes():
    source = textures(3, 0)
    grey = source[:, :1]
    metric = build("metric", "structure")
    assert metric(from_source(grey, grey.expand(-1, 3, -1, -1))).value == pytest.approx(1, abs=1e-6)
    with pytest.raises(MetricUnavailable, match="needs sources and fakes of one size"):
        metric(from_source(source, source[..., :20]))


def scenes(look, first=0):
    """Eight built-in scenes (8, 3, 64, 64): the same places in every look."""
    pictures = np.stack([landscapes.render(look, 0, index, 64) for index in range(first, first + 8)])
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1


def test_self_similarity_by_hand():
    """Two positions alike against two at right angles; the same turned or scaled is the same."""
    alike = torch.tensor([[1.0, 2.0], [0.0, 0.0]]).view(1, 2, 1, 2)
    apart = torch.tensor([[1.0, 0.0], [0.0, 7.0]]).view(1, 2, 1, 2)
    assert float(self_similarity_distance(alike, apart)) == pytest.approx((2 / 4) ** 0.5)
    assert float(self_similarity_distance(apart, apart.flip(1) * 3)) == pytest.approx(0)
    assert float(self_similarity_distance(alike, torch.cat([apart, apart], 1))) == pytest.approx((2 / 4) ** 0.5)


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
