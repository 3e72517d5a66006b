"""Sheets of held-out items, the same ones over the time of a run."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from cyclekit.assembling.assemble import Run, interchangeable
from cyclekit.callbacks.log import Log, due
from cyclekit.core.batch import Batch, concat, stackable
from cyclekit.core.parts import HeldOut
from cyclekit.files.disk_errors import clear_disk_errors
from cyclekit.sheets.cells import Column, Kind, Sheet, cells_of, save_cells
from cyclekit.sheets.whole import write_whole_sheet
from cyclekit.training.state import Callback, Training

EARLY = (25, 50, 100, 200)
"""Steps that have a sheet where the regular ones begin later: the first minutes show something."""


class Samples(Callback):
    """Sheets of the same held-out items over time: real, translated, back, and what identity makes of them."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def started(self, training: Training) -> None:
        """Fix the items; show what the untrained networks make of them."""
        run, rows = training.run, training.run.recipe.sample.rows
        held_out = {source: run.data.held_out(source) for source, _ in run.directions}
        first = {source: _first(items, rows) for source, items in held_out.items() if len(items)}
        self.names = {source: [item.name for item in items] for source, items in first.items()}
        self.items = {source: concat([item.row for item in items]) for source, items in first.items()}
        self.truths = {source: _truths(items) for source, items in first.items()}
        if training.step == 0:
            self._write(training)

    def stepped(self, training: Training) -> None:
        """A sheet every `train.sample_every` steps, a few before, and one of the networks as they end."""
        if sheet_due(training):
            self._write(training)

    def _write(self, training: Training) -> None:
        run = training.run
        if len(self.items) < len(run.directions):
            return  # nothing is held out: there is nothing to show that was not learned from
        items = {domain: batch.to(training.device) for domain, batch in self.items.items()}
        columns = sample_columns(run, items, self.truths)
        name = run.recipe.title or run.recipe.name
        title = f"{name} · step {training.step:,} of {training.length} · {run.data.source}"
        sheet, stem = Sheet(title, columns, self.names), training.folder / "samples" / f"step-{training.step:08d}"
        with clear_disk_errors(stem):
            save_cells(sheet, stem)
            whole = write_whole_sheet(sheet, stem)[0]
        file, cells = (str(path.relative_to(training.folder)) for path in (whole, stem))
        self.log.write("sample", training.step, file=file, cells=cells)


def sheet_due(training: Training) -> bool:
    """Whether this step has a sheet."""
    every = training.run.recipe.train.sample_every
    return due(training, every) or (training.step in EARLY and training.step < every)


@torch.no_grad()
def sample_columns(run: Run, items: dict[str, Batch], truths: dict[str, Batch | None]) -> list[Column]:
    """Translate the items of each direction; a column for each thing to look at.

    Args:
        items: source domain -> its held-out rows, on the generators' device.
        truths: source domain -> their true translations where they are known; shown beside the translations.
    """
    columns = []

    def show(heading: str, domain: str, source: str, kind: Kind, batch: Batch) -> None:
        codec = run.data.codecs.a if domain == "a" else run.data.codecs.b
        columns.append(Column(heading, domain, source, kind, cells_of(codec, batch)))

    # Dropout may draw random numbers here; the training's own must not notice.
    with torch.random.fork_rng(), run.translating() as generators:
        for source, target in run.directions:
            real = items[source]
            forth, back = getattr(generators, target), getattr(generators, source)
            fake = forth(real)
            show(run.display(source), source, source, "source", real)
            show(f"to {run.display(target)}", target, source, "translation", fake)
            if (truth := truths.get(source)) is not None:
                show(f"true {run.display(target)}", target, source, "truth", truth)
            if back is not None:
                show(f"and back to {run.display(source)}", source, source, "back", back(fake))
                if interchangeable(run.data.codecs):
                    show(f"{run.display(source)} as itself", source, source, "identity", back(real))
    return columns


def _first(items: Sequence[HeldOut], count: int) -> list[HeldOut]:
    """The first items that stack: pictures kept at their own sizes need not."""
    shown = [items[place] for place in range(min(count, len(items)))]
    return [item for item in shown if stackable(shown[0].row, item.row)]


def _truths(items: Sequence[HeldOut]) -> Batch | None:
    """The one true translation of each item; None where some have none, or several."""
    known = [item.truth for item in items if item.truth is not None and item.truth.size == 1]
    return concat(known) if known and len(known) == len(items) else None
