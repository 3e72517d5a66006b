"""Made recordings: random melodies on two synthesised instruments. The same melody on the other one is the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from cyclekit.core.batch import Pair
from cyclekit.registry import did_you_mean, register
from cyclekit_audio.listing import RecordingSet

SCALE = (60, 62, 64, 67, 69, 72, 74, 76, 79, 81)
"""Notes by their MIDI numbers: pentatonic, from middle C up."""

HELD_OUT_FROM = 1_000_000
"""The first held-out melody, far from all that are trained on."""


class Note(NamedTuple):
    """One note of a melody, in seconds from its beginning."""

    start: float
    length: float
    frequency: float
    loudness: float


def melody(seed: int, number: int) -> list[Note]:
    """Melody `number`: four to seven notes that walk up and down the scale."""
    random = np.random.default_rng([seed, number])
    place, time, notes = int(random.integers(len(SCALE))), 0.05, []
    for _ in range(int(random.integers(4, 8))):
        length = float(random.choice([0.25, 0.375, 0.5]))
        frequency = 440 * 2 ** ((SCALE[place] - 69) / 12)
        notes.append(Note(time, length, frequency, float(random.uniform(0.5, 1.0))))
        place = int(np.clip(place + random.choice([-2, -1, 1, 2]), 0, len(SCALE) - 1))
        time += length
    return notes


def music_box(note: Note, time: np.ndarray, rate: int) -> np.ndarray:
    """Struck: there at once, and gone by itself; its partials are a little sharp, and the high ones die first."""
    made = np.zeros_like(time)
    for partial, share in enumerate((1.0, 0.3, 0.12, 0.25), 1):
        frequency = note.frequency * partial * (1 + 0.0008 * partial**2) ** 0.5
        if frequency < rate / 2:
            made += share * np.sin(2 * np.pi * frequency * time) * np.exp(-time * 5 * partial**0.5)
    return made * np.clip(time / 0.004, 0, 1)


def reed_organ(note: Note, time: np.ndarray, rate: int) -> np.ndarray:
    """Blown: it swells, stays as loud as it is, and trembles; odd partials stand out."""
    made = np.zeros_like(time)
    phase = note.frequency * time + note.frequency * 0.004 / (2 * np.pi * 5.5) * np.sin(2 * np.pi * 5.5 * time)
    for partial in range(1, int(rate / 2 / note.frequency) + 1):
        made += (0.7 if partial % 2 else 0.2) / partial * np.sin(2 * np.pi * partial * phase)
    return made * np.clip(time / 0.05, 0, 1)


INSTRUMENTS: dict[str, Callable[[Note, np.ndarray, int], np.ndarray]] = {
    "music_box": music_box,
    "reed_organ": reed_organ,
}


def played(instrument: str, notes: Sequence[Note], rate: int) -> np.ndarray:
    """A melody as samples (N,), float32 from -1 to 1."""
    samples = np.zeros(int((notes[-1].start + notes[-1].length + 0.1) * rate))
    for note in notes:
        time = np.arange(int((note.length + 0.04) * rate)) / rate
        release = np.clip((note.length + 0.04 - time) / 0.04, 0, 1)
        begin = int(note.start * rate)
        sound = INSTRUMENTS[instrument](note, time, rate) * release
        samples[begin : begin + len(time)] += 0.3 * note.loudness * sound[: len(samples) - begin]
    return samples.astype(np.float32)


class MadeRecordings:
    """Melodies on one instrument, played when they are asked for."""

    def __init__(self, instrument: str, seed: int, numbers: Sequence[int]) -> None:
        self.instrument, self.seed, self.numbers = instrument, seed, numbers
        self.names = [f"melody-{number:07d}" for number in numbers]

    def open(self, index: int, rate: int) -> np.ndarray:
        """Samples (N,) of one of them."""
        return played(self.instrument, melody(self.seed, self.numbers[index]), rate)


@register("builtin", "melodies")
def melodies(
    *, a: str = "music_box", b: str = "reed_organ", count: int = 200, held_out: int = 32, seed: int = 0
) -> RecordingSet:
    """Random melodies on a music box and on a reed organ, no real recordings; other melodies on each.

    Args:
        a, b: the instruments.
        count: melodies of each to train on.
        held_out: further ones, played on both.

    Raises:
        ValueError: no such instrument, or fewer than one melody.
    """
    for instrument in (a, b):
        if instrument not in INSTRUMENTS:
            there = ", ".join(INSTRUMENTS)
            raise ValueError(f"no instrument is called '{instrument}'{did_you_mean(instrument, INSTRUMENTS)}; {there}")
    if min(count, held_out) < 1:
        raise ValueError(f"count={count}, held_out={held_out}: both must be at least 1")
    unseen = range(HELD_OUT_FROM, HELD_OUT_FROM + held_out)
    return RecordingSet(
        Pair(MadeRecordings(a, seed, range(count)), MadeRecordings(b, seed, range(count, 2 * count))),
        Pair(MadeRecordings(a, seed, unseen), MadeRecordings(b, seed, unseen)),
        f"made melodies, no real recordings ({a} and {b}; seed {seed})",
        truth=True,
    )
