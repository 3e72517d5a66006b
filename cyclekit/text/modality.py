"""Sentences, as the rooms that know no modality see them."""

from __future__ import annotations

from cyclekit.core.modality import Example, Modality
from cyclekit.registry import register
from cyclekit.text.checking import audit, sentences_at
from cyclekit.text.files import text_files


@register("modality", "sentences")
def sentences() -> Modality:
    """Sentences: thousands of times smaller than pictures, and of many lengths."""
    return Modality(
        item="sentence",
        items="sentences",
        together=64,
        ahead=32,
        dimensions=(),
        files=text_files,
        holds=sentences_at,
        audit=audit,
        task="text-generation",  # the hub took `text2text-generation` out of its tasks in 2025, into this one
        tags=("text2text-generation",),
        example=Example('"a sentence"', "sentences.txt"),
    )
