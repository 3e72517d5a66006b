"""A table of metrics: the rows of one direction of translation, and a cell for each that can be had."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from cyclekit.core.batch import Batch, concat
from cyclekit.core.parts import Data, HeldOut
from cyclekit.measuring.metric import (
    HUMAN,
    Measured,
    Metric,
    MetricUnavailable,
    PoolingMetric,
    Translated,
    compares_sets,
    needs_back,
)  # fmt: skip
from cyclekit.measuring.ragged import together
from cyclekit.measuring.resampling import SEED

TRANSLATED, COPY = "translated", "copy the input"

FLOOR = "real against real"
"""The row of two random halves of the target set: what no translation can be expected to be better than."""


HELD_OUT, VALIDATION = "held-out", "validation"

SPLITS = {
    HELD_OUT: "held out: not trained on, and no checkpoint was chosen by it",
    VALIDATION: "validation: not trained on; checkpoints and settings may be chosen by it, so that it flatters",
}


Rows = Mapping[str, Sequence[Translated]]
"""The rows of a table by name: what one direction made, or what each of several did."""


def rows_of(
    data: Data,
    target: str,
    items: Sequence[HeldOut],
    fakes: list[Batch],
    real: Sequence[HeldOut],
    back: Batch | None = None,
) -> Rows:
    """The rows of one direction's table: the translations, copying, and the data part's baselines."""
    source, others = together([item.row for item in items]), together([item.row for item in real])
    accepted = [item.truth for item in items if item.truth is not None]
    truth = accepted if len(accepted) == len(items) else None
    rows = {
        TRANSLATED: [Translated(source, together(fakes), others, truth, data, target, back)],
        COPY: [Translated(source, source, others, truth, data, target, source)],
    }
    for name, made in data.baselines(target, items).items():
        against = _without_first(truth) if name == HUMAN else truth
        rows[name] = [Translated(source, made, others, against, data, target)]
    if len(real) > 3:
        one, other = _halves([item.row for item in real])
        rows[FLOOR] = [Translated(one, one, other, None, data, target)]
    return rows


def _halves(rows: Sequence[Batch]) -> tuple[Batch, Batch]:
    """Two random halves of some rows, always the same."""
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(SEED)).tolist()
    middle = len(rows) // 2
    one, other = ([rows[place] for place in sorted(half)] for half in (order[:middle], order[middle:]))
    return together(one), together(other)


def _without_first(truth: Sequence[Batch] | None) -> Sequence[Batch] | None:
    """The other accepted translations of each item, to measure the first one by; None if some have no other."""
    if truth is None or any(accepted.size < 2 for accepted in truth):
        return None
    return [concat(list(accepted.rows())[1:]) for accepted in truth]


def measured_by(
    metrics: Sequence[Metric], rows: Rows, source: str, size: str | None = None, split: str = HELD_OUT
) -> dict[str, Any]:
    """All rows of one table by every metric that can be had; a cell stays empty where a row lacks what it needs.

    Args:
        source: where the items come from, in words.
        size: at which size they are translated and measured, in words; None: they have none.
        split: which items they are, of `SPLITS`.
    """
    translated = rows[TRANSLATED]
    items, references = (sum(size) for size in zip(*((one.source.size, one.real.size) for one in translated)))
    result: dict[str, Any] = {
        "data": source, "split": SPLITS[split], **({} if size is None else {"size": size}), "items": items,
        "references": references, "rows": {name: {} for name in rows}, "better": {}, "protocol": {}, "not measured": {},
    }  # fmt: skip
    for metric in metrics:
        if not _can_be_asked(metric, translated):
            if needs_back(metric) and any(one.back is None for one in translated):
                result["not measured"][metric.name] = "needs a way back, and this run learnt one direction only"
            continue  # said once, by the protocol of the metrics that are there: this data has no truth
        cells: dict[str, Measured] = {}
        try:
            cells[TRANSLATED] = _value(metric, translated)
            # Now: another row may have other references.
            protocol = {**metric.protocol, "rows": f"{items:,} {split} items, {references:,} of the target domain"}
            if size is not None:
                protocol["size"] = size
            for name, others in rows.items():
                if name == FLOOR and not compares_sets(metric):
                    continue
                if name != TRANSLATED and _can_be_asked(metric, others):
                    with contextlib.suppress(MetricUnavailable):  # a copy of other channels than the truth's
                        cells[name] = _value(metric, others)
        except MetricUnavailable as missing:
            result["not measured"][metric.name] = str(missing)
            continue
        if metric.needs_truth and HUMAN in rows:
            protocol[HUMAN] = "measured against the other accepted translations; empty where there is only one"
        if FLOOR in cells:
            protocol[FLOOR] = f"two random halves of the target's {split} items"
        for name, cell in cells.items():
            result["rows"][name][metric.name] = _written(cell)
        result["better"][metric.name] = metric.better
        result["protocol"][metric.name] = protocol
    if not result["rows"].get(FLOOR):
        result["rows"].pop(FLOOR, None)  # none of the metrics compares sets: sentences, and one picture by another
    return result


def _value(metric: Metric, directions: Sequence[Translated]) -> Measured:
    if len(directions) == 1:
        return metric(directions[0])
    assert isinstance(metric, PoolingMetric)
    return metric.pooled(directions)


def _can_be_asked(metric: Metric, directions: Sequence[Translated]) -> bool:
    has_truth, has_back = (all(getattr(one, field) is not None for one in directions) for field in ("truth", "back"))
    return (has_truth or not metric.needs_truth) and (has_back or not needs_back(metric))


def _written(cell: Measured) -> dict[str, Any]:
    """What was measured as JSON holds it: null for the spread or interval of too few items, which is no number."""
    spread, interval = cell.spread, cell.interval
    return {
        "value": cell.value,
        "spread": spread if spread is not None and math.isfinite(spread) else None,
        "interval": list(interval) if interval is not None and all(map(math.isfinite, interval)) else None,
    }
