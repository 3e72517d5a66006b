"""The image modality: everything that understands Batches of pictures. Importing it registers its parts."""

from cyclekit.image import (
    builtin,
    codec,
    colorizer,
    data,
    encoder_decoder,
    files,
    health,
    metrics,
    openmoji,
    patchgan,
    photographs,
    resnet,
    selection,
    unet,
)

__all__ = [
    "builtin",
    "codec",
    "colorizer",
    "data",
    "encoder_decoder",
    "files",
    "health",
    "metrics",
    "openmoji",
    "patchgan",
    "photographs",
    "resnet",
    "selection",
    "unet",
]
