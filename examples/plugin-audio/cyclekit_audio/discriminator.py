"""A discriminator of spectrograms: a score for each frame and its neighbours."""

from __future__ import annotations

from torch import nn
from torch.nn import functional as F

from cyclekit.core.batch import Batch
from cyclekit.registry import register
from cyclekit_audio.codec import SpectrogramCodec
from cyclekit_audio.generators import quiet_padding


@register("discriminator", "excerpts")
class ExcerptDiscriminator(nn.Module):
    """Convolutions over time; every frequency is a channel.

    Args:
        width: channels between.
        layers: convolutions over five frames each.
    """

    def __init__(
        self, judged: SpectrogramCodec, condition: SpectrogramCodec | None = None, *, width: int = 192, layers: int = 3
    ) -> None:
        super().__init__()
        if condition is not None:
            raise ValueError("it judges recordings by themselves, and this objective shows it the input too")
        self.into = nn.Linear(judged.bins, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(layers))
        self.over_time = nn.ModuleList(nn.Conv1d(width, width, 5, padding=2) for _ in range(layers))
        self.score = nn.Linear(width, 1)

    def forward(self, sample: Batch, condition: Batch | None = None) -> Batch:
        """(B, T, BINS) to scores (B, T, 1), with the sample's mask."""
        features = self.into(quiet_padding(sample))
        for norm, layer in zip(self.norms, self.over_time):
            normed = norm(features)
            if sample.mask is not None:
                normed = normed * sample.mask[..., None]
            features = F.leaky_relu(layer(normed.mT).mT, 0.2)
        return Batch(self.score(features), sample.mask)
