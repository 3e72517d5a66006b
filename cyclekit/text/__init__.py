"""The text modality: everything that understands Batches of sentences. Importing it registers its parts."""

from cyclekit.text import huggingface, likelihood, noise, pretrained, textcnn, transformer

__all__ = ["huggingface", "likelihood", "noise", "pretrained", "textcnn", "transformer"]
