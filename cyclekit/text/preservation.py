"""What a translation must keep: the words of its source that do not give its style away."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from cyclekit.core import processes
from cyclekit.core.batch import Batch, Pair
from cyclekit.core.parts import Preservation
from cyclekit.registry import register
from cyclekit.text.codec import TextCodec
from cyclekit.text.noise import Saliency, on_words
from cyclekit.text.relax import log_sums


@register("preservation", "words")
def words(data: Any, *, threshold: float = 1.0) -> Preservation:
    """Content words of the source that the translation lacks: the mean over all of them of -log sum_t p_t(word).

    Pieces that the other domain cannot write (unknown ones, and all but its own with `data.own_words`) are no content.

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
    writable = Pair(*map(_writable, data.codecs))

    def lost(source: Batch, domain: str, fake: Batch) -> Tensor:
        """Source (B, S) ids of `domain`; fake (B, T) drawn ids with their logits (N, V): a number, 0 if all is kept.

        Raises:
            ValueError: the fake was drawn without a gradient.
        """
        if not isinstance(fake.logits, Tensor):
            raise ValueError("preservation needs sentences that a gradient passes through: set it to 0 in this stage")
        may_be_written = (writable.b if domain == "a" else writable.a).to(source.data.device)
        # What the other side cannot write is asked for in vain, at a price of 1e9.
        content = on_words(source, saliency.codec) & may_be_written[source.data]
        content = content & (saliency.loudest(source, domain) <= threshold)
        written = torch.ones_like(fake.data, dtype=torch.bool) if fake.mask is None else fake.mask
        kept = ((source.data[:, :, None] == fake.data[:, None, :]) & written[:, None, :]).any(2)
        missing = content & ~kept
        chances: Tensor = _Somewhere.apply(fake.logits, source.data, written, missing)
        return -processes.sharers() * chances.sum() / processes.summed(content.sum()).clamp(min=1)

    return lost


def _writable(codec: TextCodec) -> Tensor:
    """(V,) True for the pieces that a generator of this codec's sentences may write; see `bridge.constraints`."""
    writable = torch.ones(codec.vocabulary, dtype=torch.bool) if codec.allowed is None else codec.allowed.clone()
    writable[[codec.pad, codec.unknown, codec.blank]] = False
    return writable


class _Somewhere(torch.autograd.Function):
    """log of how likely each missing word (B, S) is, summed over the places written, at most 0; 0 for the others.

    With p the softmax of the logits (N, V) of the places written (B, T) and r_ts = p_t(w_s) / sum_t p_t(w_s), the
    gradient of the sum is sum_s r_ts (1[v = w_s] - p_t(v)): one exponential of the logits, where autograd would hold
    four more of their size.
    """

    @staticmethod
    def forward(ctx: Any, logits: Tensor, words: Tensor, written: Tensor, missing: Tensor) -> Tensor:
        row = written.nonzero()[:, 0]  # of each token
        # Rows that miss nothing cost nothing, and are not looked at.
        tokens = missing.any(1)[row].nonzero()[:, 0]
        of_tokens, wanted, row = logits[tokens].float(), words[row[tokens]], row[tokens]
        normaliser = log_sums(of_tokens)[:, None]
        places = written & missing.any(1, keepdim=True)
        chances = logits.new_full((*written.shape, words.shape[1]), -torch.inf, dtype=torch.float32)  # (B, T, S)
        chances[places] = of_tokens.gather(1, wanted) - normaliser
        somewhere = chances.logsumexp(1, keepdim=True)
        # A sum above 1 is as good as certain, and asks for nothing more.
        asked = missing[:, None, :] & (somewhere < 0)
        shares = torch.where(asked, (chances - somewhere).exp(), 0.0)[places]  # r_ts, of each token
        ctx.save_for_backward(of_tokens, normaliser, wanted, shares, tokens, row)
        ctx.shape = logits.shape
        return torch.where(asked, somewhere, 0.0)[:, 0]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        of_tokens, normaliser, wanted, shares, tokens, row = ctx.saved_tensors
        shares = shares * gradients[0][row]
        of_logits = of_tokens.new_zeros(ctx.shape)
        soft = torch.sub(of_tokens, normaliser).exp_().mul_(-shares.sum(1, keepdim=True))
        soft.scatter_add_(1, wanted, shares)
        return of_logits.index_copy_(0, tokens, soft), None, None, None
