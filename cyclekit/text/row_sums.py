"""What metrics of sentences are: a function of sums over rows. Resampling those rows gives spread and interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

import numpy
import torch
from numpy.typing import NDArray

from cyclekit.measuring.metric import Better, Measured, MetricUnavailable, Translated
from cyclekit.measuring.resampling import PROTOCOL, bootstraps, interval_of
from cyclekit.text.sentences import Sentences, sentences_of

Floats = NDArray[numpy.float64]


class Terms(NamedTuple):
    """What a metric counts in the sentences of one direction."""

    rows: Floats
    """(N, K): K terms of each sentence, to be summed."""
    protocol: Mapping[str, object] = {}
    """What was found out on the way that another would need to get the same number; "notes" are printed with it."""

    def beside(self, other: Terms) -> Terms:
        """Both kinds of terms of the same sentences, (N, K + K')."""
        return Terms(numpy.concatenate([self.rows, other.rows], 1), _merged([self.protocol, other.protocol]))


@dataclass
class SentenceMetric:
    """A metric of sentences, for one direction or for both pooled; fits `core.metric.PoolingMetric`.

    Spread and interval are of seeded bootstrap resamples of the rows: the standard deviation, and percentiles. For BLEU
    that is the resampling of sacreBLEU (Koehn 2004, "Statistical Significance Tests for Machine Translation
    Evaluation"): n-grams are counted once, and every resample sums the counts of its rows.
    """

    name: str
    better: Better
    terms: Callable[[Sentences], Terms]
    score: Callable[[Floats], Floats]
    """Sums of terms (R, K) to values (R,); not a number where they say nothing."""
    about: Mapping[str, object]
    """What is known of its protocol before anything is measured."""
    needs_truth: bool = False
    needs_back: bool = False
    spread: bool = True
    """Whether there are spread and interval; False where the terms of a resample would not be those of its rows."""
    chooses: bool = True
    """Whether checkpoints may be chosen by it."""
    _found: dict[str, object] = field(default_factory=dict)

    @property
    def protocol(self) -> dict[str, object]:
        """What was measured, and how; complete once it was measured."""
        return {**self.about, **self._found, "interval": PROTOCOL if self.spread else "none"}

    def __call__(self, translated: Translated) -> Measured:
        """Measure one direction.

        Raises:
            MetricUnavailable: no sentences, no truth where it is needed, or nothing to learn from.
        """
        return self.pooled([translated])

    def pooled(self, directions: Sequence[Translated]) -> Measured:
        """Measure the rows of several directions as one set.

        Raises:
            MetricUnavailable: as for one.
        """
        found = [self.terms(self._read(translated)) for translated in directions]
        self._found = _merged([terms.protocol for terms in found])
        rows = numpy.concatenate([terms.rows for terms in found])
        value = float(self.score(rows.sum(0, keepdims=True))[0])
        if not numpy.isfinite(value):
            raise MetricUnavailable("finds nothing to count in these sentences")
        return self._resampled(value, rows)

    def _resampled(self, value: float, rows: Floats) -> Measured:
        """The value with spread and interval; without where it has none, or some resamples say nothing."""
        if not self.spread or len(rows) < 2:
            return Measured(value)
        values = numpy.concatenate([self.score(counts.numpy() @ rows) for counts in bootstraps(len(rows))])
        if not numpy.isfinite(values).all():
            return Measured(value)
        if numpy.allclose(values, values[0], rtol=1e-12, atol=0):
            return Measured(value, 0.0, (value, value))
        return Measured(value, float(values.std()), interval_of(torch.from_numpy(values)))

    def _read(self, translated: Translated) -> Sentences:
        if self.needs_truth and translated.truth is None:
            raise MetricUnavailable("needs accepted translations of each sentence, which these data have not")
        return sentences_of(translated)


def shares(hits: Sequence[bool] | NDArray[Any], counted: Sequence[bool] | NDArray[Any] | None = None) -> Floats:
    """Whether each of N sentences is a hit, as terms (N, 2) for `percent`: hits, and sentences that count."""
    counts = numpy.ones(len(hits)) if counted is None else numpy.asarray(counted, dtype=float)
    return numpy.stack([numpy.asarray(hits, dtype=float) * counts, counts], 1)


def ratio(sums: Floats) -> Floats:
    """The first sum over the second, (R, 2) to (R,); not a number where that is 0."""
    return numpy.divide(sums[:, 0], sums[:, 1], out=numpy.full(len(sums), numpy.nan), where=sums[:, 1] != 0)


def percent(sums: Floats) -> Floats:
    """`shares`, summed (R, 2), in percent (R,)."""
    return 100 * ratio(sums)


def _merged(protocols: Sequence[Mapping[str, object]]) -> dict[str, object]:
    """Several protocols as one: what they share once, what differs side by side; all their notes."""
    merged: dict[str, object] = {}
    for key in dict.fromkeys(key for protocol in protocols for key in protocol):
        values = [protocol[key] for protocol in protocols if key in protocol]
        different = [value for index, value in enumerate(values) if value not in values[:index]]
        merged[key] = different[0] if len(different) == 1 else "; ".join(map(str, different))
    notes = [note for protocol in protocols for note in cast("list[str]", protocol.get("notes", []))]
    return {**merged, **({"notes": list(dict.fromkeys(notes))} if notes else {})}
