"""Further terms of a generators' loss, which a recipe lists under `objective.terms` and any objective may carry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from cyclekit.core.parts import Loss, Outputs, Term


class WeightedTerm(NamedTuple):
    """One further term: what the log calls it, how much it counts, and what computes it."""

    name: str
    weight: float
    term: Term


@runtime_checkable
class CarriesTerms(Protocol):
    """An objective that keeps its further terms where stages of training find their weights."""

    terms: Sequence[WeightedTerm]


def with_terms(loss: Loss | None, terms: Sequence[WeightedTerm], outputs: Outputs) -> Loss | None:
    """The loss with the further terms added, raw ones to the log; None, where the generators rest, stays None."""
    if loss is None or not terms:
        return loss
    total, raw = loss
    for name, weight, term in terms:
        if weight:
            raw = {**raw, name: term(outputs)}
            total = total + weight * raw[name]
    return Loss(total, raw)
