"""What every world refuses, in the world's own words."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

SMALLEST = 8
"""Side in pixels; below, one scene cannot be told from another."""


def guess(wrong: str, known: Sequence[str]) -> str:
    """`did you mean 'x'? `, or nothing when no known name is near."""
    near = difflib.get_close_matches(wrong, known, n=1, cutoff=0.4)
    return f"did you mean {near[0]!r}? " if near else ""


def check_look(look: str, looks: Sequence[str], of: str = "") -> None:
    """ValueError for a look that is none of `looks`; `of` names the world."""
    if look not in looks:
        whose = f" of {of}" if of else ""
        raise ValueError(f"unknown look {look!r}{whose}: {guess(look, looks)}looks are {', '.join(looks)}")


def check_numbers(thing: str, seed: int, index: int) -> None:
    """ValueError for a negative number; `thing` is what they are the numbers of, such as "a scene"."""
    if seed < 0 or index < 0:
        raise ValueError(f"{thing} needs seed >= 0 and index >= 0, got seed={seed}, index={index}")


def check_size(thing: str, size: int) -> None:
    """ValueError for a side below `SMALLEST`."""
    if size < SMALLEST:
        raise ValueError(f"{thing} needs a size of at least {SMALLEST}, got {size}")
