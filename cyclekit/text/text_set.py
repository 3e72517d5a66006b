"""Sentences of two domains before they are tokenised: what every kind of source becomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from cyclekit.core.batch import Pair


class TextSet(NamedTuple):
    """Sentences of both domains as plain strings, one sentence each, and what is known about them."""

    train: Pair[list[str]]
    words: str
    """What was found, in plain words; stands in every result."""
    validation: Pair[list[str]] | None = None
    """To choose a checkpoint by. None: set aside from `train`."""
    test: Pair[list[str]] | None = None
    """Held out, to measure on. None: set aside from `train`."""
    truth: Pair[list[list[str]]] | None = None
    """Accepted translations: `truth.a[i]` are the sentences of domain b that translate `test.a[i]`, one or more."""
    aligned: bool = False
    """Whether training sentence i of a belongs to sentence i of b."""


@runtime_checkable
class KeepsSentences(Protocol):
    """A data part that keeps its training sentences."""

    train: Pair[Sequence[str]]


@runtime_checkable
class SetsAsideToJudge(Protocol):
    """A data part with sentences that a judge of style learns from, and nothing else does."""

    judging: Pair[Sequence[str]] | None


@runtime_checkable
class SetsAsideToSelect(Protocol):
    """A data part with sentences for a judge whose word chooses: never translations of training sentences."""

    selecting: Pair[Sequence[str]] | None


@runtime_checkable
class OfLanguages(Protocol):
    """A data part that knows whether its domains are two languages."""

    languages: bool
