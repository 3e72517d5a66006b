"""The border of the image modality: Pillow pictures to Batches in [-1, 1], and back."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from cyclekit.core.batch import Batch
from cyclekit.image.pictures import mode_of, open_picture
from cyclekit.registry import register


@register("codec", "image")
class ImageCodec:
    """8-bit pictures as float32 in [-1, 1]. Encoding and decoding a picture gives back its exact bytes.

    Args:
        channels: 3 for colour, 1 for grey.

    Raises:
        ValueError: any other number of channels.
    """

    name = "image"

    def __init__(self, channels: int = 3) -> None:
        self.mode = mode_of(channels)
        self.channels = channels

    def encode(self, items: Sequence[Image.Image | str | os.PathLike[str]]) -> Batch:
        """Pictures (or files) of one size to a Batch (B, C, H, W), float32 in [-1, 1].

        Raises:
            ValueError: no pictures, or pictures of different sizes.
            UnreadablePicture: see `open_picture`, which converts every mode.
        """
        pictures = [open_picture(item, self.channels) for item in items]
        sizes = sorted({picture.size for picture in pictures})
        if len(sizes) != 1:
            found = ", ".join(f"{width}x{height}" for width, height in sizes) or "no pictures"
            raise ValueError(f"one batch holds pictures of one size, got {found}")
        values = np.stack([np.asarray(picture).reshape(*picture.size[::-1], self.channels) for picture in pictures])
        return Batch(torch.from_numpy(values).permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0).contiguous())

    def decode(self, batch: Batch) -> list[Image.Image]:
        """A Batch (B, C, H, W) of any float type to 8-bit pictures; values beyond [-1, 1] are clamped.

        Raises:
            ValueError: the Batch has another number of channels.
        """
        if batch.data.dim() != 4 or batch.data.shape[1] != self.channels:
            raise ValueError(f"expected (B, {self.channels}, H, W), got {tuple(batch.data.shape)}")
        values = batch.data.detach().float().add(1.0).mul(127.5).round().clamp(0, 255)
        rows = values.to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
        return [Image.fromarray(np.ascontiguousarray(row if self.channels == 3 else row[..., 0])) for row in rows]

    def prepare(
        self, item: Image.Image | str | os.PathLike[str], multiple: int, smallest: int = 1
    ) -> tuple[Batch, tuple[int, int]]:
        """One picture of any size for a network that wants multiples: padded by its mirror image, below and right.

        Args:
            smallest: the smallest height and width that the network takes.

        Returns:
            A Batch (1, C, H', W') with H' and W' multiples of `multiple`, and the picture's own (H, W) for `finish`.
        """
        batch = self.encode([item])
        height, width = batch.data.shape[2:]
        below, right = (-(-max(side, smallest) // multiple) * multiple - side for side in (height, width))
        data = _mirrored(_mirrored(batch.data, 2, below), 3, right)
        return Batch(data), (height, width)

    def finish(self, row: Batch, size: tuple[int, int]) -> Image.Image:
        """Undo `prepare`'s padding on a translated row (1, C, H', W'), as a picture of `size` (H, W)."""
        return self.decode(Batch(row.data[:, :, : size[0], : size[1]]))[0]

    def save(self, folder: Path) -> None:
        """Write `codec.json` into `folder`."""
        (folder / "codec.json").write_text(json.dumps({"name": self.name, "channels": self.channels}) + "\n")

    @classmethod
    def load(cls, folder: Path) -> ImageCodec:
        """The codec that `save` wrote into `folder`."""
        return cls(channels=json.loads((folder / "codec.json").read_text())["channels"])


def _mirrored(data: torch.Tensor, dimension: int, missing: int) -> torch.Tensor:
    """Append the mirror image of the end, again and again where the picture is shorter than what is missing."""
    while missing > 0:
        length = data.shape[dimension]
        take = min(missing, max(length - 1, 1))
        # Without the edge itself where there is more than the edge, as reflection padding does.
        start = length - 1 - take if length > 1 else 0
        data = torch.cat([data, data.narrow(dimension, start, take).flip(dimension)], dimension)
        missing -= take
    return data
