"""Metrics against a known truth: scikit-image's numbers, bounds, and what must spoil them."""

import numpy as np
import pytest
import torch

from cyclekit.core.batch import Batch
from cyclekit.image.metrics import saved_levels
from cyclekit.image.metrics.truth import perceptual_distance
from cyclekit.measuring.metric import MetricUnavailable
from cyclekit.registry import build
from tests.image.textures import between, blurred, noisy, textures, to_truth

# --- against the truth ---


def test_psnr_and_ssim_agree_with_scikit_image():
    reference = pytest.importorskip("skimage.metrics", reason="scikit-image is the reference for PSNR and SSIM")
    truth = textures(6, 0, size=40)[..., :33]
    fake = noisy(blurred(truth, 1), 0.1)
    pairs = [
        (a.permute(1, 2, 0).numpy(), b.permute(1, 2, 0).numpy())
        for a, b in zip(saved_levels(Batch(truth)), saved_levels(Batch(fake)))
    ]
    psnr = [reference.peak_signal_noise_ratio(a, b, data_range=255) for a, b in pairs]
    weights = np.array([0.299, 0.587, 0.114])
    published = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255}
    ssim = [reference.structural_similarity(a @ weights, b @ weights, **published) for a, b in pairs]
    assert build("metric", "psnr")(to_truth(fake, truth)).value == pytest.approx(np.mean(psnr), abs=1e-4)
    assert build("metric", "ssim")(to_truth(fake, truth)).value == pytest.approx(np.mean(ssim), abs=1e-4)


def test_equal_pictures_have_the_best_score_and_no_infinity():
    pictures = textures(4, 0)
    assert build("metric", "psnr")(to_truth(pictures, pictures)) == (100.0, 0.0, (100.0, 100.0))
    assert build("metric", "ssim")(to_truth(pictures, pictures)).value == pytest.approx(1, abs=1e-12)


def test_psnr_of_one_level_everywhere():
    truth = torch.full((2, 3, 8, 8), 1 / 255)  # level 128; 0 would lie between two levels
    measured = build("metric", "psnr")(to_truth(truth + 2 / 255, truth))
    assert measured.value == pytest.approx(20 * np.log10(255), abs=1e-9)


@pytest.mark.parametrize("name", ["psnr", "ssim"])
@pytest.mark.parametrize(("spoil", "levels"), [(blurred, (1, 3)), (noisy, (0.1, 0.3))], ids=["blur", "noise"])
def test_scores_fall_with_what_spoils_pictures(name, spoil, levels):
    truth, metric = textures(6, 0), build("metric", name)
    values = [metric(to_truth(spoiled, truth)).value for spoiled in (truth, *(spoil(truth, level) for level in levels))]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == 3


@pytest.mark.parametrize("name", ["psnr", "ssim"])
def test_truth_is_needed_and_must_fit(name):
    metric = build("metric", name)
    assert metric.needs_truth
    with pytest.raises(MetricUnavailable, match="needs the true translation of each source"):
        metric(between(textures(2, 0), textures(2, 1)))
    with pytest.raises(MetricUnavailable, match=r"needs fakes and truths of one shape; these are \(2, 3, 32, 32\)"):
        metric(to_truth(textures(2, 0), textures(2, 1, size=40)))


def test_ssim_needs_a_window():
    small = torch.zeros(2, 3, 10, 20)
    with pytest.raises(MetricUnavailable, match="needs pictures of at least 11 x 11 pixels; these are 20 x 10"):
        build("metric", "ssim")(to_truth(small, small))


def test_perceptual_distance_by_hand():
    """One layer with two positions: one alike but for its length, one turned by a right angle."""
    first = torch.tensor([[1.0, 2.0], [0.0, 0.0]]).view(1, 2, 1, 2)
    second = torch.tensor([[3.0, 0.0], [0.0, 5.0]]).view(1, 2, 1, 2)
    assert float(perceptual_distance([first], [second])) == pytest.approx((0 + 2) / 2)
    assert float(perceptual_distance([first, first], [second, first])) == pytest.approx(0.5)
    assert float(perceptual_distance([first], [-first])) == pytest.approx(4)
