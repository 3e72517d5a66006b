"""A comparison as a page of its own, and as tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from rich.console import Console
from rich.table import Table

from cyclekit.registry import RecipeError, argument
from cyclekit.report.charts import number_in_words
from cyclekit.report.comparing import ComparedRow, Comparison, MetricRow
from cyclekit.report.intervals import RULE, WAYS, Measure
from cyclekit.report.items import items
from cyclekit.report.metrics import metric_chart, protocols
from cyclekit.report.page import filled, write_page
from cyclekit.report.run_folder import RunFiles
from cyclekit.report.seeds import Group, SeedRow, groups, seed_rows
from cyclekit.report.words import empty, moment_in_words, section
from cyclekit.terminal.called import as_called

ESTIMATED = "Where a run's metrics.json gives a spread only, its interval is the value ± 1.96 spreads."


def write_comparison(comparison: Comparison, path: Path) -> Path:
    """Write a comparison as one self-contained HTML file, whole or not at all, and return its path.

    Raises:
        RecipeError: it cannot be written.
    """
    if path.is_dir():
        raise RecipeError(f"{argument('out', path)}: is a folder; name a file, such as {path / 'compare.html'}")
    return write_page(path, _page(comparison))


def about_intervals(comparison: Comparison) -> str:
    """With what runs are compared; where there are intervals, the rule by which differences are called clear."""
    against = f"Each run is compared with the first, {comparison.labels[0]}."
    if not _has_intervals(comparison):
        return against
    return f"{against} {RULE}{f' {ESTIMATED}' if any(cell.estimated for cell in _cells(comparison)) else ''}"


def _has_intervals(comparison: Comparison) -> bool:
    return any(cell.interval for cell in _cells(comparison))


def _cells(comparison: Comparison) -> list[Measure]:
    return [cell for rows in comparison.metrics.values() for row in rows for cell in row.cells if cell is not None]


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Runs, settings that differ, and metrics as tables."""
    for title, rows in (("runs", comparison.facts), ("settings that differ", comparison.settings)):
        table = Table(title=title, title_justify="left")
        table.add_column("")
        for label in comparison.labels:
            table.add_column(label, overflow="fold")
        for row in rows:
            table.add_row(row.name, *row.cells)
        console.print(table if rows else "No setting differs.")
    for direction, metric_rows in comparison.metrics.items():
        table = Table(title=direction, title_justify="left")
        table.add_column("")
        for label in comparison.labels:
            table.add_column(label, overflow="fold")
        table.add_column("better is")
        for each in metric_rows:
            cells = [_plain(cell, words) for cell, words in zip(each.cells, each.verdicts)]
            table.add_row(each.metric, *cells, each.better)
        console.print(table)
    if comparison.metrics:
        console.print(about_intervals(comparison), soft_wrap=True)
    print_seeds(comparison.runs, console)
    for note in comparison.notes:
        console.print(as_called(note), soft_wrap=True)


OVER_SEEDS = "Mean ± standard deviation over seeds. The other rows are the same for every seed."


def print_seeds(runs: Sequence[RunFiles], console: Console) -> None:
    """For runs that differ in the seed alone: mean and deviation of each metric, a table for each direction."""
    for group, direction, rows in _over_seeds(runs):
        others = list(dict.fromkeys(name for row in rows for name in row.others))
        table = Table(title=f"{group.name}: {direction}", title_justify="left")
        for heading in ("", f"{len(group.runs)} runs", *others, "better is"):
            table.add_column(heading, overflow="fold")
        for row in rows:
            beside = [number_in_words(row.others[name]) if name in row.others else "–" for name in others]
            table.add_row(row.metric, row.words, *beside, row.better)
        console.print(table)
    if groups(runs):
        console.print(OVER_SEEDS, soft_wrap=True)


def _over_seeds(runs: Sequence[RunFiles]) -> list[tuple[Group, str, list[SeedRow]]]:
    return [(group, direction, rows) for group in groups(runs) for direction, rows in seed_rows(group).items()]


def _plain(cell: Measure | None, words: str) -> str:
    if cell is None:
        return "–"
    interval = f" ({cell.interval})" if cell.interval else ""
    return f"{number_in_words(cell.value)}{interval}" + (f"\n{words}" if words else "")


def _page(comparison: Comparison) -> str:
    names = list(dict.fromkeys(str(run.recipe.get("title") or run.recipe.get("name")) for run in comparison.runs))
    title = f"{len(comparison.runs)} runs: {', '.join(names)}"
    return filled(
        "comparison.html",
        page_title=escape(title),
        title=escape(title),
        under=escape(" · ".join(comparison.labels)),
        notes="".join(f'<p class="message">{escape(note)}</p>' for note in comparison.notes),
        metrics=_metrics(comparison),
        items=items(comparison.runs, comparison.labels),
        settings=_rows(comparison.settings, comparison.labels) if comparison.settings else empty("None."),
        facts=_rows(comparison.facts, comparison.labels),
        footer=escape(f"Written {moment_in_words(datetime.now(UTC).isoformat())} by cyclekit compare."),
    )


def _metrics(comparison: Comparison) -> str:
    if not comparison.metrics:
        return empty("None of the runs is evaluated.")
    cards = "".join(_card(name, rows, comparison.labels) for name, rows in comparison.metrics.items())
    told: dict[str, object] = {}
    for run in comparison.runs:
        told = section(run.metrics, "directions") | told
    beside = "Beside a number: its 95 % interval. " if _has_intervals(comparison) else ""
    return (
        f'<div class="tables">{cards}</div><p class="hint">{beside}{escape(about_intervals(comparison))}</p>'
        f"{_seeds(comparison.runs)}{protocols(told)}"
    )


def _seeds(runs: Sequence[RunFiles]) -> str:
    """The tables of `print_seeds`, for the page; nothing where no runs differ in the seed alone."""
    cards = []
    for group, direction, rows in _over_seeds(runs):
        others = list(dict.fromkeys(name for row in rows for name in row.others))
        headings = [f"{len(group.runs)} runs", *others]
        head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
        lines = []
        for row in rows:
            cells = [row.words, *(number_in_words(row.others[name]) if name in row.others else "–" for name in others)]
            shown = "".join(
                f'<td data-heading="{escape(heading)}">{escape(cell)}</td>' for heading, cell in zip(headings, cells)
            )
            way = WAYS.get(row.better, "which way is better is not stated")
            lines.append(f'<tr><th scope="row">{escape(row.metric)}<small>{way}</small></th>{shown}</tr>')
        cards.append(
            f'<div class="card"><h3>{escape(direction.replace("->", "→"))} <small>{escape(group.name)}</small></h3>'
            f'<table class="metrics plain"><thead><tr><td></td>{head}</tr></thead><tbody>{"".join(lines)}</tbody>'
            "</table></div>"
        )
    return f'<div class="tables">{"".join(cards)}</div><p class="hint">{escape(OVER_SEEDS)}</p>' if cards else ""


def _card(direction: str, rows: Sequence[MetricRow], labels: Sequence[str]) -> str:
    head = "".join(f'<th scope="col">{escape(label)}</th>' for label in labels)
    lines = []
    for row in rows:
        cells = "".join(_cell(label, cell, words) for label, cell, words in zip(labels, row.cells, row.verdicts))
        way = WAYS.get(row.better, "which way is better is not stated")
        name = f'<th scope="row">{escape(row.metric)}<small>{way}</small></th>'
        lines.append(f"<tr>{name}{cells}{metric_chart(row.cells)}</tr>")
    return (
        f'<div class="card"><h3>{escape(direction.replace("->", "→"))}</h3><table class="metrics"><thead><tr><td></td>'
        f"{head}<td></td></tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _cell(label: str, cell: Measure | None, words: str) -> str:
    begin = f'<td data-heading="{escape(label)}">'
    if cell is None:
        return f"{begin}–</td>"
    extra = f"<small>{escape(cell.interval)}</small>" if cell.interval else ""
    style = {"clear: better": "win", "clear: worse": "lose"}.get(words, "")
    sign = {"win": "✓ ", "lose": "✗ "}.get(style, "")
    mark = f'<em class="{style}">{sign}{escape(words)}</em>' if words else ""
    return f"{begin}<b>{escape(number_in_words(cell.value))}</b>{extra}{mark}</td>"


def _rows(rows: Sequence[ComparedRow], labels: Sequence[str]) -> str:
    head = "".join(f'<th scope="col">{escape(label)}</th>' for label in labels)
    lines = "".join(
        f'<tr><th scope="row">{escape(row.name)}</th>'
        + "".join(f'<td data-heading="{escape(label)}">{escape(cell)}</td>' for label, cell in zip(labels, row.cells))
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="card"><table class="metrics plain"><thead><tr><td></td>{head}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )
