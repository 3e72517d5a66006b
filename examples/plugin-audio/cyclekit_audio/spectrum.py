"""Sound to levels of a spectrogram, and back: short-time Fourier transform, decibels, and phases that fit."""

from __future__ import annotations

import torch
from torch import Tensor

WINDOW, HOP = 512, 128
"""Samples. At 8,000 Hz a frame is 64 ms long, and there are 62.5 a second."""

BINS = WINDOW // 2
"""Frequencies of a frame, from 0 up; the highest one, half the rate, is left out."""

FLOOR = -80.0
"""Decibels below a sine of amplitude 1 that count as silence: level -1. Level 1 is that sine."""

ROUNDS = 32
"""How often phases are improved (Griffin and Lim 1984). They begin as the source's, so that few rounds do."""

_window = torch.hann_window(WINDOW)


def transformed(samples: Tensor) -> Tensor:
    """Samples (N,) to complex frames (T, WINDOW / 2 + 1), T = N // HOP + 1; a sine of amplitude 1 has magnitude 1."""
    made = torch.stft(samples, WINDOW, HOP, window=_window, pad_mode="constant", return_complex=True)
    return made.T / (_window.sum() / 2)


def levels_of(frames: Tensor) -> Tensor:
    """Complex frames (T, WINDOW / 2 + 1) to levels (T, BINS) in [-1, 1]."""
    decibels = 20 * frames[:, :BINS].abs().clamp(min=10 ** (FLOOR / 20)).log10()
    return (1 - 2 * decibels / FLOOR).clamp(-1, 1)


def decibels_of(levels: Tensor) -> Tensor:
    """Undo the scale of `levels_of`."""
    return (1 - levels) * FLOOR / 2


def sounded(levels: Tensor, length: int, phases: Tensor | None = None) -> Tensor:
    """Levels (T, BINS) to samples (length,) whose spectrogram comes near to them.

    Args:
        phases: (T, WINDOW / 2 + 1) in radians, to begin with; None: all 0.
    """
    magnitudes = 10 ** (decibels_of(levels.clamp(-1, 1)) / 20)
    magnitudes = torch.where(levels <= -1, 0.0, magnitudes)
    magnitudes = torch.nn.functional.pad(magnitudes, (0, 1))
    frames = torch.polar(magnitudes, torch.zeros_like(magnitudes) if phases is None else phases)
    for _ in range(ROUNDS):
        frames = torch.polar(magnitudes, transformed(_inverse(frames, length)).angle())
    return _inverse(frames, length)


def _inverse(frames: Tensor, length: int) -> Tensor:
    return torch.istft((frames * (_window.sum() / 2)).T, WINDOW, HOP, window=_window, length=length)
