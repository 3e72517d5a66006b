"""A buffer of past fakes, so that a discriminator does not forget what the generator used to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from cyclekit.core import processes
from cyclekit.core.batch import Batch, concat


class Exchange(NamedTuple):
    """What becomes of one row of a batch."""

    row: int
    """The row of the batch that comes out in its place, where no kept one does: itself, or one kept just before it."""
    past: int
    """The place whose kept row comes out; -1 for none."""
    into: int
    """The place in which it is kept; -1 for none."""


class ReplayBuffer:
    """Past fakes, row by row (Shrivastava et al. 2017, section 2.3; CycleGAN section 4: 50 pictures).

    While it fills, every row passes through and is kept. Then each row is, with probability one half, exchanged for a
    random kept one. Its random numbers are its own, so that neither a resume nor another part disturbs them.

    What is exchanged is drawn on the host (`draw`); the rows never leave their device. They are kept in a list, since
    rows may differ in shape; or, once `hold_in_place` was called, in one tensor that stays where it is, as a captured
    step needs it, until rows come that do not fit there. The answers are the same.
    """

    def __init__(self, capacity: int, seed: int = 0) -> None:
        """Make an empty buffer.

        Args:
            capacity: how many rows it keeps; 0 passes every batch through untouched.

        Raises:
            ValueError: a negative capacity.
        """
        if capacity < 0:
            raise ValueError(f"a replay buffer cannot keep {capacity} rows; 0 switches it off")
        self.capacity = capacity
        self.kept = 0
        self.rows: list[Batch] = []
        self.pool: Pool | None = None
        self.random = torch.Generator().manual_seed(seed)

    def __call__(self, fake: Batch) -> Batch:
        """Exchange some rows of `fake` (detached) for past ones; the result has as many rows."""
        if self.capacity == 0:
            return fake
        if self.pool is not None and not self.pool.filled_by_host and not self.pool.fits(fake):
            self.hold_in_place(False)
        if self.pool is not None:
            return self.pool.exchanged(fake, self)
        # Of several processes each keeps the fakes of all and draws alike, and takes its own share of what comes out.
        by_process = processes.gathered(fake)
        rows = [row for each in by_process for row in each.rows()]
        before = sum(each.size for each in by_process[: processes.rank()]) if len(by_process) > 1 else 0
        return concat(self._exchanged(rows, self.draw(len(rows)))[before : before + fake.size])

    def draw(self, count: int) -> list[Exchange]:
        """Decide what becomes of the next `count` rows, and take it for done."""
        exchanges: list[Exchange] = []
        writer: dict[int, int] = {}  # place -> the row of this batch that is kept there by now
        for row in range(count):
            if self.kept < self.capacity:
                writer[self.kept] = row
                exchanges.append(Exchange(row, -1, self.kept))
                self.kept += 1
            elif torch.rand((), generator=self.random) < 0.5:
                exchanges.append(Exchange(row, -1, -1))
            else:
                place = int(torch.randint(self.kept, (), generator=self.random))
                exchanges.append(Exchange(writer[place], -1, place) if place in writer else Exchange(row, place, place))
                writer[place] = row
        return exchanges

    def _exchanged(self, rows: list[Batch], exchanges: list[Exchange]) -> list[Batch]:
        before = list(self.rows)
        self.rows += [rows[0]] * (self.kept - len(self.rows))
        for row, (_, _, into) in zip(rows, exchanges):
            if into >= 0:  # a row is a slice of its batch, and a slice keeps the whole batch alive: keep a copy
                self.rows[into] = row.map(Tensor.clone)
        return [rows[row] if past < 0 else before[past] for row, past, _ in exchanges]

    def hold_in_place(self, hold: bool = True) -> None:
        """Keep the rows in one tensor that is never replaced; or, if not `hold`, in a list again."""
        if not hold and self.pool is not None:
            self.rows, self.pool = self.pool.listed(self.kept), None
        elif hold and self.pool is None and self.capacity:
            self.pool = Pool(self.rows)

    def state_dict(self) -> dict[str, Tensor]:
        """Every kept row and the state of the random numbers, as tensors."""
        state = {"random": self.random.get_state()}
        rows = self.rows if self.pool is None else self.pool.listed(self.kept)
        for place, row in enumerate(rows):
            state |= {f"{place}.{field}": t for field, t in row._asdict().items() if t is not None}
        return state

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Continue exactly where `state_dict` was taken."""
        self.random.set_state(state["random"].cpu())
        self.kept = 1 + max((int(key.split(".")[0]) for key in state if key != "random"), default=-1)
        self.rows = [Batch(*(state.get(f"{place}.{field}") for field in Batch._fields)) for place in range(self.kept)]  # type: ignore[arg-type]
        self.pool = None if self.pool is None else Pool(self.rows)

    def to(self, device: torch.device | str) -> None:
        """Move the kept rows."""
        self.rows = [row.to(device) for row in self.rows]


class Pool:
    """A replay buffer's rows in one tensor, and the exchanges of the next batch in another.

    A captured step reads both where they are; `fill` is what the host does before each replay.
    """

    def __init__(self, rows: list[Batch]) -> None:
        self.first = rows
        """What it begins with, until the first batch tells the shape."""
        self.data: Tensor | None = None
        self.exchanges: Tensor | None = None
        """(3, B) int64: `Exchange` by column, "none" being the place behind the last, which nobody reads."""
        self.filled_by_host = False
        """The exchanges are in `exchanges` already: drawn and put there by whoever replays the step."""
        self.asked = False
        """A batch came since somebody set this to False."""

    def fits(self, fake: Batch) -> bool:
        """Whether one tensor can hold these rows too: without masks, of the shape of those before, and as many."""
        shapes = {row.data.shape[1:] for row in self.first} if self.data is None else {self.data.shape[1:]}
        counts = {fake.size if self.exchanges is None else self.exchanges.shape[1]}
        return fake.mask is None and shapes <= {fake.data.shape[1:]} and counts == {fake.size}

    def exchanged(self, fake: Batch, buffer: ReplayBuffer) -> Batch:
        """Exchange rows (B, ...) for kept ones, all on their device. They must fit."""
        rows = fake.data
        if self.data is None or self.exchanges is None:
            self.data = self._begun(fake, buffer.capacity)
            self.exchanges = torch.zeros(3, fake.size, dtype=torch.int64, device=rows.device)
        self.asked = True
        if not self.filled_by_host:
            self.fill(buffer)
        own, past, into = self.exchanges.unbind()
        kept = rows.to(self.data.dtype)
        came = torch.where(self._as_mask(past < buffer.capacity), self.data.index_select(0, past), kept[own])
        self.data.index_copy_(0, into, kept)
        return Batch(came.to(rows.dtype))

    def fill(self, buffer: ReplayBuffer) -> None:
        """Draw the exchanges of the next batch, and put them where the step reads them."""
        assert self.data is not None, "a batch came first"
        assert self.exchanges is not None
        exchanges = buffer.draw(self.exchanges.shape[1])
        nowhere = self.data.shape[0] - 1
        # Of several rows kept in one place only the last stays.
        last = {into: row for row, (_, _, into) in enumerate(exchanges) if into >= 0}
        columns = [
            [row for row, _, _ in exchanges],
            [past if past >= 0 else nowhere for _, past, _ in exchanges],
            [into if last.get(into) == row else nowhere for row, (_, _, into) in enumerate(exchanges)],
        ]
        # From pageable memory, which may be used again at once: the driver has taken the few bytes when this returns.
        self.exchanges.copy_(torch.tensor(columns), non_blocking=True)

    def listed(self, count: int) -> list[Batch]:
        """Copies of the kept rows, each (1, ...)."""
        return list(self.first) if self.data is None else [Batch(row.clone()) for row in self.data[:count].split(1)]

    def _begun(self, fake: Batch, capacity: int) -> Tensor:
        data = fake.data.new_zeros((capacity + 1, *fake.data.shape[1:]))
        for place, row in enumerate(self.first):
            data[place : place + 1].copy_(row.data)
        return data

    def _as_mask(self, rows: Tensor) -> Tensor:
        assert self.data is not None
        return rows.view(-1, *[1] * (self.data.dim() - 1))
