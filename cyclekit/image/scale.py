"""Scales: which stored number is -1 and which is 1, for each band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Scale(NamedTuple):
    """The lowest and the highest number of each band, and the type in which numbers are stored."""

    low: tuple[float, ...]
    high: tuple[float, ...]
    type: str
    """NumPy's name of it, such as "uint16"."""

    @classmethod
    def of(cls, low: Sequence[float], high: Sequence[float], type: str) -> Scale:
        """A scale, checked.

        Raises:
            ValueError: other numbers of ends, a lowest that is not below the highest, or no type of numbers.
        """
        ends = tuple(zip(low, high))
        if not ends or len(low) != len(high) or not all(np.isfinite(pair).all() and pair[0] < pair[1] for pair in ends):
            raise ValueError(f"a scale from {list(low)} to {list(high)}: every lowest number is below the highest")
        if np.dtype(type).kind not in "uif":
            raise ValueError(f"a scale of type {type}: numbers are integers or floats")
        return cls(tuple(map(float, low)), tuple(map(float, high)), str(np.dtype(type)))

    @classmethod
    def of_type(cls, type: str, channels: int) -> Scale:
        """All that an unsigned type can hold, from 0."""
        return cls.of([0.0] * channels, [float(np.iinfo(type).max)] * channels, type)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Stored numbers (H, W, C) to float32 in [-1, 1]; what is beyond the ends is clipped."""
        low, high = np.array(self.low), np.array(self.high)
        scaled = (values.astype(np.float64) - low) * (2 / (high - low)) - 1
        return scaled.clip(-1, 1).astype(np.float32)

    def undone(self, values: np.ndarray) -> np.ndarray:
        """Values (H, W, C) in [-1, 1], what is beyond clipped, to numbers of the type; integers are rounded."""
        low, high = np.array(self.low), np.array(self.high)
        numbers = (values.astype(np.float64).clip(-1, 1) + 1) / 2 * (high - low) + low
        kind = np.dtype(self.type)
        if kind.kind in "ui":
            numbers = np.rint(numbers).clip(np.iinfo(kind).min, np.iinfo(kind).max)
        return numbers.astype(kind)


def scale_in_words(scale: Scale) -> str:
    """A scale in a few words: "0 to 4,095", or of each band."""
    ends = list(dict.fromkeys(f"{low:,.6g} to {high:,.6g}" for low, high in zip(scale.low, scale.high)))
    return ends[0] if len(ends) == 1 else f"{ends[0]} ... {ends[-1]}"
