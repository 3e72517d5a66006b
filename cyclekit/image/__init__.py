"""The image modality: everything that understands Batches of pictures. Importing it registers its parts."""

from cyclekit.image import (
    codec,
    colorizer,
    data,
    encoder_decoder,
    files,
    health,
    importing,
    metrics,
    patchgan,
    projected,
    reconstruction,
    resnet,
    selection,
    total_variation,
    unet,
    unshuffle,
)

__all__ = [
    "codec",
    "colorizer",
    "data",
    "encoder_decoder",
    "files",
    "health",
    "importing",
    "metrics",
    "patchgan",
    "projected",
    "reconstruction",
    "resnet",
    "selection",
    "total_variation",
    "unet",
    "unshuffle",
]
