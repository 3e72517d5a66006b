"""Several runs side by side: the settings in which they differ, and their metrics with what is clear among them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cyclekit.registry import RecipeError
from cyclekit.report.intervals import WAYS, Measure, verdict
from cyclekit.report.metrics import TRANSLATED, measures_of_table
from cyclekit.report.run_folder import RunFiles, elapsed, read_run, state_of, state_words
from cyclekit.report.sections import checkpoint_used
from cyclekit.report.settings import flat_settings, shown
from cyclekit.report.words import duration, section


class ComparedRow(NamedTuple):
    """A line of a table: what it is about, and a cell for each run."""

    name: str
    cells: list[str]


class MetricRow(NamedTuple):
    """One metric of one direction, for each run."""

    metric: str
    better: str
    cells: list[Measure | None]
    verdicts: list[str]
    """For each run how it stands against the first, by `intervals.RULE`; empty for the first, and where a run lacks it.
    """


class Comparison(NamedTuple):
    """Runs side by side."""

    runs: list[RunFiles]
    labels: list[str]
    """The shortest ends of the runs' paths that tell them apart."""
    facts: list[ComparedRow]
    settings: list[ComparedRow]
    metrics: dict[str, list[MetricRow]]
    """By direction."""
    notes: list[str]
    """What one has to know to read the rest, a line each."""


def compare(folders: Sequence[Path]) -> Comparison:
    """Read runs and lay them side by side; each is compared with the first.

    Raises:
        RecipeError: fewer than two runs, one that is given twice, or a folder that is none.
    """
    if len(folders) < 2:
        raise RecipeError(
            "compare: needs two runs or more, as in: cyclekit compare runs/facades/one runs/facades/other"
        )
    runs = [read_run(Path(folder)) for folder in folders]
    places = [run.folder.resolve() for run in runs]
    twice = next((place for place in places if places.count(place) > 1), None)
    if twice is not None:
        raise RecipeError(f"compare: {twice} is given twice; name each run once")
    labels = _labels(places)
    return Comparison(runs, labels, _facts(runs), _settings(runs), _metrics(runs), _notes(runs, labels))


def _labels(places: Sequence[Path]) -> list[str]:
    for length in range(1, max(len(place.parts) for place in places) + 1):
        labels = ["/".join(place.parts[-length:]) for place in places]
        if len(set(labels)) == len(labels):
            break
    return labels


def _facts(runs: Sequence[RunFiles]) -> list[ComparedRow]:
    """What one asks first, even where all runs agree."""
    started: list[dict[str, Any]] = [
        {key: value for record in run.records("start", "resume") for key, value in record.items()} for run in runs
    ]
    facts: dict[str, list[Any]] = {
        "recipe": [run.recipe.get("name") for run in runs],
        "profile": [run.recipe.get("profile") or "published" for run in runs],
        "data": [said.get("data") for said in started],
        "seed": [section(run.recipe, "train").get("seed") for run in runs],
        "device": [said.get("device") for said in started],
        "state": [state_words(state_of(run)) for run in runs],
        "trained": [duration(elapsed(run)) for run in runs],
        "checkpoint to use": [checkpoint_used(run) for run in runs],
        "cyclekit": [run.environment.get("cyclekit") for run in runs],
    }
    return [
        ComparedRow(name, ["not known" if value is None else str(value) for value in values])
        for name, values in facts.items()
    ]


def _settings(runs: Sequence[RunFiles]) -> list[ComparedRow]:
    """The settings in which any two runs differ."""
    flattened = [flat_settings(run.recipe) for run in runs]
    keys = dict.fromkeys(key for settings in flattened for key in settings)
    rows = []
    for key in keys:
        if any(settings.get(key) != flattened[0].get(key) for settings in flattened):
            rows.append(ComparedRow(key, [shown(key, settings) for settings in flattened]))
    return rows


def _metrics(runs: Sequence[RunFiles]) -> dict[str, list[MetricRow]]:
    measured = [section(run.metrics, "directions") for run in runs]
    tables: dict[str, list[MetricRow]] = {}
    for direction in dict.fromkeys(name for directions in measured for name in directions):
        found = [measures_of_table(directions.get(direction)).get(TRANSLATED, {}) for directions in measured]
        rows = [
            _metric_row(runs, str(direction), metric, [cells.get(metric) for cells in found])
            for metric in dict.fromkeys(metric for cells in found for metric in cells)
        ]
        if rows:
            tables[str(direction)] = rows
    return tables


def _metric_row(runs: Sequence[RunFiles], direction: str, metric: str, cells: list[Measure | None]) -> MetricRow:
    ways = [str(section(_direction(run, direction), "better").get(metric, "")) for run in runs]
    better = next((way for way in ways if way in WAYS), "")
    first = cells[0]
    verdicts = [""]
    for run, cell in zip(runs[1:], cells[1:]):
        if first is None or cell is None or not better:
            verdicts.append("")
        else:
            why_not = not_comparable(runs[0], run, direction, metric)
            verdicts.append(f"not compared: {why_not}" if why_not else in_words(cell, first, better))
    return MetricRow(metric, better, cells, verdicts)


def in_words(cell: Measure, first: Measure, better: str) -> str:
    """How a measure stands against the first."""
    ahead, clear = verdict(cell, first, better)
    if ahead == 0:
        return "equal"
    if clear is False:
        return "within noise"
    word = "better" if ahead > 0 else "worse"
    return f"clear: {word}" if clear else f"{word}, no interval"


def not_comparable(one: RunFiles, other: RunFiles, direction: str, metric: str) -> str:
    """Why two numbers of one metric may not be compared; empty where they may."""
    if section({"": one.metrics}, "").get("data") != section({"": other.metrics}, "").get("data"):
        return "other data"
    here, there = _direction(one, direction), _direction(other, direction)
    if any(here.get(count) != there.get(count) for count in ("items", "references")):
        return "other counts"
    protocols = [section(section(each, "protocol"), metric) for each in (here, there)]
    plain = [{key: value for key, value in protocol.items() if key != "notes"} for protocol in protocols]
    return "" if plain[0] == plain[1] else "other protocol"


def _direction(run: RunFiles, direction: str) -> dict[str, Any]:
    return section(section(run.metrics, "directions"), direction)


def _notes(runs: Sequence[RunFiles], labels: Sequence[str]) -> list[str]:
    notes = [f"{label}: {complaint}" for run, label in zip(runs, labels) for complaint in run.complaints]
    notes += [
        f"{label} is not evaluated: cyclekit evaluate {shlex.quote(str(run.folder))}"
        for run, label in zip(runs, labels)
        if not section(run.metrics, "directions")
    ]
    seeds_alone = _settings(runs)
    if seeds_alone and all(row.name == "train.seed" for row in seeds_alone):
        notes.append("Their settings differ in the seed alone: a difference below is what another seed does.")
    return notes
