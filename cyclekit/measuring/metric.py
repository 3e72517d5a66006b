"""The seam of measuring: what a metric is shown, what it answers, and how it says what its number means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol, TypeAlias, runtime_checkable

from torch import Tensor

from cyclekit.core.batch import Batch
from cyclekit.core.parts import Data
from cyclekit.measuring.resampling import interval_of_mean

Better: TypeAlias = Literal["lower", "higher", "near 1"]
"""Which way is good; "near 1" for ratios, where less and more are equally wrong."""

HUMAN = "human"
"""Name of the baseline that is the first accepted translation. It is measured against the others, where there are."""


class Translated(NamedTuple):
    """One direction of a run on held-out data. Rows of `source`, `fake` and `truth` belong together."""

    source: Batch
    """Held-out items of the source domain, n rows. Pictures of several sizes are a `ragged.Ragged`, as below."""
    fake: Batch
    """Their translations, n rows; equal to `source` for the row *copy the input*."""
    real: Batch
    """Held-out items of the target domain, m rows in no relation to the others."""
    truth: Sequence[Batch] | None = None
    """The true translations of each source row: n Batches with a row for each accepted one. None where there are none.
    """
    data: Data | None = None
    """The data part, for metrics that learn from its training rows or read its codecs."""
    target: str = "b"
    """The domain, "a" or "b", that `fake`, `real` and `truth` belong to; `source` belongs to the other."""
    back: Batch | None = None
    """The translations translated back into the source's domain, n rows. None where nothing made them."""


class Measured(NamedTuple):
    """What a metric found."""

    value: float
    spread: float | None = None
    """Standard deviation of `value` over bootstrap resamples of the held-out rows: how far another held-out set of the
    same size would move it. None where that would mislead; the metric's docstring says why."""
    interval: tuple[float, float] | None = None
    """The 95 % interval by the same resamples, ends in order: percentiles, so that it need not lie evenly around
    `value`. It is about the held-out rows alone; another seed of the training is another matter. None as for `spread`.
    """


@runtime_checkable
class Metric(Protocol):
    """One number for one direction of a run. Registered under the kind "metric"; a recipe may set its options."""

    name: str
    """As a table prints it, with the feature space where there is one: "KID (EfficientNet-Lite0)"."""
    better: Better
    needs_truth: bool
    """Whether it compares with `Translated.truth`, and so cannot be asked without one. What few metrics do besides they
    say by an attribute of their own: `ReadsBack`, `ComparesSets`, `MayChoose`."""

    @property
    def protocol(self) -> dict[str, object]:
        """All that another would need to get the same number: feature space, input size, estimator, seed, ...

        Plain values that JSON can hold. The split and the numbers of rows belong to the data; who measures adds them as
        "rows". Two keys are read by tables: "notes" is a list of lines to print with the values, and "copying" says
        that comparing with copying the input means nothing here. It is complete once something was measured.
        """
        ...

    def __call__(self, translated: Translated) -> Measured:
        """Measure one direction.

        Raises:
            MetricUnavailable: a package is missing, or these data are nothing this metric can measure.
        """
        ...


@runtime_checkable
class ReadsBack(Protocol):
    """A metric that may read `Translated.back`."""

    needs_back: bool
    """Whether it does, and so cannot be asked without."""


@runtime_checkable
class ComparesSets(Protocol):
    """A metric that may compare the set of fakes with the set of real items, whatever their numbers."""

    compares_sets: bool
    """Whether it does: it is shown two halves of the real ones too."""


@runtime_checkable
class MayChoose(Protocol):
    """A metric that may be there to judge what another one chose."""

    chooses: bool
    """Whether a checkpoint may be chosen by it, as by all that do not say so."""


def needs_back(metric: object) -> bool:
    """Whether a metric reads translations back."""
    return isinstance(metric, ReadsBack) and metric.needs_back


def compares_sets(metric: object) -> bool:
    """Whether a metric compares sets."""
    return isinstance(metric, ComparesSets) and metric.compares_sets


def chooses(metric: object) -> bool:
    """Whether a checkpoint may be chosen by a metric."""
    return metric.chooses if isinstance(metric, MayChoose) else True


@runtime_checkable
class PoolingMetric(Metric, Protocol):
    """A metric that can also measure both directions as one set of rows, as published numbers sometimes are.

    A mean of two directions is not that: the BLEU of a corpus is no mean of its halves' BLEU.
    """

    def pooled(self, directions: Sequence[Translated]) -> Measured:
        """Measure the rows of several directions together.

        Raises:
            MetricUnavailable: as for one.
        """
        ...


class MetricUnavailable(Exception):
    """A metric that cannot be had here. Its text is one line: what it needs. Never a reason to print another number."""


def averaged(scores: Tensor) -> Measured:
    """The mean of one score for each row, (N,) to a Measured.

    The spread is the standard error of the mean, which is what a bootstrap over rows tends to: its closed form is the
    population standard deviation over the root of N (Efron and Tibshirani 1993, chapter 6). The interval is that of the
    bootstrap itself, `resampling.PROTOCOL`. Neither for a single row.
    """
    scores = scores.detach().cpu().double()
    if len(scores) < 2:
        return Measured(float(scores.mean()))
    spread = float(scores.std(correction=0)) / len(scores) ** 0.5
    return Measured(float(scores.mean()), spread, interval_of_mean(scores))
