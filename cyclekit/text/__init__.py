"""The text modality: everything that understands Batches of sentences. Importing it registers its parts."""

from cyclekit.text import (
    bible,
    codec,
    data,
    files,
    formality,
    health,
    huggingface,
    likelihood,
    metrics,
    noise,
    preservation,
    pretrained,
    reader,
    reviews,
    textcnn,
    transformer,
)

__all__ = [
    "bible",
    "codec",
    "data",
    "files",
    "formality",
    "health",
    "huggingface",
    "likelihood",
    "metrics",
    "noise",
    "preservation",
    "pretrained",
    "reader",
    "reviews",
    "textcnn",
    "transformer",
]
