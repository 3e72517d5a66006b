"""The text modality: everything that understands Batches of sentences. Importing it registers its parts."""

from cyclekit.text import (
    codec,
    data,
    files,
    health,
    huggingface,
    lexicon,
    likelihood,
    metrics,
    noise,
    preservation,
    pretrained,
    reranking,
    textcnn,
    transformer,
    transformer_discriminator,
)

__all__ = [
    "codec",
    "data",
    "files",
    "health",
    "huggingface",
    "lexicon",
    "likelihood",
    "metrics",
    "noise",
    "preservation",
    "pretrained",
    "reranking",
    "textcnn",
    "transformer",
    "transformer_discriminator",
]
