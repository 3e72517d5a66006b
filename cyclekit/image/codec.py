"""The border of the image modality: pictures to Batches in [-1, 1], and back."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from cyclekit.core.batch import Batch
from cyclekit.core.cell import Cell
from cyclekit.image.bands import Bands, Picture
from cyclekit.image.eight_bits import MODES
from cyclekit.image.pictures import Reading, read_picture
from cyclekit.image.scale import Scale, scale_in_words
from cyclekit.registry import register

Raw = Picture | np.ndarray | torch.Tensor | str | os.PathLike[str]
"""What is encoded: a picture, an array (H, W) or (H, W, bands), a tensor (H, W) or (bands, H, W), or a file."""


@register("codec", "image")
class ImageCodec:
    """Pictures as float32 in [-1, 1]. Encoding and decoding a picture gives back its exact values.

    Without a scale they are Pillow's 8-bit pictures, of 1 or 3 channels. With one they are numbers of any type in any
    number of channels, and what is decoded is an array (H, W, C) of the scale's type.

    Args:
        channels: 3 for colour, 1 for grey, or any other number of bands.
        scale: which numbers are -1 and 1. None: 8-bit pictures; of other channels than 1 and 3, bands from 0 to 255.
        shown: the bands, counted from 1, that sheets show: three as red, green and blue, or one as grey. None: the
            first three, or the first where there are fewer.

    Raises:
        ValueError: no channels, a scale of other channels, or bands to show that there are not.
    """

    name = "image"

    def __init__(self, channels: int = 3, scale: Scale | None = None, shown: Sequence[int] | None = None) -> None:
        if channels < 1:
            raise ValueError(f"channels={channels}: a picture has 1 (grey), 3 (colour) or any other number of bands")
        if scale is None and channels not in MODES:
            scale = Scale.of_type("uint8", channels)
        if scale is not None and len(scale.low) != channels:
            raise ValueError(f"a scale of {len(scale.low)} bands for {channels} channels")
        self.channels, self.scale = channels, scale
        self.shown = tuple(shown) if shown is not None else (1, 2, 3) if channels >= 3 else (1,)
        if len(self.shown) not in (1, 3) or not all(1 <= band <= channels for band in self.shown):
            raise ValueError(
                f"bands to show are one or three of 1 to {channels}, got {', '.join(map(str, self.shown)) or 'none'}"
            )

    @property
    def reading(self) -> Reading:
        """How files of its pictures are read."""
        return Reading(self.channels, self.scale is not None)

    def encode(self, items: Sequence[Raw]) -> Batch:
        """Pictures, arrays or files, of one size, to a Batch (B, C, H, W), float32 in [-1, 1].

        Raises:
            ValueError: no pictures, or pictures of different sizes or channels.
            UnreadablePicture: see `read_picture`, which converts every mode.
        """
        pictures = [self.opened(item) for item in items]
        sizes = sorted({picture.size for picture in pictures})
        if len(sizes) != 1:
            found = ", ".join(f"{width}x{height}" for width, height in sizes) or "no pictures"
            raise ValueError(f"one batch holds pictures of one size, got {found}")
        values = np.stack([self._values(picture) for picture in pictures])
        data = torch.from_numpy(values).permute(0, 3, 1, 2)
        if self.scale is not None:
            return Batch(data.contiguous())
        return Batch(data.float().div_(127.5).sub_(1.0).contiguous())

    def opened(self, item: Raw) -> Picture:
        """An item as this codec reads it: 8 bits, or Bands.

        Raises:
            ValueError: Bands of another number.
            UnreadablePicture: see `read_picture`.
        """
        if isinstance(item, torch.Tensor):
            item = item.detach().cpu().numpy() if item.dim() == 2 else item.detach().cpu().movedim(0, -1).numpy()
        picture = item if isinstance(item, Bands) else read_picture(item, self.reading)
        if not isinstance(picture, Bands):
            return picture
        if self.scale is None or picture.channels != self.channels:
            raise ValueError(f"expected {self.channels} channels, got {picture.channels} bands")
        return picture

    def clipped(self, picture: Bands) -> Bands:
        """With what is beyond the scale at its ends."""
        assert self.scale is not None
        return picture.clipped(np.array(self.scale.low), np.array(self.scale.high))

    def decode(self, batch: Batch) -> list[Image.Image | np.ndarray]:
        """A Batch (B, C, H, W) of any float type to 8-bit pictures, or to arrays (H, W, C) of the scale's type; values
        beyond [-1, 1] are clamped.

        Raises:
            ValueError: the Batch has another number of channels.
        """
        if self.scale is None:
            return list(self.show(batch))
        self._check(batch)
        rows = batch.data.detach().float().permute(0, 2, 3, 1).cpu().numpy()
        return [self.scale.undone(row) for row in rows]

    def show(self, batch: Batch) -> list[Image.Image]:
        """A Batch (B, C, H, W) as 8-bit pictures to look at: of many bands those that are to be shown.

        Raises:
            ValueError: the Batch has another number of channels.
        """
        self._check(batch)
        data = batch.data.detach()
        if self.scale is not None:
            data = data[:, [band - 1 for band in self.shown]]
        values = data.float().add(1.0).mul_(127.5).round_().clamp_(0, 255)  # in place: pictures may be large
        rows = values.to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
        return [Image.fromarray(np.ascontiguousarray(row if row.shape[2] == 3 else row[..., 0])) for row in rows]

    def cells(self, batch: Batch) -> list[Cell]:
        """What a sample sheet shows of a Batch (B, C, H, W): see `show`."""
        return [Cell(np.asarray(picture)) for picture in self.show(batch)]

    def prepare(self, item: Raw, multiple: int, smallest: int = 1) -> tuple[Batch, tuple[int, int]]:
        """One picture of any size for a network that wants multiples: padded by its mirror image, below and right.

        Args:
            smallest: the smallest height and width that the network takes.

        Returns:
            A Batch (1, C, H', W') with H' and W' multiples of `multiple`, and the picture's own (H, W) for `finish`.
        """
        return self.framed(self.encode([item]), multiple, smallest)

    def framed(self, row: Batch, multiple: int, smallest: int = 1) -> tuple[Batch, tuple[int, int]]:
        """What `prepare` does with a picture that is encoded already, (1, C, H, W)."""
        height, width = row.data.shape[2:]
        return Batch(padded(row.data, multiple, smallest)), (height, width)

    def unframed(self, row: Batch, size: tuple[int, int]) -> Batch:
        """Undo the padding on a translated row (1, C, H', W'), which gets `size` (H, W)."""
        return Batch(row.data[:, :, : size[0], : size[1]])

    def finish(self, row: Batch, size: tuple[int, int]) -> Image.Image | np.ndarray:
        """Undo `prepare`'s padding on a translated row (1, C, H', W'), as a picture of `size` (H, W)."""
        return self.decode(self.unframed(row, size))[0]

    def save(self, folder: Path) -> None:
        """Write `codec.json` into `folder`."""
        written: dict[str, object] = {"name": self.name, "channels": self.channels}
        if self.scale is not None:
            written |= {"scale": self.scale._asdict(), "shown": self.shown}
        (folder / "codec.json").write_text(json.dumps(written) + "\n")

    @classmethod
    def load(cls, folder: Path) -> ImageCodec:
        """The codec that `save` wrote into `folder`.

        Raises:
            ValueError: it is damaged.
        """
        try:
            written = json.loads((folder / "codec.json").read_text())
            scale = written.get("scale")
            return cls(written["channels"], None if scale is None else Scale.of(**scale), written.get("shown"))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{folder / 'codec.json'}: is no codec of pictures ({error})") from error

    def changed_since(self, folder: Path) -> str | None:
        """What is other than in the codec that was saved in `folder`, and what to set; None: nothing."""
        saved = ImageCodec.load(folder)
        if saved.scale == self.scale:
            return None
        before, now = (
            "8-bit" if scale is None else f"from {scale_in_words(scale)}" for scale in (saved.scale, self.scale)
        )
        low, high = ("", "") if saved.scale is None else (saved.scale.low[0], saved.scale.high[0])
        remedy = "data.range=null" if saved.scale is None else f"data.range to what it was, such as {low:g},{high:g}"
        return f"values were {before}, and are {now} by now: bring the pictures back, or set {remedy}"

    def _values(self, picture: Picture) -> np.ndarray:
        """(H, W, C): levels uint8, or float32 in [-1, 1]."""
        if self.scale is None:
            return np.asarray(picture).reshape(*picture.size[::-1], self.channels)
        assert isinstance(picture, Bands)
        return self.scale(picture.values)

    def _check(self, batch: Batch) -> None:
        if batch.data.dim() != 4 or batch.data.shape[1] != self.channels:
            raise ValueError(f"expected (B, {self.channels}, H, W), got {tuple(batch.data.shape)}")


def padded(data: torch.Tensor, multiple: int, smallest: int) -> torch.Tensor:
    """Pictures (B, C, H, W) with their mirror image below and at the right, to sides that a network takes."""
    below, right = (-(-max(side, smallest) // multiple) * multiple - side for side in data.shape[2:])
    return _mirrored(_mirrored(data, 2, below), 3, right)


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
