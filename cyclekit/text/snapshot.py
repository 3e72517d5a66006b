"""`bootstrap: snapshot`: back-translation in rounds (Lample et al. 2018, algorithm 1; Edunov et al. 2018 in one round).

Drawing a sentence word by word is most of a step of back-translation, and the more sentences are drawn side by side the
less each costs. So all training sentences are translated at once, in large batches; the steps that follow learn the way
back from these, until the next round translates them anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from cyclekit.core.batch import Batch, Pair, concat
from cyclekit.core.capabilities import Beginning, Recorded
from cyclekit.core.rows import through
from cyclekit.registry import build, register


class Round:
    """What one direction's sentences were translated to, and how often these translations have been asked for."""

    def __init__(self, rows: list[Batch]) -> None:
        self.rows = rows
        """The training sentences of the domain that is read, each (1, S)."""
        self.places = {row.data.numpy().tobytes(): place for place, row in enumerate(rows)}
        self.made: list[Batch] = []
        """A translation (1, T) of each; none before the first round."""
        self.calls = 0

    def __call__(self, real: Batch) -> Batch:
        """Rows (B, S) to their translations (B, T)."""
        places = [self.places[row.data.numpy().tobytes()] for row in real.to("cpu").rows()]
        return concat([self.made[place] for place in places]).to(real.data.device)

    def state_dict(self) -> dict[str, Tensor]:
        """The translations one after the other, their lengths, and the calls."""
        ids = [row.data[0].to(torch.int32) for row in self.made]
        return {
            "ids": torch.cat([torch.zeros(0, dtype=torch.int32), *ids]),
            "lengths": torch.tensor([len(row) for row in ids], dtype=torch.int32),
            "calls": torch.tensor(self.calls),
        }

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Undo `state_dict`."""
        rows = state["ids"].cpu().long().split(state["lengths"].tolist())
        self.made = [Batch(row[None], torch.ones_like(row[None], dtype=torch.bool)) for row in rows]
        self.calls = int(state["calls"])


@register("bootstrap", "snapshot")
class Snapshot:
    """Translations of all training sentences by the generators as they were when the round began.

    A checkpoint holds the round, so that a resumed run goes on with it.
    """

    def __init__(
        self, data: Any, *, refresh: int = 500, rows: int = 512, first: str | dict[str, Any] | None = "lexicon"
    ) -> None:
        """Choose how long a round lasts.

        Args:
            data: the text data part.
            refresh: steps that learn from one round's translations.
            rows: sentences that are translated side by side; an accelerator takes thousands.
            first: the bootstrap of the steps before the first round, by its name or as `{name: NAME, option: value}`;
                null begins with a round by the generators as they are.

        Raises:
            ValueError: numbers below 1, or a first one without a name.
            RecipeError: the first one is unknown, or refuses its options.
        """
        if refresh < 1 or rows < 1:
            raise ValueError(f"refresh is {refresh} and rows {rows}; choose 1 or more")
        options = {"name": first} if isinstance(first, str) else dict(first or {})
        if first is not None and "name" not in options:
            raise ValueError("first: has no name; write {name: lexicon, ...}")
        self.refresh, self.together = refresh, rows
        self.first: Any = None
        if first is not None:
            self.first = build("bootstrap", options.pop("name"), data, options=options, where="bootstrap.first")
        a = [data.training_pair(row, 0, 0).a for row in range(data.sizes.a)]
        b = [data.training_pair(0, row, 0).b for row in range(data.sizes.b)]
        self.rounds = Pair(Round(a), Round(b))

    def __call__(self, real: Batch, domain: str, generator: nn.Module) -> Batch:
        """Rows (B, S) of `domain` to rows (B, T) of the other one, which `generator` makes."""
        now: Round = getattr(self.rounds, domain)
        due = now.calls % self.refresh == 0 and (now.calls > 0 or self.first is None)
        if due:
            now.made = through(generator, now.rows, real.data.device, self.together)
        now.calls += 1
        if not now.made:
            translated: Batch = self.first(real, domain, generator)
            return translated
        return now(real)

    def begin(self, generators: Pair[Any]) -> None:
        """Begin the generators as the first bootstrap does."""
        if isinstance(self.first, Beginning):
            self.first.begin(generators)

    def record(self) -> Mapping[str, Any]:
        """What the first bootstrap tells of itself."""
        return self.first.record() if isinstance(self.first, Recorded) else {}

    def state_dict(self) -> dict[str, Tensor]:
        """Both directions' rounds."""
        return {
            f"{domain}.{name}": tensor
            for domain, now in self.rounds._asdict().items()
            for name, tensor in now.state_dict().items()
        }

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Undo `state_dict`."""
        for domain, now in self.rounds._asdict().items():
            now.load_state_dict({name[2:]: tensor for name, tensor in state.items() if name.startswith(f"{domain}.")})
