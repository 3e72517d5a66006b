"""A buffer of past fakes, so that a discriminator does not forget what the generator used to do."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from cyclekit.core.batch import Batch, concat


class ReplayBuffer:
    """Past fakes, row by row (Shrivastava et al. 2017, section 2.3; CycleGAN section 4: 50 pictures).

    While it fills, every row passes through and is kept. Then each row is, with probability one half, exchanged for a
    random kept one. Its random numbers are its own, so that neither a resume nor another part disturbs them.
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
        self.rows: list[Batch] = []
        self.random = torch.Generator().manual_seed(seed)

    def __call__(self, fake: Batch) -> Batch:
        """Exchange some rows of `fake` (detached) for past ones; the result has as many rows."""
        if self.capacity == 0:
            return fake
        return concat([self._exchange(row) for row in fake.rows()])

    def _exchange(self, row: Batch) -> Batch:
        # A row is a slice of its batch, and a slice keeps the whole batch alive: keep a copy.
        if len(self.rows) < self.capacity:
            self.rows.append(row.map(Tensor.clone))
            return row
        if torch.rand((), generator=self.random) < 0.5:
            return row
        place = int(torch.randint(len(self.rows), (), generator=self.random))
        past, self.rows[place] = self.rows[place], row.map(Tensor.clone)
        return past

    def state_dict(self) -> dict[str, Tensor]:
        """Every kept row and the state of the random numbers, as tensors."""
        state = {"random": self.random.get_state()}
        for place, row in enumerate(self.rows):
            state |= {f"{place}.{field}": t for field, t in row._asdict().items() if t is not None}
        return state

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Continue exactly where `state_dict` was taken."""
        self.random.set_state(state["random"].cpu())
        count = 1 + max((int(key.split(".")[0]) for key in state if key != "random"), default=-1)
        self.rows = [Batch(*(state.get(f"{place}.{field}") for field in Batch._fields)) for place in range(count)]  # type: ignore[arg-type]

    def to(self, device: torch.device | str) -> None:
        """Move the kept rows."""
        self.rows = [row.to(device) for row in self.rows]
