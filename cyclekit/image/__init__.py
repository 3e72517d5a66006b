"""The image modality: everything that understands Batches of pictures. Importing it registers its parts."""

from cyclekit.image import codec

__all__ = ["codec"]
