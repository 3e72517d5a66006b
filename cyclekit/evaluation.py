"""Metrics over held-out data, beside what copying the input would score."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cyclekit import checkpoint
from cyclekit.assemble import build_data, build_metrics
from cyclekit.core.batch import Batch, Pair, concat, stackable
from cyclekit.core.metric import Metric, MetricUnavailable, Translated
from cyclekit.core.parts import HeldOut
from cyclekit.registry import RecipeError
from cyclekit.translate import Translator, run_folder

TRANSLATED, COPY = "translated", "copy the input"


def evaluate(
    run: str | Path,
    *,
    sources: list[Any] | None = None,
    device: str = "auto",
    batch_size: int = 8,
    without: Sequence[str] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Translate all held-out data of a run in every direction it learned, measure, and write metrics.json.

    Args:
        sources: replaces the data the run was trained on.
        without: installed plugins to leave out.
        progress: told how many held-out items are translated: (done, total).

    Returns:
        What metrics.json holds: for each direction a row for the translations and one for copying the input; for each
        metric a value, its spread and which way is better; the protocol of each; what could not be measured, and why.

    Raises:
        RecipeError: no such run, no data, or nothing to measure by.
    """
    folder = run_folder(run)
    translator = Translator.load(folder, device=device, without=without)
    recipe = translator.recipe
    data = build_data(recipe, sources)
    if not recipe.metrics:
        raise RecipeError(f"{folder}: its recipe lists no metrics; add some, for example metrics: [kid, structure]")
    held_out = {domain: list(data.held_out(domain)) for domain in Pair._fields}
    targets = [translator.target(name) for name in translator.targets]
    if not all(held_out.values()):
        raise RecipeError(
            f"data: {data.source} holds nothing out, and what was learned from measures nothing; name other data"
        )
    total = sum(len(held_out[_other(target)]) for target in targets)
    directions: dict[str, Any] = {}
    done = 0
    for target in targets:
        source = _other(target)
        items = held_out[source]
        generator = getattr(translator.generators, target)
        fakes: list[Batch] = []
        for start in range(0, len(items), batch_size):
            rows = [item.row for item in items[start : start + batch_size]]
            fakes += translator.translate_rows(generator, rows, batch_size)
            done += len(rows)
            progress(done, total)
        name = f"{getattr(recipe.domains, source)} -> {getattr(recipe.domains, target)}"
        real = [item.row for item in held_out[target]]
        directions[name] = _measured(build_metrics(recipe.metrics), items, fakes, real)
    result = {
        "data": f"{data.source}: {data.description}",
        "step": checkpoint.steps(folder)[-1],
        "weights": "moving average" if recipe.train.moving_average else "last step",
        "directions": directions,
    }
    beside = folder / ".metrics.json.partial"
    with checkpoint.clear_disk_errors(folder / "metrics.json"):
        beside.write_text(json.dumps(result, indent=2), encoding="utf-8")
        beside.replace(folder / "metrics.json")
    return result


def _measured(metrics: list[Metric], items: list[HeldOut], fakes: list[Batch], real: list[Batch]) -> dict[str, Any]:
    """Both rows of one direction, by every metric that can be had."""
    sources = [item.row for item in items]
    truths = [item.truth for item in items if item.truth is not None]
    if not all(stackable(sources[0], other) for other in [*sources, *real]):
        raise RecipeError(
            "data: held-out items differ in size, and a metric needs one; set data.preprocess=resize_and_crop"
        )
    truth = truths if len(truths) == len(items) else None
    rows = {
        TRANSLATED: Translated(concat(sources), concat(fakes), concat(real), truth),
        COPY: Translated(concat(sources), concat(sources), concat(real), truth),
    }
    result: dict[str, Any] = {
        "items": len(items), "references": len(real), "rows": {name: {} for name in rows},
        "better": {}, "protocol": {}, "not measured": {},
    }  # fmt: skip
    for metric in metrics:
        if metric.needs_truth and truth is None:
            continue  # said once, by the protocol of the metrics that are there: this data has no truth
        try:
            for name, translated in rows.items():
                measured = metric(translated)
                result["rows"][name][metric.name] = {"value": measured.value, "spread": _known(measured.spread)}
        except MetricUnavailable as missing:
            result["not measured"][metric.name] = str(missing)
            continue
        result["better"][metric.name] = metric.better
        result["protocol"][metric.name] = dict(metric.protocol)
    return result


def _known(spread: float | None) -> float | None:
    """None for the spread of too few items, which is not a number; JSON has none for it either."""
    return spread if spread is not None and math.isfinite(spread) else None


def _other(domain: str) -> str:
    return "a" if domain == "b" else "b"
