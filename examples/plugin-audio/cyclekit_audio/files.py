"""Recordings on disk: read at any rate and with any channels, written at the codec's rate."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile
from scipy.signal import resample_poly

from cyclekit.registry import RecipeError

ENDINGS = (".wav", ".flac")


class Read(NamedTuple):
    """A file as the codec takes it, and what it was."""

    samples: np.ndarray
    """(N,) float32."""
    rate: int
    channels: int


class UnreadableRecording(RecipeError):
    """A file that is no recording. `why` is the reason alone."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.why = why


def read_samples(path: Path, rate: int) -> Read:
    """A file's samples at `rate`, its channels averaged.

    Raises:
        UnreadableRecording: there is no such file, it is no recording, or an empty one.
    """
    try:
        samples, own = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError) as error:
        raise UnreadableRecording(path, "no such file" if not path.is_file() else "is no recording") from error
    if not len(samples) or not np.isfinite(samples).all():
        raise UnreadableRecording(path, "holds no sound")
    mono = samples.mean(1)
    if own != rate:
        mono = resample_poly(mono, rate, own)
    return Read(mono.astype(np.float32), own, samples.shape[1])


def read_recording(path: Path, codec: Any, note: Callable[[str], None]) -> np.ndarray:
    """A file as `Modality.files` reads it.

    Raises:
        ValueError: it is no recording.
    """
    try:
        found = read_samples(path, codec.rate)
    except UnreadableRecording as error:
        raise ValueError(error.why) from error
    if found.channels > 1:
        note("have more than one channel; their mean is translated")
    if found.rate != codec.rate:
        note(f"are of other rates; they are translated at {codec.rate:,} Hz")
    return found.samples


def write_recording(samples: np.ndarray, place: Path, codec: Any) -> None:
    """A translation as a file of 16-bit samples."""
    soundfile.write(place, samples, codec.rate, subtype="PCM_16")


def encoded(samples: np.ndarray, rate: int) -> bytes:
    """Samples (N,) as the bytes of a WAV file."""
    file = io.BytesIO()
    soundfile.write(file, samples.clip(-1, 1), rate, format="WAV", subtype="PCM_16")
    return file.getvalue()
