"""Fidelity and variety apart, by nearest neighbours: precision and recall, density and coverage.

A distance is one number for two faults. These tell whether fakes look like real pictures (precision, density) and
whether all kinds of real pictures are among them (recall, coverage). A set's manifold is the union of balls around its
pictures, each as large as the distance to its k-th neighbour in the same set.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from cyclekit.image.features import Space, space_of
from cyclekit.image.metrics.pictures import feature_protocol, features_of
from cyclekit.measuring.metric import Better, Measured, MetricUnavailable, Translated
from cyclekit.measuring.resampling import SEED, halves, interval_of
from cyclekit.registry import register

HALVES = 200
"""Half-samples for an interval; all distances are looked through for each."""

MOST_PICTURES = 10_000
"""Of one set: all its distances are in memory together."""


@dataclass
class NeighbourMetric:
    """One of four numbers from the same distances; fits `core.metric.Metric`.

    Args:
        place: of the number in `Neighbours`.
        about: what it counts, for the protocol.
        k: which neighbour makes a ball's radius.
        space: of the features.

    Raises:
        ValueError: k below 1.
    """

    name: str
    place: int
    about: str
    k: int
    space: Space
    better: Better = "higher"
    needs_truth: bool = False
    compares_sets: bool = True

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ValueError(f"k must be at least 1, got {self.k}")
        self.name = f"{self.name} ({self.space.name})"

    @property
    def protocol(self) -> dict[str, object]:
        """What was measured, and how."""
        return {
            **feature_protocol(self.space),
            "value": self.about,
            "k": self.k,
            "interval": f"95 %: {HALVES} random halves of both sets, their deviations from their mean",
            "seed": SEED,
        }

    def __call__(self, translated: Translated) -> Measured:
        """Compare `fake` (n rows) with `real` (m rows), both (., C, H, W) in [-1, 1], of any sizes.

        Raises:
            MetricUnavailable: see `features_of`; or a set of k pictures or fewer, or of too many.
        """
        fake, real = (features_of(batch, self.space) for batch in (translated.fake, translated.real))
        for rows in (fake, real):
            if not self.k < len(rows) <= MOST_PICTURES:
                wanted = f"more than {self.k} and at most {MOST_PICTURES:,}"
                raise MetricUnavailable(f"needs {wanted} pictures of each domain; got {len(rows):,}")
        values, resampled = _measured(fake, real, self.k)
        value, deviations = float(values[self.place]), resampled[:, self.place] - resampled[:, self.place].mean()
        if not len(deviations):
            return Measured(value)
        most = None if self.place == Neighbours._fields.index("density") else 1.0
        return Measured(value, float(deviations.std(correction=0)), interval_of((value + deviations).clamp(0.0, most)))


@register("metric", "precision")
def precision(*, k: int = 5, features: str = "lite0", feature_size: int | None = None) -> NeighbourMetric:
    """Share of fakes on the manifold of the real target pictures.

    Kynkaanniemi et al. 2019, "Improved Precision and Recall Metric for Assessing Generative Models", section 2, with
    k 3 there and in VGG-16 features: values do not compare. One real outlier has a large ball that many fakes may lie
    in; see `density`.

    Args:
        k: which neighbour makes a ball's radius.
        features, feature_size: as for `kid`.
    """
    return NeighbourMetric(
        "precision", 0, "share of fakes inside a real picture's ball", k, space_of(features, feature_size)
    )


@register("metric", "recall")
def recall(*, k: int = 5, features: str = "lite0", feature_size: int | None = None) -> NeighbourMetric:
    """Share of real target pictures on the manifold of the fakes.

    Kynkaanniemi et al. 2019, section 2, as for `precision`. Fakes that are spread out too far have large balls, and a
    high recall; see `coverage`.

    Args:
        k, features, feature_size: as for `precision`.
    """
    return NeighbourMetric(
        "recall", 1, "share of real pictures inside a fake's ball", k, space_of(features, feature_size)
    )


@register("metric", "density")
def density(*, k: int = 5, features: str = "lite0", feature_size: int | None = None) -> NeighbourMetric:
    """How many real pictures' balls a fake lies in, as a share of k; about 1 for equal distributions, and may be more.

    Naeem et al. 2020, "Reliable Fidelity and Diversity Metrics for Generative Models", section 3: it counts balls where
    precision asks for one, so that a single outlier among the real pictures hardly matters.

    Args:
        k, features, feature_size: as for `precision`; k 5 is the paper's.
    """
    return NeighbourMetric(
        "density", 2, "real pictures' balls around a fake / k, mean over fakes", k, space_of(features, feature_size)
    )


@register("metric", "coverage")
def coverage(*, k: int = 5, features: str = "lite0", feature_size: int | None = None) -> NeighbourMetric:
    """Share of real target pictures whose ball holds a fake.

    Naeem et al. 2020, section 3: the balls are the real pictures', so that stray fakes do not raise it. Equal
    distributions reach 1 - (1/2)^k, 0.97 for k 5, at equal counts.

    Args:
        k, features, feature_size: as for `precision`; k 5 is the paper's.
    """
    return NeighbourMetric(
        "coverage", 3, "share of real pictures whose ball holds a fake", k, space_of(features, feature_size)
    )


class Neighbours(NamedTuple):
    """The four numbers of two sets, for R resamples: (R,) float64 each."""

    precision: Tensor
    recall: Tensor
    density: Tensor
    coverage: Tensor


@lru_cache(maxsize=4)
def _measured(fake: Tensor, real: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The four numbers (4,), and those of half-samples (R, 4), once for all four metrics.

    Features of a set are remembered, and are the same tensor whenever they are asked for: tensors are looked up as
    objects. Halves that have no k-th neighbour leave R at 0.
    """
    space = Distances(fake.double(), real.double(), k)
    whole = space.numbers(torch.ones(1, len(fake)).double(), torch.ones(1, len(real)).double())
    generator = torch.Generator().manual_seed(SEED)
    enough = min(len(fake), len(real)) // 2 > k
    counts = (halves(len(rows), HALVES if enough else 0, generator) for rows in (fake, real))
    return torch.stack(whole, 1)[0], torch.stack(space.numbers(*counts), 1)


class Distances:
    """All distances of two sets, and the numbers of any of their subsets.

    Args:
        fake, real: features (N, E) and (M, E) float64, each of more than k rows.
        k: which neighbour makes a ball's radius.
    """

    def __init__(self, fake: Tensor, real: Tensor, k: int) -> None:
        self.k = k
        self.apart = torch.cdist(real, fake)  # (M, N)
        self.near_fake, self.near_real = _neighbours(fake, k), _neighbours(real, k)

    def numbers(self, fake_counts: Tensor, real_counts: Tensor) -> Neighbours:
        """The four numbers of R subsets, given as (R, N) and (R, M) of zeros and ones."""
        found = [self._of_one(fakes, reals) for fakes, reals in zip(fake_counts, real_counts)]
        return Neighbours(*torch.tensor(found, dtype=torch.float64).reshape(len(found), 4).T)

    def _of_one(self, fakes: Tensor, reals: Tensor) -> tuple[float, float, float, float]:
        in_real = (self.apart <= _radii(self.near_real, reals, self.k)[:, None]).double()
        in_fake = (self.apart <= _radii(self.near_fake, fakes, self.k)[None]).double()
        around_fake = reals @ in_real  # (N,) real pictures' balls around each fake
        held, on_manifold = in_real @ fakes, in_fake @ fakes  # (M,) fakes in a real picture's ball; balls around it
        n, m = float(fakes.sum()), float(reals.sum())
        return (
            float(((around_fake > 0) * fakes).sum()) / n,
            float(((on_manifold > 0) * reals).sum()) / m,
            float((around_fake * fakes).sum()) / (self.k * n),
            float(((held > 0) * reals).sum()) / m,
        )


def _neighbours(rows: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The nearest others of each row (N, E): their distances and places, both (N, K), nearest first.

    As many as half of which hold k, but for a chance of one in a million.
    """
    distances = torch.cdist(rows, rows).fill_diagonal_(torch.inf)
    return torch.topk(distances, min(len(rows) - 1, 4 * k + 24), largest=False)


def _radii(near: tuple[Tensor, Tensor], counts: Tensor, k: int) -> Tensor:
    """Distance of each row (N,) to its k-th neighbour among those that are counted, (N,) of zeros and ones."""
    distances, places = near
    before = (counts[places].cumsum(1) < k).sum(1, keepdim=True)
    return distances.gather(1, before.clamp(max=distances.shape[1] - 1))[:, 0]
