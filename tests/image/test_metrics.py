"""Metrics of pictures: formulas against naive ones and scikit-image, and what each must do on small textures."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.builtin.worlds import landscapes
from cyclekit.measuring.metric import Metric
from cyclekit.registry import RecipeError, build
from tests.image.textures import SMALL, blurred, from_source, needs_lite0, textures, to_truth

ALL = [
    "kid", "frechet", "precision", "recall", "density", "coverage", "psnr", "ssim", "perceptual", "structure",
    "self_similarity", "cycle_error", "texture", "fid_legacy", "fid_clean",
]  # fmt: skip


# --- the seam ---


@pytest.mark.parametrize("name", ALL)
def test_every_metric_fits_the_seam_and_declares_a_protocol(name):
    metric = build("metric", name)
    assert isinstance(metric, Metric)
    assert metric.better in ("lower", "higher")
    assert json.loads(json.dumps(metric.protocol)) == metric.protocol
    assert len(metric.protocol) >= 2
    assert "95 %" in metric.protocol["interval"]


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        ("kid", {"feature_size": 100}, "feature_size must be a positive multiple of 32, or 224, got 100"),
        ("frechet", {"feature_size": 0}, "feature_size must be a positive multiple of 32, or 224, got 0"),
        ("kid", {"features": "lite2", "feature_size": 224.5}, "feature_size"),
        ("frechet", {"features": "lite4"}, "there are no features 'lite4'; did you mean 'lite"),
        ("kid", {"bootstraps": 1}, "bootstraps must be 0 or at least 2, got 1"),
        ("kid", {"subset": 3}, "metric 'kid' has no option 'subset'; did you mean 'subsets'?"),
        ("kid", {"subsets": 1}, "subsets must be 0 or at least 2, got 1"),
        ("kid", {"subset_size": 1}, "subset_size must be at least 2, got 1"),
        ("precision", {"k": 0}, "k must be at least 1, got 0"),
        ("self_similarity", {"feature_size": 40}, "feature_size must be a positive multiple of 32, or 224, got 40"),
    ],
)
def test_bad_options_are_refused_in_one_line(name, options, text):
    with pytest.raises(RecipeError) as error:
        build("metric", name, options=options)
    assert text in str(error.value)
    assert "\n" not in str(error.value)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 10_000), st.floats(-2, 2), st.sampled_from([1, 3]))
def test_scores_stay_in_their_bounds(seed, other, contrast, channels):
    first = textures(2, seed, size=16)[:, :channels]
    second = (contrast * textures(2, other, size=16)[:, :channels]).clamp(-1, 1)
    assert 0 <= build("metric", "psnr")(to_truth(first, second)).value <= 100
    for metric, shown in (("ssim", to_truth), ("structure", from_source)):
        there, back = (build("metric", metric)(shown(*pair)).value for pair in ((first, second), (second, first)))
        assert -1 <= there <= 1 + 1e-12
        assert there == pytest.approx(back, abs=1e-9)


def scenes(look, first=0):
    """Eight built-in scenes (8, 3, 64, 64): the same places in every look."""
    pictures = np.stack([landscapes.render(look, 0, index, 64) for index in range(first, first + 8)])
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1


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
