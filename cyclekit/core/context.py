"""A variable of a context that has a value within a `with` block, and its former one afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def set_within(variable: ContextVar[T], value: T) -> Iterator[None]:
    """Within it the variable has this value: in this thread alone, and until the block ends, by an error too."""
    before = variable.set(value)
    try:
        yield
    finally:
        variable.reset(before)
