"""Runs that differ in the seed alone: mean and standard deviation of what each measured."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any, NamedTuple

from cyclekit.report.charts import number_in_words
from cyclekit.report.comparing import not_comparable
from cyclekit.report.metrics import TRANSLATED, measures_of_table
from cyclekit.report.run_folder import RunFiles
from cyclekit.report.settings import flat_settings
from cyclekit.report.words import section

SEED = "train.seed"


class Group(NamedTuple):
    """Runs of one recipe that differ in nothing but the seed: at least two."""

    name: str
    runs: list[RunFiles]


class SeedRow(NamedTuple):
    """One metric of one direction over the seeds of a group, beside the table's other rows, which no seed moves."""

    metric: str
    better: str
    mean: float
    deviation: float
    """Of the sample, with n - 1."""
    others: dict[str, float]
    """ "copy the input", "colours matched", "real against real", by their names."""

    @property
    def words(self) -> str:
        """Mean and deviation, both to the deviation's second digit."""
        return f"{number_in_words(self.mean)} ± {number_in_words(self.deviation)}"


def groups(runs: Sequence[RunFiles]) -> list[Group]:
    """The runs that belong together, in the order of the first of each group."""
    found: list[tuple[dict[str, Any], list[RunFiles]]] = []
    for run in runs:
        settings = {key: value for key, value in flat_settings(run.recipe).items() if key != SEED}
        own = next((members for known, members in found if known == settings), None)
        if own is None:
            found.append((settings, [run]))
        else:
            own.append(run)
    return [Group(_named(members), members) for _, members in found if len(_seeds(members)) > 1]


def seed_rows(group: Group) -> dict[str, list[SeedRow]]:
    """For each direction its metrics that all runs of the group measured alike: same data, counts and protocol."""
    first = group.runs[0]
    tables: dict[str, list[SeedRow]] = {}
    for direction, content in section(first.metrics, "directions").items():
        each = [measures_of_table(section(section(run.metrics, "directions"), direction)) for run in group.runs]
        rows = []
        for metric in each[0].get(TRANSLATED, {}):
            cells = [cells.get(TRANSLATED, {}).get(metric) for cells in each]
            if any(cell is None for cell in cells) or any(
                not_comparable(first, run, str(direction), metric) for run in group.runs[1:]
            ):
                continue
            values = [cell.value for cell in cells if cell is not None]
            others = {
                row: known[metric].value for row, known in each[0].items() if row != TRANSLATED and metric in known
            }
            better = str(section(content, "better").get(metric, ""))
            rows.append(SeedRow(metric, better, statistics.fmean(values), statistics.stdev(values), others))
        if rows:
            tables[str(direction)] = rows
    return tables


def _seeds(runs: Sequence[RunFiles]) -> list[Any]:
    """The different ones: a seed given twice is no second sample."""
    return list(dict.fromkeys(str(section(run.recipe, "train").get("seed")) for run in runs))


def _named(runs: Sequence[RunFiles]) -> str:
    name, profile = runs[0].recipe.get("name"), runs[0].recipe.get("profile") or "published"
    return f"{name}, {profile}, seeds {', '.join(_seeds(runs))}"
