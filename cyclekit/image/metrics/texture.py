"""Texture at the pictures' own scale: the sliced Wasserstein distance of patches of their Laplacian pyramids.

Networks see pictures resized to a few hundred pixels and say what they are of; brush strokes, grain and canvas are a
few pixels wide. Patches of 7 x 7 pixels, taken where the picture's finest detail is, see nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from cyclekit.image.metrics.pictures import levels_in
from cyclekit.image.metrics.sets import jackknifed
from cyclekit.measuring.metric import Measured, MetricUnavailable, Translated
from cyclekit.measuring.resampling import RESAMPLES, SEED
from cyclekit.registry import register

PATCH = 7
"""Pixels of a patch's sides: Karras et al. 2018, section 5."""


@register("metric", "texture")
class TextureDistance:
    """SWD: how far the textures of fakes and real target pictures are apart, at the pictures' own scale, times 1,000.

    The sliced Wasserstein distance of Karras et al. 2018, "Progressive Growing of GANs", section 5: patches of 7 x 7
    pixels, drawn from the levels of the pictures' Laplacian pyramids, each set brought to mean 0 and deviation 1 in
    every channel, projected on random directions; the mean distance of the sorted projections. Of the pyramid the
    finest levels are taken (the pictures' own pixels, and a half), and the value is their mean. Brightness,
    colour and contrast are not in it: moving them leaves it where it was.

    It is biased upwards, as all distances of samples are: the row *real against real* tells how far. Spread and
    interval are over pictures, by the infinitesimal jackknife, as for `frechet`.

    Args:
        levels: how many levels of the pyramid, the finest first.
        patches: so many of each set and level, shared among its pictures.
        directions: random projections.

    Raises:
        ValueError: one of them is below 1.
    """

    name = "texture distance (SWD)"
    better: Literal["lower", "higher"] = "lower"
    needs_truth = False
    compares_sets = True

    def __init__(self, *, levels: int = 2, patches: int = 8192, directions: int = 128) -> None:
        for option, value in (("levels", levels), ("patches", patches), ("directions", directions)):
            if value < 1:
                raise ValueError(f"{option} must be at least 1, got {value}")
        self.levels, self.patches, self.directions = levels, patches, directions

    @property
    def protocol(self) -> dict[str, object]:
        """What was measured, and how."""
        return {
            "patches": f"{PATCH} x {PATCH}, about {self.patches:,} of each set and level, of 8-bit levels",
            "pyramid": f"Laplacian, the finest {self.levels}, binomial 5 x 5; each set with mean 0 and deviation 1",
            "value": f"mean Wasserstein-1 distance along {self.directions} random directions, mean of levels, x 1,000",
            "bias": "upwards, the more the fewer pictures: read it beside real against real",
            "interval": f"95 %: percentiles of {RESAMPLES} resamples, to the first order (infinitesimal jackknife)",
            "seed": SEED,
        }

    def __call__(self, translated: Translated) -> Measured:
        """Distance of `fake` (n rows) from `real` (m rows), both (., C, H, W) in [-1, 1], of any sizes.

        Raises:
            MetricUnavailable: fewer than two pictures in a set, sets of other channels, or pictures that are too small.
        """
        sets = with_equal_channels(levels_in(translated.fake), levels_in(translated.real))
        drawn = [patches(pictures, self.levels, self.patches) for pictures in sets]
        found = []
        for fake, real in zip(*drawn):
            generator = torch.Generator().manual_seed(SEED)
            directions = torch.randn(fake[0, 0].numel(), self.directions, generator=generator)
            found.append(sliced(fake, real, F.normalize(directions, dim=0)))
        value, of_fake, of_real = (1000 * torch.stack(parts).mean(0) for parts in zip(*found))
        return jackknifed(float(value), of_fake, of_real)


class Sliced(NamedTuple):
    """A sliced Wasserstein distance, and how it hangs on each picture."""

    value: Tensor
    """(), float64."""
    of_x: Tensor
    """(N,) float64: its derivative with the weight of each picture of the one set, together 0."""
    of_y: Tensor
    """(M,) float64: the same of the other."""


@torch.enable_grad()
def sliced(x: Tensor, y: Tensor, directions: Tensor) -> Sliced:
    """Patches x (N, k, C, 7, 7) and y (M, l, C, 7, 7) of two sets, each set standardised, along `directions` (D, P).

    Along a direction the distance is the area between the two distribution functions. How it changes with a picture's
    weight, which moves its set's mean and deviation too, is its gradient.
    """
    values, steps, weights = [], [], []
    for patches, sign in ((x, 1.0), (y, -1.0)):
        weight = torch.ones(len(patches), dtype=torch.float64, requires_grad=True)
        share = weight / weight.sum()
        values.append(_standard(patches, share).flatten(2).flatten(0, 1) @ directions)
        steps.append(sign * share.repeat_interleave(patches.shape[1]) / patches.shape[1])
        weights.append(weight)
    ordered, places = torch.cat(values).T.contiguous().sort(1)  # (P, K)
    apart = torch.cat(steps)[places].cumsum(1)[:, :-1]  # the one distribution function less the other, between patches
    apart = torch.where(apart.abs() > 1e-9, apart, 0.0)  # of equal counts they often meet: rounding has no slope
    value = (apart.abs() * ordered.diff(dim=1)).sum(1).mean()
    return Sliced(value.detach(), *torch.autograd.grad(value, weights))


def patches(pictures: Sequence[Tensor], levels: int, count: int) -> list[Tensor]:
    """Patches of a set of pictures, each (n, C, H, W) uint8, for each level: (N, k, C, 7, 7) float32.

    Raises:
        MetricUnavailable: pictures too small for the coarsest level.
    """
    least = (PATCH - 1) * 2 ** (levels - 1) + 1
    smallest = min(min(group.shape[2:]) for group in pictures)
    if smallest < least:
        raise MetricUnavailable(f"needs pictures of at least {least} pixels a side; the smallest has {smallest}")
    total = sum(map(len, pictures))
    if total < 2:
        raise MetricUnavailable(f"needs at least 2 pictures of each domain; got {total}")
    each = -(-count // total)
    generator = torch.Generator().manual_seed(SEED)
    drawn: list[list[Tensor]] = [[] for _ in range(levels)]
    for group in pictures:
        for picture in group.split(1):  # a level of many large pictures would be many times their size
            for level, detail in enumerate(laplacian(picture.float(), levels)):
                drawn[level].append(_cut(detail[0], each, generator))
    return [torch.stack(level) for level in drawn]


def laplacian(pictures: Tensor, levels: int) -> list[Tensor]:
    """The finest levels of the Laplacian pyramid of pictures (N, C, H, W): each half as large as the one before.

    Burt and Adelson 1983. What is coarser than the last level is left out.
    """
    found = []
    for _ in range(levels):
        smaller = _smoothed(pictures)[:, :, ::2, ::2]
        spread = torch.zeros_like(pictures)
        spread[:, :, ::2, ::2] = smaller
        found.append(pictures - 4 * _smoothed(spread))
        pictures = smaller
    return found


def with_equal_channels(first: Sequence[Tensor], second: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """Two sets with equal channels: a grey picture is a colour picture too.

    Raises:
        MetricUnavailable: they have other channels.
    """
    counts = [{group.shape[1] for group in side} for side in (first, second)]
    most = max(max(side) for side in counts)
    if not all(side <= {1, most} for side in counts):
        raise MetricUnavailable(f"needs fakes and real pictures of like channels; got {counts[0]} and {counts[1]}")
    return tuple([group.expand(-1, most, -1, -1) for group in side] for side in (first, second))  # type: ignore


def _cut(picture: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Random patches (count, C, 7, 7) of a picture (C, H, W)."""
    places = [torch.randint(side - PATCH + 1, (count, 1), generator=generator) for side in picture.shape[1:]]
    down, across = (place + torch.arange(PATCH) for place in places)
    return picture[:, down[:, :, None], across[:, None, :]].transpose(0, 1)


def _standard(patches: Tensor, share: Tensor) -> Tensor:
    """Patches (N, k, C, 7, 7) with mean 0 and deviation 1 in every channel; a flat channel stays flat.

    Args:
        share: (N,) of each picture in mean and deviation, together 1.
    """
    share = share.to(patches.dtype)
    mean = torch.einsum("n,nc->c", share, patches.mean((1, 3, 4)))[:, None, None]
    centred = patches - mean
    variance = torch.einsum("n,nc->c", share, centred.square().mean((1, 3, 4)))[:, None, None]
    return centred / torch.where(variance > 1e-8, variance, 1.0).sqrt()


def _smoothed(pictures: Tensor) -> Tensor:
    """Binomial 5 x 5, the edge mirrored."""
    line = pictures.new_tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    channels = pictures.shape[1]
    framed = F.pad(pictures, (2, 2, 2, 2), mode="reflect")
    for shape in ((5, 1), (1, 5)):
        framed = F.conv2d(framed, line.view(1, 1, *shape).expand(channels, -1, -1, -1), groups=channels)
    return framed
