"""One cell of a sample sheet. It stands apart from the other shapes, so that who reads sheets needs no PyTorch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Cell(NamedTuple):
    """What a sample sheet shows of one row: a picture, words, or both, and a file that people may open."""

    picture: np.ndarray | None = None
    """uint8: (H, W) grey, or (H, W, 3) red, green and blue."""
    words: str | None = None
    file: tuple[str, bytes] | None = None
    """Its suffix and what it holds, such as (".wav", b"RIFF...")."""
