"""Items that are looked at while a run trains, translated as they will be used, once for all who look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch

from cyclekit.assembling.assemble import Run
from cyclekit.core.batch import Batch, concat, stackable
from cyclekit.core.capabilities import weight_of
from cyclekit.core.parts import HeldOut
from cyclekit.core.rows import through
from cyclekit.measuring.health import Translating
from cyclekit.measuring.metric import Translated
from cyclekit.training.state import Training

Rows = Mapping[str, Sequence[HeldOut]]
"""Domain -> its items."""


class StepTranslations:
    """Both directions' translations of this step, kept until they are forgotten: metrics and checks share them."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Let go of what is kept."""
        self.kept: dict[tuple[int, bool, int], dict[str, Translated]] = {}

    def of(self, training: Training, rows: Rows, *, validation: bool) -> dict[str, Translated]:
        """The directions' translations by their names, "monet -> photo".

        Args:
            rows: the first so many validation or held-out items of each domain.
            validation: which of the two; equal numbers of one kind are equal rows.
        """
        key = (training.step, validation, max(map(len, rows.values())))
        if key not in self.kept:
            self.forget()
            run = training.run
            self.kept[key] = {
                direction_name(run, *way): _translated(run, *way, rows, training.device) for way in run.directions
            }
        return self.kept[key]


def direction_name(run: Run, source: str, target: str) -> str:
    """A direction in words: "monet -> photo"."""
    return f"{run.display(source)} -> {run.display(target)}"


def stacking(items: Sequence[HeldOut]) -> Sequence[HeldOut]:
    """The items that stack with the first: pictures kept at their own sizes need not."""
    return [item for item in items if stackable(items[0].row, item.row)]


@contextmanager
def translating(run: Run, source: str, target: str, device: torch.device) -> Iterator[Translating]:
    """One direction's generators as they are used, to be tried on any rows. Training notices nothing of it."""
    with torch.no_grad(), torch.random.fork_rng(), run.translating() as generators:
        there, back = getattr(generators, target), getattr(generators, source)

        def translate(generator: torch.nn.Module, rows: Batch) -> Batch:
            return concat(through(generator, list(rows.rows()), device, run.together))

        yield Translating(
            lambda rows: translate(there, rows),
            None if back is None else lambda rows: translate(back, rows),
            bool(weight_of(run.objective, "identity")),
        )


@torch.no_grad()
def _translated(run: Run, source: str, target: str, rows: Rows, device: torch.device) -> Translated:
    """One direction's rows, translated as they will be used, and back."""
    reals = [item.row for item in rows[source]]
    with torch.random.fork_rng(), run.translating() as generators:
        fakes = through(getattr(generators, target), reals, device, run.together)
        way_back = getattr(generators, source)
        back = None if way_back is None else concat(through(way_back, fakes, device, run.together))
    others = concat([item.row for item in rows[target]])
    return Translated(concat(reals), concat(fakes), others, None, run.data, target, back)
