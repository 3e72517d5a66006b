"""Where `gpu.py` measures, and how each line of it ends."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import torch

FALLEN: list[str] = []
"""Lines that fell short."""

WAITING: list[str] = []
"""Lines whose bound only a card can meet."""


class Place(NamedTuple):
    """A device, and how much is measured on it."""

    device: str
    side: int
    """Pixels of a training picture's side; as many of translated ones as `translated` says."""
    translated: int
    steps: int
    """Timed, of each variant."""
    smaller: dict[str, Any]
    """Settings of networks that a processor takes in a moment; none on a card."""

    @property
    def is_card(self) -> bool:
        """Whether bounds count here."""
        return self.device == "cuda"

    def wait(self) -> None:
        """Until all that was asked of the device is done."""
        if self.is_card:
            torch.cuda.synchronize()

    def free(self) -> None:
        """Give back what is not used, and count peaks anew."""
        gc.collect()  # what was measured before must not count
        if self.is_card:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()

    @property
    def peak(self) -> int:
        """Bytes that a card's allocator took at most since `free`; 0 on a processor."""
        return torch.cuda.max_memory_reserved() if self.is_card else 0


CARD = Place("cuda", 256, 500, 20, {})
SMALL = {"generator.width": 4, "discriminator.width": 4}
PROCESSOR = Place("cpu", 32, 48, 2, SMALL)


def verdict(name: str, passed: bool | None, words: str = "") -> None:
    """One line with PASS, FALLS SHORT, or NEEDS A CARD for None."""
    if passed is None:
        WAITING.append(name)
    elif not passed:
        FALLEN.append(name)
    end = "NEEDS A CARD" if passed is None else "PASS" if passed else "FALLS SHORT"
    print(f"{name}: {words} {end}", flush=True)


def bounded(place: Place, name: str, met: bool, words: str) -> None:
    """A verdict on a speed, which counts on a card alone."""
    verdict(name, met if place.is_card else None, words)


def milliseconds(place: Place, step: Callable[[], Any], steps: int, warm: int = 4) -> tuple[float, float]:
    """Median of synchronised steps, and the mean of as many that nobody waits for."""
    for _ in range(warm if place.is_card else 1):
        step()
    place.wait()
    each = []
    for _ in range(steps):
        begun = time.perf_counter()
        step()
        place.wait()
        each.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    for _ in range(steps):
        step()
    place.wait()
    return 1000 * statistics.median(each), 1000 * (time.perf_counter() - begun) / steps
