"""The text modality: everything that understands Batches of sentences. Importing it registers its parts."""

from cyclekit.text import huggingface, pretrained

__all__ = ["huggingface", "pretrained"]
