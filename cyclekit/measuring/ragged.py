"""Rows that do not stack: held-out pictures are measured each at its own size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from torch import Tensor

from cyclekit.core.batch import Batch, concat, stackable
from cyclekit.measuring.metric import MetricUnavailable


class Ragged(Batch):
    """Rows of one domain that differ in size: a Batch that has rows, and no tensor of all of them.

    Who reads it as one tensor is told so, and not given another set: a metric that knows no better is then not
    measured.
    """

    def __new__(cls, rows: Sequence[Batch]) -> Ragged:
        """Take Batches of size 1, at least one."""
        made = super().__new__(cls, None)  # type: ignore[arg-type]  # `data` is never there
        made._rows = tuple(rows)
        return made

    _rows: tuple[Batch, ...]

    @property
    def data(self) -> Tensor:
        """There is none.

        Raises:
            MetricUnavailable: always.
        """
        raise MetricUnavailable("needs pictures of one size, and these differ; metrics.size=training measures such")

    @property
    def size(self) -> int:
        """The number of rows."""
        return len(self._rows)

    def rows(self) -> Iterator[Batch]:
        """One Batch of size 1 for each row."""
        yield from self._rows


def together(rows: Sequence[Batch]) -> Batch:
    """Batches of size 1 as one: stacked, or where they differ in size a `Ragged`."""
    return concat(rows) if all(stackable(rows[0], other) for other in rows) else Ragged(rows)


def stacks(batch: Batch) -> list[Batch]:
    """Batches that hold the rows of one in order, neighbours of one size together."""
    if not isinstance(batch, Ragged):
        return [batch]
    return [concat(list(alike)) for _, alike in groupby(batch.rows(), key=lambda row: row.data.shape[1:])]


def matched(first: Batch, second: Batch) -> list[tuple[Batch, Batch]]:
    """Stacked rows of two Batches that belong together, in order: all of them, or where one is ragged row by row."""
    if isinstance(first, Ragged) or isinstance(second, Ragged):
        return list(zip(first.rows(), second.rows(), strict=True))
    return [(first, second)]
