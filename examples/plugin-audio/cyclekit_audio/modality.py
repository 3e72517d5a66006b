"""Recordings, as the rooms that know no modality see them."""

from __future__ import annotations

from cyclekit.core.modality import Example, Modality
from cyclekit.files.one_by_one import one_each
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
        task="audio-to-audio",
        example=Example('"melody.wav"', "melody.wav"),
    )
