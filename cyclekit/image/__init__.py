"""The image modality: everything that understands Batches of pictures. Importing it registers its parts."""

from cyclekit.image import builtin, codec, data, encoder_decoder, files, metrics, patchgan, resnet, unet

__all__ = ["builtin", "codec", "data", "encoder_decoder", "files", "metrics", "patchgan", "resnet", "unet"]
