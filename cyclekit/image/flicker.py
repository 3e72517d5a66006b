"""Flicker: how much a translated video changes where the video that it was made of stands still."""

from __future__ import annotations

from typing import Any

import numpy as np

STILL = 2.0
"""Levels of 255 by which grey may change from frame to frame in what counts as standing still."""

LEAST = 0.01
"""Share of a frame that must stand still to be measured."""

LUMA = np.array([0.299, 0.587, 0.114], np.float32)


class Flicker:
    """The mean change from frame to frame, in levels of 255, where the input's grey changes by no more than `STILL`.

    Of the translation, and of the input there. Two frames are kept, whatever the length.
    """

    def __init__(self) -> None:
        self._before: tuple[np.ndarray, np.ndarray] | None = None
        self._made = self._given = self._still = 0.0
        self._pairs = self._measured = 0

    def add(self, given: np.ndarray, made: np.ndarray) -> None:
        """The next frame and its translation, (H, W, 3) uint8 of one size."""
        now = tuple(each.astype(np.float32) @ LUMA for each in (given, made))
        if self._before is not None:
            changes = [np.abs(one - other) for one, other in zip(now, self._before)]
            still = changes[0] <= STILL
            share = float(still.mean())
            self._pairs += 1
            self._still += share
            if share >= LEAST:
                self._given += float(changes[0][still].mean())
                self._made += float(changes[1][still].mean())
                self._measured += 1
        self._before = now  # type: ignore[assignment]

    @property
    def numbers(self) -> dict[str, Any] | None:
        """`made` and `input`, levels a frame; `still`, the share of a frame. None where nothing stands still."""
        if not self._measured:
            return None
        found = {"made": self._made / self._measured, "input": self._given / self._measured}
        return {
            **{name: round(value, 4) for name, value in found.items()},
            "still": round(self._still / self._pairs, 4),
        }

    @property
    def words(self) -> str:
        """The same in a line."""
        found = self.numbers
        if found is None:
            return "flicker: not measured, nothing stands still"
        return (
            f"flicker: where the input stands still ({found['still']:.0%}) it changes by {found['made']:.2f} levels of "
            f"255 a frame, the input by {found['input']:.2f}"
        )
