"""Metrics over held-out data, beside what copying the input and other baselines would score."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cyclekit.assembling.data import build_data
from cyclekit.assembling.fitting_together import check_modality
from cyclekit.assembling.metrics import build_metrics, check_metrics, check_sizes
from cyclekit.core.batch import Batch, Pair
from cyclekit.core.capabilities import AtOwnSize, TakesCodecs
from cyclekit.core.parts import Data, HeldOut
from cyclekit.files.disk_errors import clear_disk_errors
from cyclekit.files.whole_file import write_whole
from cyclekit.measuring.metric import Metric, PoolingMetric, needs_back
from cyclekit.measuring.ragged import together
from cyclekit.recipe.loading import as_listed, run_folder
from cyclekit.recipe.schema import Metrics
from cyclekit.recipe.values import PartChoice
from cyclekit.registry import RecipeError, argument, setting
from cyclekit.use.table import HELD_OUT, VALIDATION, Rows, measured_by, rows_of
from cyclekit.use.translate import Translator

POOLED = "both directions"

MEASURING = ("metrics", "beam", "reranking")
"""What `evaluate` lets be set: it touches no weights."""

FILES = {HELD_OUT: "metrics.json", VALIDATION: "validation.json"}


def measure(
    run: str | Path,
    *,
    sources: list[Any] | None = None,
    device: str = "auto",
    batch_size: int | None = None,
    without: Sequence[str] = (),
    overrides: Sequence[str] | Mapping[str, Any] = (),
    trust_plugin: bool = False,
    validation: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Translate all held-out data of a run in every direction it learned, and measure; nothing is written.

    Args:
        sources: replaces the data the run was trained on.
        batch_size: held-out items that go through the network at once; None: as many as the modality says.
        without: installed plugins to leave out.
        overrides: settings below `metrics`, `beam` and `reranking` that replace the run's own, as after `--set`.
        trust_plugin: let the run's plugin.py run, though it was not made on this machine.
        validation: measure the items set aside to choose by, and leave the held-out ones unread.
        progress: told how many held-out items are translated: (done, total).

    Returns:
        What `write_metrics` takes: for each direction its data, split and numbers of items, and their size where they
        have one (their own, as `translate` takes them, unless `metrics.size` says otherwise); a row for
        the translations, one for copying the input, one for each baseline that the data part makes, and one for real
        items against real ones where metrics compare sets; for each metric a value, its
        spread and 95 % interval and which way is better; the protocol of each; what could not be measured, and why. By
        metrics that pool, "both directions" as one set too.

    Raises:
        RecipeError: no such run, no data, nothing to measure by, overrides of anything else, or not one of the metrics
            can be had of this run on these data.
    """
    folder = run_folder(run)
    _check_settings(overrides)
    translator = Translator.load(folder, device=device, without=without, overrides=overrides, trust_plugin=trust_plugin)
    recipe = translator.recipe
    if overrides:
        check_modality(recipe)
        check_metrics(recipe)
    data = build_data(recipe, None if sources is None else [as_listed(recipe, source) for source in sources])
    check_sizes(recipe, data)
    if isinstance(data, TakesCodecs):
        data.use(translator.codecs)  # a tokenizer is learned from its data, and the networks know that of theirs alone
    if not recipe.metrics.measure:
        raise RecipeError(f"{folder}: its recipe lists no metrics; add some, for example metrics: [kid, structure]")
    split = VALIDATION if validation else HELD_OUT
    held_out = {domain: _held_out(data, domain, recipe.metrics, split) for domain in Pair._fields}
    targets = [translator.target(name) for name in translator.targets]
    if not all(held.items for held in held_out.values()):
        if validation:
            raise RecipeError(
                f"{argument('validation', True)}: this run set nothing of {data.source} aside; train "
                "one with data.validation above 0"
            )
        raise RecipeError(
            f"data: {data.source} holds nothing out, and what was learned from measures nothing; name other data"
        )
    total = sum(len(held_out[_other(target)].items) for target in targets)
    metrics = build_metrics(recipe.metrics.measure, shared=recipe.metrics.shared)
    pooling = [metric for metric in metrics if isinstance(metric, PoolingMetric)]
    directions: dict[str, Any] = {}
    tables: list[Rows] = []
    source, done = f"{data.source}: {data.description}", 0
    for target in targets:
        items, real = held_out[_other(target)].items, held_out[target].items

        def told(count: int, before: int = done) -> None:
            progress(before + count, total)

        fakes = translator.translate_items(target, [item.row for item in items], batch_size, told)
        done += len(items)
        asked_for = any(needs_back(metric) for metric in metrics)
        back = _back(translator, _other(target), fakes, batch_size) if asked_for else None
        rows = rows_of(data, target, items, fakes, real, back)
        name = f"{getattr(recipe.domains, _other(target))} -> {getattr(recipe.domains, target)}"
        directions[name] = measured_by(metrics, rows, source, held_out[_other(target)].size, split)
        if pooling:  # or all items would stay in memory
            tables.append(rows)
    if len(tables) > 1:
        shared = [name for name in tables[0] if all(name in rows for rows in tables)]
        both = {name: [rows[name][0] for rows in tables] for name in shared}
        directions[POOLED] = measured_by(pooling, both, source, split=split)
    _refuse_nothing(folder, metrics, directions)
    return {
        "data": source,
        "split": split,
        "step": translator.step,
        "weights": "moving average" if recipe.train.moving_average is not None else "last step",
        "beam": recipe.beam,
        "reranking": recipe.reranking and _said(recipe.reranking),
        "directions": directions,
    }


def write_metrics(run: str | Path, measured: Mapping[str, Any]) -> None:
    """Write metrics.json into the folder of a run; of validation items validation.json.

    Raises:
        RecipeError: the folder cannot be written.
    """
    path = Path(run) / FILES[measured["split"]]
    with clear_disk_errors(path):
        write_whole(path, json.dumps(measured, indent=2))


def _refuse_nothing(folder: Path, metrics: Sequence[Metric], directions: Mapping[str, Any]) -> None:
    """Empty tables are no answer.

    Raises:
        RecipeError: nothing was measured in any direction; names what each metric lacks.
    """
    if any(cells for measured in directions.values() for cells in measured["rows"].values()):
        return
    lacking = {metric.name: "needs the true translation of each item, which these data have not" for metric in metrics}
    for measured in directions.values():
        lacking |= measured["not measured"]
    raise RecipeError(
        f"{folder}: nothing could be measured: {'; '.join(f'{name} {why}' for name, why in lacking.items())}; "
        f"name other metrics, as in {setting('metrics=[NAME]')} (cyclekit list metric), or other data"
    )


class _HeldOut(NamedTuple):
    """A domain's held-out items as they are measured."""

    items: list[HeldOut]
    size: str | None
    """In words; None: they have none."""


def _held_out(data: Data, domain: str, settings: Metrics, split: str) -> _HeldOut:
    if not isinstance(data, AtOwnSize) or settings.size == "training":
        items = list(data.validation(domain) if split == VALIDATION else data.held_out(domain))
        return _HeldOut(items, f"as for training, {data.sizes_of(items)}" if isinstance(data, AtOwnSize) else None)
    whole = data.whole(domain, settings.max_pixels, validation=split == VALIDATION)
    items = list(whole)
    return _HeldOut(items, ", ".join(filter(None, ["their own", data.sizes_of(items), whole.shrunk])))


def _check_settings(overrides: Sequence[str] | Mapping[str, Any]) -> None:
    """Refuse what the run was made with: how it is measured may be set, and how its words are chosen."""
    for override in overrides:
        key = override.partition("=")[0].strip()
        if key.split(".")[0] not in MEASURING:
            raise RecipeError(
                f"{setting(override)}: a run is measured as it was made; only {', '.join(MEASURING)} can be set here"
            )


def _said(choice: PartChoice) -> str:
    """A part and its options, to be read."""
    options = ", ".join(f"{key} {value}" for key, value in choice.options.items())
    return f"{choice.name} ({options})" if options else choice.name


def _back(translator: Translator, source: str, fakes: Sequence[Batch], batch_size: int | None) -> Batch | None:
    """The translations translated back; None where the run does not translate back."""
    if getattr(translator.generators, source) is None:
        return None
    return together(translator.translate_items(source, fakes, batch_size))


def _other(domain: str) -> str:
    return "a" if domain == "b" else "b"
