"""Recordings, as the rooms that know no modality see them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cyclekit.core.modality import Example, Modality
from cyclekit.files.one_by_one import one_each
from cyclekit.files.walking import walk
from cyclekit.registry import register
from cyclekit_audio.files import ENDINGS, read_recording, write_recording


@register("modality", "recordings")
def recordings() -> Modality:
    """Recordings: sound, looked at as spectrograms."""
    return Modality(
        item="recording",
        items="recordings",
        together=16,
        dimensions=(1,),
        files=one_each("recordings", ENDINGS, read_recording, write_recording),
        holds=recordings_at,
        task="audio-to-audio",
        example=Example('"melody.wav"', "melody.wav"),
    )


def recordings_at(places: Sequence[Path]) -> int:
    """How many files at and below some places are recordings."""
    files = [path for place in places for path in (walk(place).files if place.is_dir() else [place])]
    return sum(path.suffix.lower() in ENDINGS for path in files)
