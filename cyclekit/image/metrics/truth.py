"""Metrics of pictures against a known truth, one by one: PSNR, SSIM, and a perceptual distance."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from cyclekit.image.features import SPACES, features_in, space_of
from cyclekit.image.metrics.pictures import luma, shown_protocol, with_truth
from cyclekit.measuring.metric import Measured, MetricUnavailable, Translated, averaged
from cyclekit.measuring.resampling import PROTOCOL
from cyclekit.registry import register

IDENTICAL_PSNR = 100.0
"""Decibels for a picture equal to its truth in every level: the ratio is infinite, which neither a mean nor JSON holds.

Rounding noise alone is 59 dB, so that nothing but equality, or a few values off by one level, comes near."""

LAYERS = (0, 2, 4, 10, 15)
"""The blocks that close each resolution of the network: 112, 56, 28, 14 and 7 positions a side of a 224 px input."""


@register("metric", "psnr")
class PSNR:
    """PSNR: peak signal-to-noise ratio of each fake to its truth in decibels, averaged over the pictures.

    10 log10(255^2 / MSE) of 8-bit levels, the mean square over all channels of a picture; a picture equal to its truth
    counts as 100 dB. Spread and interval are those of the mean over pictures.
    """

    name = "PSNR"
    better: Literal["lower", "higher"] = "higher"
    needs_truth = True

    @property
    def protocol(self) -> dict[str, object]:
        """What was measured, and how."""
        return {
            "unit": "dB, mean over pictures",
            "pictures": "8-bit levels, all channels",
            "identical pictures": f"{IDENTICAL_PSNR:g} dB",
            "interval": PROTOCOL,
        }

    def __call__(self, translated: Translated) -> Measured:
        """Score `fake` against `truth`, both (N, C, H, W) in [-1, 1].

        Raises:
            MetricUnavailable: there is no truth, or it has another shape.
        """
        errors = [(fake.double() - truth.double()).square().mean((1, 2, 3)) for fake, truth in with_truth(translated)]
        return averaged((10 * torch.log10(255**2 / torch.cat(errors))).clamp(max=IDENTICAL_PSNR))


@register("metric", "ssim")
class SSIM:
    """SSIM: structural similarity of each fake to its truth, averaged over the pictures; 1 for equal ones, at least -1.

    As published (Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity", section
    III C) and in its authors' code: on luma (ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B), Gaussian window of 11 x 11
    with deviation 1.5, population covariances, K1 0.01, K2 0.03, range 255, and only windows that lie inside the
    picture. Spread and interval are those of the mean over pictures.
    """

    name = "SSIM"
    better: Literal["lower", "higher"] = "higher"
    needs_truth = True
    window = 11

    @property
    def protocol(self) -> dict[str, object]:
        """What was measured, and how."""
        return {
            "pictures": "luma (ITU-R BT.601; of other than 3 channels their mean) of 8-bit levels, mean over pictures",
            "window": "Gaussian 11 x 11, deviation 1.5, inside the picture",
            "constants": "K1 0.01, K2 0.03, range 255",
            "interval": PROTOCOL,
        }

    def __call__(self, translated: Translated) -> Measured:
        """Score `fake` against `truth`, both (N, C, H, W) in [-1, 1].

        Raises:
            MetricUnavailable: there is no truth, it has another shape, or pictures are smaller than the window.
        """
        return averaged(torch.cat([self._of_stack(*map(luma, both)) for both in with_truth(translated)]))

    def _of_stack(self, fake: Tensor, truth: Tensor) -> Tensor:
        if min(fake.shape[2:]) < self.window:
            size, found = f"{self.window} x {self.window}", f"{fake.shape[3]} x {fake.shape[2]}"
            raise MetricUnavailable(f"needs pictures of at least {size} pixels; these are {found}")
        mean_fake, mean_truth = _blurred(fake), _blurred(truth)
        variance_fake = _blurred(fake.square()) - mean_fake.square()
        variance_truth = _blurred(truth.square()) - mean_truth.square()
        covariance = _blurred(fake * truth) - mean_fake * mean_truth
        c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
        luminance = (2 * mean_fake * mean_truth + c1) / (mean_fake.square() + mean_truth.square() + c1)
        contrast_and_structure = (2 * covariance + c2) / (variance_fake + variance_truth + c2)
        return (luminance * contrast_and_structure).mean((1, 2, 3))


@register("metric", "perceptual")
class PerceptualDistance:
    """How far each fake is from its truth in the layers of EfficientNet-Lite0, averaged over the pictures; 0 for equal.

    The construction of Zhang et al. 2018, "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric",
    section 3, equation 1: in each layer the channels of a position are scaled to unit length, and the squared distance
    of both pictures there is averaged over the positions. It is **not LPIPS**: another network, no weights of channels
    learned from people's judgements, and the mean over layers instead of their sum, so that values do not compare. Per
    layer it is 2 - 2 cosine, so that it is at most 4.

    Args:
        feature_size: pictures are resized to this side before the network sees them; a multiple of 32.

    Raises:
        ValueError: a size the network cannot take.
    """

    name = f"perceptual distance ({SPACES['lite0'].name} layers)"
    better: Literal["lower", "higher"] = "lower"
    needs_truth = True

    def __init__(self, *, feature_size: int = 224) -> None:
        self.space = space_of("lite0", feature_size)

    @property
    def protocol(self) -> dict[str, object]:
        """What was measured, and how."""
        return {
            **shown_protocol(self.space),
            "layers": f"outputs of blocks {', '.join(str(place + 1) for place in LAYERS)} of 16",
            "value": "squared distance of unit-length channels, mean over positions, layers and pictures; not LPIPS",
            "interval": PROTOCOL,
        }

    def __call__(self, translated: Translated) -> Measured:
        """Score `fake` against `truth`, both (N, C, H, W) in [-1, 1].

        Raises:
            MetricUnavailable: there is no truth, it has another shape, or the network is missing.
        """
        network = features_in(self.space)
        stacks = [zip(*(network.maps(levels, LAYERS) for levels in both)) for both in with_truth(translated)]
        return averaged(torch.cat([perceptual_distance(fake, truth) for pairs in stacks for fake, truth in pairs]))


def perceptual_distance(first: list[Tensor], second: list[Tensor]) -> Tensor:
    """Maps of several layers, each (N, C, h, w), of two sets of pictures, to the distance (N,) float64 of each pair."""
    layers = []
    for one, other in zip(first, second):
        difference = F.normalize(one.double(), dim=1) - F.normalize(other.double(), dim=1)
        layers.append(difference.square().sum(1).mean((1, 2)))
    return torch.stack(layers).mean(0)


def _blurred(pictures: Tensor) -> Tensor:
    """Gaussian-weighted mean over 11 x 11 windows inside the picture: (N, 1, H, W) to (N, 1, H - 10, W - 10)."""
    offsets = torch.arange(-5, 6, dtype=pictures.dtype, device=pictures.device)
    window = torch.softmax(-offsets.square() / (2 * 1.5**2), 0)
    return F.conv2d(F.conv2d(pictures, window.view(1, 1, 11, 1)), window.view(1, 1, 1, 11))
