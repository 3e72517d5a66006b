"""Files read ahead and written behind, in threads, while another one works on what is between.

Both are bounded and keep the order: of what was read ahead, and of what is told as written. A decoder, an encoder and a
disk that is waited for leave Python's lock to others, so that even two cores gain.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Executor, Future, wait
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

MOST = 8
"""Items that are read ahead at most, and as many that are written behind: a batch of pictures each."""


def threads() -> int:
    """How many threads read and write: as many as there are cores, up to what is read ahead and written behind."""
    return min(2 * MOST, os.cpu_count() or 1)


def read_ahead(pool: Executor, items: Iterable[T], read: Callable[[T], R]) -> Generator[tuple[T, Future[R]]]:
    """Each item and what becomes of reading it, in order. Items are taken in the thread that asks for these."""
    waiting: deque[tuple[T, Future[R]]] = deque()
    try:
        for item in items:
            waiting.append((item, pool.submit(read, item)))
            if len(waiting) > MOST:
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()
    finally:
        for _, reading in waiting:
            reading.cancel()


class WrittenBehind(Generic[T, R]):
    """Writes items in a pool's threads, and tells of each in order, in the thread that adds them.

    On leaving, after an error or Ctrl-C too, what was added is written and told of.
    """

    def __init__(self, pool: Executor, told: Callable[[T, R], None]) -> None:
        """Take the pool.

        Args:
            told: an item, and what writing it gave.
        """
        self.pool, self.told = pool, told
        self.waiting: deque[tuple[T, Future[R]]] = deque()

    def __enter__(self) -> WrittenBehind[T, R]:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is None:
            self.settle()
            return
        wait([writing for _, writing in self.waiting])
        for item, writing in self.waiting:
            if writing.exception() is None:  # of several errors the first is told
                self.told(item, writing.result())

    def add(self, item: T, write: Callable[[], R]) -> None:
        """Write an item soon; wait, where enough are waiting.

        Raises:
            Exception: what writing an earlier one raised.
        """
        self.waiting.append((item, self.pool.submit(write)))
        self.settle(MOST)

    def settle(self, left: int = 0) -> None:
        """Wait until at most so many are not written yet.

        Raises:
            Exception: what writing one raised.
        """
        while len(self.waiting) > left:
            item, writing = self.waiting[0]
            given = writing.result()  # interrupted here, it is told of on leaving
            self.waiting.popleft()
            self.told(item, given)
