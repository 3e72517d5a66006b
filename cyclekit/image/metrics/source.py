"""Metrics of pictures against their own source: what a translation kept of it, and whether the way back is found.

None is a goal by itself: *copy the input* is perfect in all of them, so they are read beside a distance to the target.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from cyclekit.core.batch import Batch
from cyclekit.image.features import SPACES, features_in, space_of
from cyclekit.image.metrics.pictures import luma, saved_levels, shown_protocol
from cyclekit.measuring.metric import Measured, MetricUnavailable, Translated, averaged
from cyclekit.measuring.ragged import matched
from cyclekit.measuring.resampling import PROTOCOL
from cyclekit.registry import register

COPYING = {"copying": "is perfect by construction"}

STRUCTURE_LAYER = 10
"""The last block at a sixteenth of the input's side: 14 x 14 positions of a 224 px input, 112 channels."""


@register("metric", "structure")
class StructureKept:
    """How much of the source's drawing is still in the fake: the correlation of their luma gradients.

    sum(g_source . g_fake) / sqrt(sum |g_source|^2 sum |g_fake|^2) over the Sobel gradient vectors of a picture, then
    the mean over pictures. 1 for the copy and for any change of brightness or contrast, near 0 for another picture,
    negative for an inverted one; strong edges count most. It needs no truth, and is no goal by itself: *copy the input*
    scores 1, so it is read beside KID. Spread and interval are those of the mean over pictures.
    """

    name = "structure kept (gradient correlation)"
    better: Literal["lower", "higher"] = "higher"
    needs_truth = False

    @property
    def protocol(self) -> dict[str, object]:
        """What was measured, and how."""
        return {
            "pictures": "luma (ITU-R BT.601; of other than 3 channels their mean) of 8-bit levels, mean over pictures",
            "gradient": "Sobel 3 x 3, inside the picture, at the pictures' own size",
            "interval": PROTOCOL,
            **COPYING,
        }

    def __call__(self, translated: Translated) -> Measured:
        """Compare `fake` with `source`, both (N, C, H, W) in [-1, 1]; their channels may differ.

        Raises:
            MetricUnavailable: their sizes differ, or are below 3 x 3.
        """
        both = matched(translated.source, translated.fake)
        return averaged(torch.cat([_gradient_correlation(source, fake) for source, fake in both]))


@register("metric", "self_similarity")
class SelfSimilarity:
    """How much the layout changed: the distance of both pictures' self-similarities, averaged over the pictures.

    In features of a deep layer, the cosine of every position with every other: what is like what in a picture, whatever
    it looks like. It is meant to look past colour and texture, which a translation changes, to where things are: the
    content loss of Kolkin et al. 2019, "Style Transfer by Relaxed Optimal Transport and Self-Similarity"; as the
    Frobenius norm of the difference of two cosine matrices the structure loss of Tumanyan et al. 2022, "Splicing ViT
    Features for Semantic Appearance Transfer", there in keys of a transformer. The norm is divided by the number of
    positions, a root mean square over pairs of positions: 0 for the copy, at most 2.

    Args:
        feature_size: pictures are resized to this side before the network sees them; a multiple of 32.

    Raises:
        ValueError: a size the network cannot take.
    """

    name = f"self-similarity distance ({SPACES['lite0'].name})"
    better: Literal["lower", "higher"] = "lower"
    needs_truth = False

    def __init__(self, *, feature_size: int = 224) -> None:
        self.space = space_of("lite0", feature_size)

    @property
    def protocol(self) -> dict[str, object]:
        """What was measured, and how."""
        side = self.space.side // 16
        return {
            **shown_protocol(self.space),
            "features": f"output of block {STRUCTURE_LAYER + 1} of 16, {side} x {side} positions",
            "value": "root mean square difference of the cosines of all pairs of positions, mean over pictures",
            "interval": PROTOCOL,
            **COPYING,
        }

    def __call__(self, translated: Translated) -> Measured:
        """Compare `fake` with `source`, both (N, C, H, W) in [-1, 1]; their channels and sizes may differ.

        Raises:
            MetricUnavailable: the network is missing, or these are no pictures it can read.
        """
        network = features_in(self.space)
        found = []
        for both in matched(translated.source, translated.fake):
            pairs = zip(*(network.maps(saved_levels(rows), [STRUCTURE_LAYER]) for rows in both))
            found += [self_similarity_distance(source[0], fake[0]) for source, fake in pairs]
        return averaged(torch.cat(found))


@register("metric", "cycle_error")
class CycleError:
    """How far the way there and back ends from the source: mean absolute difference as a share of the range.

    |back - source| over all levels of a picture, divided by 255, then the mean over pictures; 0 is a closed cycle. It
    is what the cycle's loss is about, on held-out pictures. A low value does not say that the content can be seen in
    the fake: networks hide it there (Chu et al. 2017, "CycleGAN, a Master of Steganography"), and the way back starts
    here from the fake as the network left it, before it is rounded to levels.
    """

    name = "cycle error"
    better: Literal["lower", "higher"] = "lower"
    needs_truth = False
    needs_back = True

    @property
    def protocol(self) -> dict[str, object]:
        """What was measured, and how."""
        return {
            "value": "mean |back - source| / 255, mean over pictures",
            "pictures": "8-bit levels, all channels; translated back before rounding",
            "interval": PROTOCOL,
            **COPYING,
        }

    def __call__(self, translated: Translated) -> Measured:
        """Compare `back` with `source`, both (N, C, H, W) in [-1, 1].

        Raises:
            MetricUnavailable: nothing was translated back, or it has another shape.
        """
        if translated.back is None:
            raise MetricUnavailable("needs the translations brought back, and this row has none")
        errors = []
        for both in matched(translated.source, translated.back):
            source, back = map(saved_levels, both)
            if source.shape != back.shape:
                shapes = f"{tuple(source.shape)} and {tuple(back.shape)}"
                raise MetricUnavailable(f"needs sources and what came back of one shape; these are {shapes}")
            errors.append((back.double() - source.double()).abs().mean((1, 2, 3)) / 255)
        return averaged(torch.cat(errors))


def self_similarity_distance(first: Tensor, second: Tensor) -> Tensor:
    """Maps (N, C, h, w) and (N, C', h, w) of two sets of pictures, to the distance (N,) float64 of each pair."""
    similarities = []
    for maps in (first, second):
        positions = F.normalize(maps.double().flatten(2), dim=1)  # (N, C, P) of unit length
        similarities.append(positions.transpose(1, 2) @ positions)
    return (similarities[0] - similarities[1]).square().mean((1, 2)).sqrt()


def _gradient_correlation(source: Batch, fake: Batch) -> Tensor:
    """Of each of both Batches' rows, (n,) float64."""
    first, second = luma(saved_levels(source)), luma(saved_levels(fake))
    if first.shape != second.shape or min(first.shape[2:]) < 3:
        shapes = f"{tuple(source.data.shape)} and {tuple(fake.data.shape)}"
        raise MetricUnavailable(f"needs sources and fakes of one size, at least 3 x 3; these are {shapes}")
    first, second = _gradients(first), _gradients(second)
    lengths = [torch.linalg.vector_norm(gradients, dim=(1, 2, 3)) for gradients in (first, second)]
    correlation = (first * second).sum((1, 2, 3)) / (lengths[0] * lengths[1])
    # A flat picture has no gradient, up to rounding; one level of blue in one pixel already has 0.4. It has no
    # structure to lose, so that it is kept by another flat one and by nothing else.
    flat = [length < 1e-6 for length in lengths]
    return torch.where(flat[0] | flat[1], (flat[0] & flat[1]).double(), correlation)


def _gradients(pictures: Tensor) -> Tensor:
    """Sobel gradient vectors inside the picture: (N, 1, H, W) to (N, 2, H - 2, W - 2)."""
    across = pictures.new_tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    return F.conv2d(pictures, torch.stack([across, across.T])[:, None])
