"""Distances between two sets of pictures, fakes and real ones of the target domain: KID and FD."""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from torch import Tensor

from cyclekit.image.features import WIDTH, space_of
from cyclekit.image.metrics.pictures import feature_protocol, features_of
from cyclekit.measuring.metric import Measured, Translated
from cyclekit.measuring.resampling import RESAMPLES, SEED, interval_of, resampled_rows
from cyclekit.registry import register

# Rows of a kernel matrix held at once: sets of tens of thousands of pictures need no n x n memory.
KERNEL_ROWS = 1024


@register("metric", "kid")
class KernelDistance:
    """KID: squared maximum mean discrepancy of fakes and real target pictures, in EfficientNet-Lite features.

    The unbiased estimator with the cubic polynomial kernel, over all rows of both sets (Binkowski et al. 2018,
    "Demystifying MMD GANs", section 4; they use Inception features, so their values do not compare). Unbiased means
    that its mean is the distance of the distributions whatever the number of pictures, so that it can be a little
    below 0 when they are equal, and that values from sets of different sizes compare.

    Spread and interval are of `bootstraps` seeded resamples of the rows of both sets, drawn with replacement and
    independently. A row drawn twice is never compared with itself: its kernel with itself would be the largest there
    is, and bias every resample upwards. Near a distance of 0 the bootstrap errs on the large side, by half to three
    quarters.

    With `subsets`, the value is the mean of that many subsets, and the spread theirs, as published tools print it (100
    subsets of 1000 pictures, drawn without replacement). That spread tells the subset's size more than the value's
    certainty, so that the interval stays the bootstrap's.

    Args:
        features: the space, "lite0", "lite1" or "lite2"; a recipe may list several, for a number in each. Judge a run
            whose discriminator looks through Lite0 (`projected`) by another.
        feature_size: pictures are resized to this side before the network sees them, a multiple of 32; null: the
            network's own (224, 240, 260). At Lite0's 224, paintings and photographs, blur, noise and checkerboards
            stand out further from the noise of the sample than at 160 or 128, by up to a factor of two, even where
            pictures of 64 pixels must be enlarged.
        bootstraps: resamples for spread and interval, 0 for none.
        seed: of the resampling.
        subsets: how many subsets, 0 for all rows at once.
        subset_size: pictures of each set in a subset, or as many as the smaller set has.

    Raises:
        ValueError: there are no such features, a size the network cannot take, or negative numbers of resamples.
    """

    better: Literal["lower", "higher"] = "lower"
    needs_truth = False
    compares_sets = True

    def __init__(
        self,
        *,
        features: str = "lite0",
        feature_size: int | None = None,
        bootstraps: int = RESAMPLES,
        seed: int = SEED,
        subsets: int = 0,
        subset_size: int = 1000,
    ) -> None:
        if bootstraps < 0 or bootstraps == 1:
            raise ValueError(f"bootstraps must be 0 or at least 2, got {bootstraps}")
        if subsets < 0 or subsets == 1:
            raise ValueError(f"subsets must be 0 or at least 2, got {subsets}")
        if subset_size < 2:
            raise ValueError(f"subset_size must be at least 2, got {subset_size}")
        self.space = space_of(features, feature_size)
        self.name = f"KID ({self.space.name})"
        self.bootstraps, self.seed = bootstraps, seed
        self.subsets, self.subset_size = subsets, subset_size
        self._taken: int | None = None  # pictures of a subset, where something was measured

    @property
    def protocol(self) -> dict[str, object]:
        """What was measured, and how."""
        rows, spread = "all rows", f"standard deviation over {self.bootstraps} bootstrap resamples of the rows"
        if self.subsets:
            size = f"up to {self.subset_size}" if self._taken is None else self._taken
            rows = f"mean of {self.subsets} subsets of {size} pictures, without replacement"
            spread = "standard deviation over the subsets"
        interval = f"95 %: percentiles of {self.bootstraps} bootstrap resamples of all rows of both sets"
        return {
            **feature_protocol(self.space),
            "estimator": f"unbiased squared MMD, kernel (x.y / {WIDTH} + 1)^3, {rows}",
            "spread": spread if self.subsets or self.bootstraps else "none",
            "interval": interval if self.bootstraps else "none",
            "seed": self.seed,
        }

    def __call__(self, translated: Translated) -> Measured:
        """Distance of `fake` (n rows) from `real` (m rows), both (., C, H, W) in [-1, 1], of any sizes.

        Raises:
            MetricUnavailable: see `features_of`; or fewer than two pictures in a set.
        """
        fake, real = (features_of(batch, self.space).double() for batch in (translated.fake, translated.real))
        measured = Measured(float(kernel_distance(fake, real)))
        generator = torch.Generator().manual_seed(self.seed)
        if self.bootstraps:
            fake_counts, real_counts = (resampled_rows(len(rows), self.bootstraps, generator) for rows in (fake, real))
            values = kernel_distance(fake, real, fake_counts, real_counts)
            measured = measured._replace(spread=float(values.std(correction=0)), interval=interval_of(values))
        if not self.subsets:
            return measured
        self._taken = min(self.subset_size, len(fake), len(real))
        fake_counts, real_counts = (subsets(len(rows), self.subsets, self._taken, generator) for rows in (fake, real))
        values = kernel_distance(fake, real, fake_counts, real_counts)
        return measured._replace(value=float(values.mean()), spread=float(values.std(correction=0)))


@register("metric", "frechet")
class FrechetDistance:
    """FD: Frechet distance of fakes and real target pictures, each set as one Gaussian, in EfficientNet-Lite features.

    |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)), the formula that is called FID in Inception features (Heusel et al.
    2017, "GANs Trained by a Two Time-Scale Update Rule"); this is another space, and its values do not compare.

    It is **biased upwards, the more the fewer pictures** (Chong and Forsyth 2020, "Effectively Unbiased FID"): with
    fewer rows than its 1280 dimensions the covariances are singular, and two samples of one distribution are far from
    0. Compare it only between rows of one table, where the counts are equal; for a few hundred pictures believe KID.
    Spread and interval tell how far another sample *of the same size* falls, not where the distributions' distance is:
    see `frechet_measured`.

    Args:
        features, feature_size: as for `kid`.

    Raises:
        ValueError: there are no such features, or a size the network cannot take.
    """

    better: Literal["lower", "higher"] = "lower"
    needs_truth = False

    def __init__(self, *, features: str = "lite0", feature_size: int | None = None) -> None:
        self.space = space_of(features, feature_size)
        self.name = f"FD ({self.space.name})"

    @property
    def protocol(self) -> dict[str, object]:
        """What was measured, and how."""
        return {**feature_protocol(self.space), **frechet_protocol(WIDTH)}

    def __call__(self, translated: Translated) -> Measured:
        """Distance of `fake` (n rows) from `real` (m rows), both (., C, H, W) in [-1, 1], of any sizes.

        Raises:
            MetricUnavailable: see `features_of`; or fewer than two pictures in a set.
        """
        fake, real = (features_of(batch, self.space).double() for batch in (translated.fake, translated.real))
        return frechet_measured(fake, real)


def kernel_distance(x: Tensor, y: Tensor, x_counts: Tensor | None = None, y_counts: Tensor | None = None) -> Tensor:
    """Unbiased squared MMD with the kernel (x.y / D + 1)^3, of x (N, D) and y (M, D) float64, to (R,) values.

    Args:
        x_counts, y_counts: (R, N) and (R, M), how often each resample has each row; None: each row once, R = 1. Pairs
            of a row with itself are left out, however often it was drawn.
    """
    x_counts = x.new_ones(1, len(x)) if x_counts is None else x_counts
    y_counts = y.new_ones(1, len(y)) if y_counts is None else y_counts
    within = _kernel_mean(x, None, x_counts, x_counts) + _kernel_mean(y, None, y_counts, y_counts)
    return within - 2 * _kernel_mean(x, y, x_counts, y_counts)


def subsets(rows: int, count: int, size: int, generator: torch.Generator) -> Tensor:
    """Which rows each of R subsets has, without replacement: (R, rows) float64 of zeros and `size` ones."""
    places = torch.rand(count, rows, generator=generator, dtype=torch.float64).argsort(1)
    return (places < size).double()


class Frechet(NamedTuple):
    """The Frechet distance of two sets of features, and how it hangs on each row."""

    value: float
    of_x: Tensor
    """(N,) float64: its derivative with the weight of each row of the one set, together 0."""
    of_y: Tensor
    """(M,) float64: the same of the other."""


def frechet_distance(x: Tensor, y: Tensor) -> float:
    """Frechet distance of the Gaussians with the sample means and covariances of x (N, D) and y (M, D), float64."""
    return frechet(x, y).value


def frechet(x: Tensor, y: Tensor) -> Frechet:
    """Frechet distance of x (N, D) and y (M, D) float64, as Gaussians, with what each row contributes.

    The trace of (S1 S2)^(1/2) is the sum of the singular values of X1 X2^T for centred, scaled X with S = X^T X: the
    nonzero eigenvalues of S1 S2 are their squares. Neither a covariance nor its root is ever formed, so that singular
    ones (fewer rows than D) lose nothing, where a root of the product has complex parts to be dropped.

    With X1 X2^T = U s V^T, X1 T X1^T = U s U^T for the map T that carries the one Gaussian to the other; a row of
    weight w adds w times its square under I - T to the covariances' part, and w times its shift to the means'.
    """
    shift = x.mean(0) - y.mean(0)
    first, second = _centred(x), _centred(y)
    u, roots, vt = torch.linalg.svd(first.factor @ second.factor.T, full_matrices=False)
    value = float(shift.square().sum() + first.squares.sum() + second.squares.sum() - 2 * roots.sum())
    of_x = 2 * (x @ shift) / len(x) + first.squares - (first.along(u).square() * roots).sum(1)
    of_y = -2 * (y @ shift) / len(y) + second.squares - (second.along(vt.T).square() * roots).sum(1)
    # Rounding may end at -1e-13. A weight for all rows alike is no change.
    return Frechet(max(value, 0.0), of_x - of_x.mean(), of_y - of_y.mean())


def frechet_measured(x: Tensor, y: Tensor) -> Measured:
    """The Frechet distance of x (N, D) and y (M, D) float64, with spread and interval.

    Both are by the infinitesimal jackknife (Efron 1982, "The Jackknife, the Bootstrap and Other Resampling Plans",
    chapter 6): bootstrap resamples of the rows, of which each moves the value by as much as its weights do in the first
    order. A plain bootstrap repeats rows, and so raises the distance by its bias once more: on samples of Gaussians it
    found twice the spread there was around far too large a mean, where this found 1.0 to 1.3 times the spread.
    """
    return jackknifed(*frechet(x, y))


def jackknifed(value: float, of_x: Tensor, of_y: Tensor) -> Measured:
    """A distance of two sets that is never below 0, with spread and interval.

    Args:
        of_x, of_y: (N,) and (M,) float64, its derivatives with the weight of each row, both together 0.
    """
    generator = torch.Generator().manual_seed(SEED)
    counts = [resampled_rows(len(slopes), RESAMPLES, generator) for slopes in (of_x, of_y)]
    values = (value + counts[0] @ of_x + counts[1] @ of_y).clamp(min=0)
    spread = float((of_x.square().sum() + of_y.square().sum()).sqrt())
    return Measured(value, spread, interval_of(values))


def frechet_protocol(width: int) -> dict[str, object]:
    """How a Frechet distance of features of some width is computed, and what it must not be compared with."""
    return {
        "estimator": "Frechet distance of Gaussians, sample covariances, float64, all rows",
        "bias": f"upwards, most of all below {width} pictures: compare at equal counts only",
        "interval": f"95 %: percentiles of {RESAMPLES} resamples, to the first order (infinitesimal jackknife)",
        "seed": SEED,
    }


class _Centred(NamedTuple):
    """Rows less their mean, over the root of N - 1: X with the covariance X^T X, as basis times factor."""

    basis: Tensor | None
    """(N, D) with orthogonal columns, where there are more rows than dimensions; None: the factor is X itself."""
    factor: Tensor
    """(D, D) or (N, D), with the same covariance."""
    squares: Tensor
    """(N,) squared length of each row of X."""

    def along(self, directions: Tensor) -> Tensor:
        """Directions among the factor's rows as directions among the rows of X."""
        return directions if self.basis is None else self.basis @ directions


def _centred(rows: Tensor) -> _Centred:
    centred = (rows - rows.mean(0)) / (len(rows) - 1) ** 0.5
    squares = centred.square().sum(1)
    if len(rows) <= rows.shape[1]:
        return _Centred(None, centred, squares)
    basis, factor = torch.linalg.qr(centred)
    return _Centred(basis, factor, squares)


def _kernel_mean(x: Tensor, y: Tensor | None, x_counts: Tensor, y_counts: Tensor) -> Tensor:
    """Mean kernel (R,) over all pairs of rows of x and y, counted as drawn; None: of x and x, without the diagonal."""
    total = x.new_zeros(len(x_counts))
    for start in range(0, len(x), KERNEL_ROWS):
        rows = slice(start, start + KERNEL_ROWS)
        kernel = (x[rows] @ (x if y is None else y).T / x.shape[1] + 1) ** 3
        if y is None:
            kernel.diagonal(start).zero_()
        total += ((x_counts[:, rows] @ kernel) * y_counts).sum(1)
    pairs = x_counts.sum(1) * y_counts.sum(1)
    return total / (pairs - x_counts.square().sum(1) if y is None else pairs)
