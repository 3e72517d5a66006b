"""Sentences of two domains before they are tokenised: what every kind of source becomes."""

from __future__ import annotations

from typing import NamedTuple

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
