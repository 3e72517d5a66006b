"""Resampling of held-out rows: how far another held-out set of the same size would move a number.

A resample is a row of counts, how often it has each held-out row. What is a sum over rows is then a product with the
counts, and a thousand resamples cost little more than one.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

RESAMPLES = 1000
SEED = 0
"""As many as percentiles of 2.5 and 97.5 want (Efron and Tibshirani 1993, chapter 13); and what they are drawn by."""

TAILS = (0.025, 0.975)
"""What lies outside of a 95 % interval, to either side."""

PROTOCOL = f"95 %: percentiles of {RESAMPLES} bootstrap resamples of the rows, seed {SEED}"
"""Where a metric's interval comes from, as its protocol says it."""

BLOCK = 2**22
"""Counts held at once: sets of tens of thousands of rows need no memory for all resamples together."""


def resampled_rows(rows: int, resamples: int, generator: torch.Generator) -> Tensor:
    """How often each of N rows is drawn, with replacement, N times: (R, N) float64 for R resamples."""
    drawn = torch.randint(rows, (resamples, rows), generator=generator)
    return torch.zeros(resamples, rows, dtype=torch.float64).scatter_add_(1, drawn, torch.ones_like(drawn).double())


def bootstraps(rows: int, resamples: int = RESAMPLES, seed: int = SEED) -> Iterator[Tensor]:
    """`bootstrap` in blocks (r, N) that add up to all resamples: equal arguments give equal ones."""
    generator = torch.Generator().manual_seed(seed)
    at_once = max(1, BLOCK // max(rows, 1))
    for start in range(0, resamples, at_once):
        yield resampled_rows(rows, min(at_once, resamples - start), generator)


def halves(rows: int, resamples: int, generator: torch.Generator) -> Tensor:
    """Random halves of N rows, each row at most once: (R, N) float64 of zeros and ones.

    The deviation of a statistic over halves is its deviation over whole samples (the delete-half jackknife, Shao and Wu
    1989, "A General Theory for Jackknife Variance Estimation"): half as many rows vary more, and halves of one set vary
    less, by the same factor. They serve where a row drawn twice would be its own nearest neighbour.
    """
    order = torch.rand(resamples, rows, generator=generator, dtype=torch.float64).argsort(1)
    return (order < rows // 2).double()


def interval_of(values: Tensor) -> tuple[float, float] | None:
    """The 95 % percentile interval of resampled values (R,); None where some are no number, or there are none."""
    if not len(values) or not bool(values.isfinite().all()):
        return None
    low, high = torch.quantile(values.double(), torch.tensor(TAILS, dtype=torch.float64)).tolist()
    return low, high


def interval_of_mean(scores: Tensor) -> tuple[float, float] | None:
    """The interval of the mean of one score for each row, (N,) float64 on the CPU."""
    return interval_of(torch.cat([counts @ scores for counts in bootstraps(len(scores))]) / len(scores))
