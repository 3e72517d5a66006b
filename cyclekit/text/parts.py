"""All parts of the text modality: importing this registers them."""

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
    translations,
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
    "translations",
]
