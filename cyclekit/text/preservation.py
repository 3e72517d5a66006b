"""What a translation must keep: the words of its source that do not give its style away."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from cyclekit.core.batch import Batch
from cyclekit.core.parts import Preservation
from cyclekit.registry import register
from cyclekit.text.noise import Saliency, inside


@register("preservation", "words")
def words(data: Any, *, threshold: float = 1.0) -> Preservation:
    """Content words of the source that the translation lacks: the mean over all of them of -log sum_t p_t(word).

    A cycle asks that the way back can be found, and a network finds it through words that tell a reader nothing; an
    adversarial term asks for the other style, and a network changes more than it must. This asks for the words
    themselves, wherever they stand: the bag of words of John et al. 2019, less those that carry the style (Sudhakar et
    al. 2019). A word that was drawn costs nothing, so nothing is asked for twice.

    Args:
        data: the text data part: its codecs and the saliency of their pieces.
        threshold: words at least this salient may go: |log p(word|a) - log p(word|b)|, in nats.

    Raises:
        ValueError: a threshold that is not positive.
    """
    saliency = Saliency(data, threshold)

    def lost(source: Batch, domain: str, fake: Batch) -> Tensor:
        """Source (B, S) ids of `domain`; fake (B, T) drawn ids with their logits (B, T, V): a number, 0 if all is kept.

        Raises:
            ValueError: the fake was drawn without a gradient.
        """
        if fake.logits is None:
            raise ValueError("preservation needs sentences that a gradient passes through: set it to 0 in this stage")
        content = inside(source, saliency.codec) & (saliency.loudest(source, domain) <= threshold)
        written = torch.ones_like(fake.data, dtype=torch.bool) if fake.mask is None else fake.mask
        kept = ((source.data[:, :, None] == fake.data[:, None, :]) & written[:, None, :]).any(2)
        missing = content & ~kept
        rows = missing.any(1)  # the others cost nothing, and their distributions need not be looked at
        somewhere = _anywhere(fake.logits[rows].float(), written[rows], source.data[rows])
        return -(somewhere * missing[rows]).sum() / content.sum().clamp(min=1)

    return lost


def _anywhere(logits: Tensor, written: Tensor, wanted: Tensor) -> Tensor:
    """log of how likely each wanted word (B, S) is summed over the places written (B, T) of (B, T, V), at most 0."""
    chosen = logits.gather(2, wanted[:, None, :].expand(-1, logits.shape[1], -1))  # (B, T, S)
    chances = chosen - logits.logsumexp(2, keepdim=True)
    return chances.masked_fill(~written[:, :, None], -torch.inf).logsumexp(1).clamp(max=0)
