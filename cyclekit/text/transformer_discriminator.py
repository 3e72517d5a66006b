"""A Transformer as discriminator of sentences: it reads them as the generator's encoder does, and sums up."""

from __future__ import annotations

import math

import torch
from torch import nn

from cyclekit.core.batch import Batch
from cyclekit.registry import register
from cyclekit.text.attention import EncoderLayer, check_width, positions
from cyclekit.text.codec import TextCodec
from cyclekit.text.relax import embed
from cyclekit.text.textcnn import check_single_sentences, with_blanks


@register("discriminator", "transformer")
class TransformerDiscriminator(nn.Module):
    """A small pre-LN Transformer encoder whose first position sums the sentence up (Style Transformer, Dai et al. 2019,
    section 3.3; Devlin et al. 2019); one score a row.

    It sees what the whole sentence says, where `textcnn` sees a few neighbouring words; it also costs more, and a
    generator hears from it later.
    """

    def __init__(
        self,
        judged: TextCodec,
        condition: TextCodec | None,
        *,
        width: int = 128,
        layers: int = 2,
        heads: int = 4,
        hidden: int | None = None,
        dropout: float = 0.1,
        blank: float = 0.1,
    ) -> None:
        """Build the network, with its own embeddings.

        Args:
            width: E; a multiple of 2 x `heads`.
            hidden: of the feed-forward parts; null for 2 x width.
            blank: share of tokens hidden while training, so that it cannot rest on one word.

        Raises:
            ValueError: sizes that do not go together, a blank that is no share, or a condition, which sentences have
                not.
        """
        super().__init__()
        check_single_sentences(condition, blank)
        check_width(width, heads)
        self.embedding = nn.Parameter(torch.randn(judged.vocabulary, width) * width**-0.5)
        self.sum = nn.Parameter(torch.zeros(1, 1, width))
        self.layers = nn.ModuleList(EncoderLayer(width, heads, hidden or 2 * width, dropout) for _ in range(layers))
        self.read, self.score = nn.LayerNorm(width), nn.Linear(width, 1)
        self.blank = blank

    def forward(self, sample: Batch, condition: Batch | None = None) -> Batch:
        """Score sentences (B, T) or (B, T, V): scores (B, 1), raw."""
        words = with_blanks(embed(sample, self.embedding), sample.mask, self.blank if self.training else 0.0)
        words = words * math.sqrt(words.shape[2]) + positions(0, words.shape[1], words.shape[2], words.device)
        state = torch.cat([self.sum.expand(len(words), -1, -1), words], 1)
        mask = None if sample.mask is None else nn.functional.pad(sample.mask, (1, 0), value=True)[:, None, None, :]
        for layer in self.layers:
            state = layer(state, mask)
        return Batch(self.score(self.read(state[:, 0])))
