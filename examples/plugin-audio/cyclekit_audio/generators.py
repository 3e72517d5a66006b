"""Two generators of spectrograms: one sees frames of 256 numbers, the other a plane of time and frequency."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from cyclekit.core.batch import Batch
from cyclekit.registry import register
from cyclekit_audio.codec import SpectrogramCodec


def quiet_padding(batch: Batch) -> Tensor:
    """Levels (B, T, BINS) from silence up, 0 to 2; padding is silence, as what convolutions pad with is."""
    levels = batch.data + 1
    return levels if batch.mask is None else levels * batch.mask[..., None]


class FrameBlock(nn.Module):
    """A residual block over time. Its norm is of each frame by itself, so that padding changes nothing."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.over_time = nn.Conv1d(width, width, 5, padding=2 * dilation, dilation=dilation)
        self.mix = nn.Linear(width, width)

    def forward(self, features: Tensor, mask: Tensor | None) -> Tensor:
        """(B, T, width) to the same."""
        normed = self.norm(features)
        if mask is not None:
            normed = normed * mask[..., None]
        added: Tensor = self.mix(F.gelu(self.over_time(normed.mT).mT))
        return features + added


@register("generator", "frames")
class FrameGenerator(nn.Module):
    """Convolutions over time, every frequency a channel: what a note's partials are can be learned note by note.

    It begins as the identity: what it makes is the source and something that it adds.

    Args:
        width: channels between.
        blocks: residual blocks; their dilations are 1, 2, 4, 1, 2, 4, ...
    """

    def __init__(
        self, source: SpectrogramCodec, target: SpectrogramCodec, *, width: int = 192, blocks: int = 6
    ) -> None:
        super().__init__()
        self.into = nn.Linear(source.bins, width)
        self.blocks = nn.ModuleList([FrameBlock(width, 2 ** (block % 3)) for block in range(blocks)])
        self.out = nn.Linear(width, target.bins)
        self.after_initialisation()

    def after_initialisation(self) -> None:
        """Begin as the identity."""
        for parameter in self.out.parameters():
            nn.init.zeros_(parameter)

    def forward(self, source: Batch, target: Batch | None = None) -> Batch:
        """(B, T, BINS) to the same, of any T."""
        features = self.into(quiet_padding(source))
        for block in self.blocks:
            features = block(features, source.mask)
        return Batch(source.data + self.out(features), source.mask)


class PlaneBlock(nn.Module):
    """A residual block over time and frequency; what it makes of padding is silence again."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        """(B, width, T, F) and what is no padding of it (B, 1, T, 1), to the same."""
        added: Tensor = self.second(F.gelu(self.first(F.gelu(features))) * mask)
        return (features + added) * mask


@register("generator", "planes")
class PlaneGenerator(nn.Module):
    """Convolutions over time and frequency, as of a picture: partials look alike wherever they are.

    It begins as the identity.

    Args:
        width: channels at full resolution; four times as many at a quarter of it.
        blocks: residual blocks at a quarter.
    """

    def __init__(self, source: SpectrogramCodec, target: SpectrogramCodec, *, width: int = 16, blocks: int = 4) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, width, 5, padding=2)
        self.down = nn.Conv2d(width, 4 * width, 4, stride=4)
        self.blocks = nn.ModuleList([PlaneBlock(4 * width) for _ in range(blocks)])
        self.up = nn.Conv2d(4 * width, 16 * width, 1)
        self.out = nn.Conv2d(width, 1, 5, padding=2)
        self.after_initialisation()

    def after_initialisation(self) -> None:
        """Begin as the identity."""
        for parameter in self.out.parameters():
            nn.init.zeros_(parameter)

    def forward(self, source: Batch, target: Batch | None = None) -> Batch:
        """(B, T, BINS) to the same, of any T."""
        length = source.data.shape[1]
        plane = F.pad(quiet_padding(source), (0, 0, 0, -length % 4))[:, None]
        real = source.data.new_ones(source.data.shape[:2]) if source.mask is None else source.mask.to(source.data.dtype)
        mask = F.pad(real, (0, -length % 4))[:, None, :, None]
        coarse_mask = F.max_pool2d(mask, (4, 1))
        full = F.gelu(self.stem(plane)) * mask
        coarse = self.down(full) * coarse_mask
        for block in self.blocks:
            coarse = block(coarse, coarse_mask)
        made = self.out(F.gelu(full + F.pixel_shuffle(self.up(coarse), 4)) * mask)
        return Batch(source.data + made[:, 0, :length], source.mask)
