"""Noise for sentences: what autoencoding must undo, and the masking that makes a first translator of it.

Autoencoding without noise "merely learns to copy" (Lample et al. 2018, ICLR, table 4: 11 BLEU lost without it). All of
it works on whole words, on ids (B, T) as they are, so that no sentence is tokenised twice.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from cyclekit.core.batch import Batch
from cyclekit.core.parts import Bootstrap, Noise
from cyclekit.registry import register


@register("noise", "words")
def words(
    data: Any,
    *,
    shuffle: float = 3.0,
    drop: float = 0.1,
    blank: float = 0.2,
    salient: float = 0.5,
    threshold: float = 1.0,
) -> Noise:
    """Shuffle, drop and blank words; for a share of the sentences, hide what gives their style away instead.

    Args:
        data: the text data part: its codecs and the saliency of their pieces.
        shuffle: how far a word may move; 3 in Lample et al. 2018 (ICLR), section 2.3.
        drop: share of words left out; 0.1 there.
        blank: share of words hidden behind a blank; 0.2 in their code.
        salient: share of the sentences that `saliency` masks instead (Style-masked denoising: Sudhakar et al. 2019).
        threshold: see `saliency`.

    Raises:
        ValueError: shares outside [0, 1], a negative shuffle.
    """
    _check_shares(drop=drop, blank=blank, salient=salient)
    if shuffle < 0:
        raise ValueError(f"shuffle is {shuffle}; it is how many places a word may move, 0 or more")
    hide = Saliency(data, threshold)
    codec = data.codecs.a

    def noisy(real: Batch, domain: str) -> Batch:
        drawn = _blanked(_dropped(_shuffled(real, codec, shuffle), codec, drop), codec, blank)
        if not salient:
            return drawn
        chosen = torch.rand(real.size, 1, device=real.data.device) < salient
        hidden = hide(real, domain)
        return _chosen(chosen, hidden, drawn, codec.pad)

    return noisy


@register("bootstrap", "saliency")
def saliency(data: Any, *, threshold: float = 1.0) -> Bootstrap:
    """The first translator: the sentence with its style hidden, completed in the other domain by the generator itself.

    A denoising autoencoder copies what it is shown; shown blanks where the style was, it writes words of its own domain
    there (Sudhakar et al. 2019).

    Args:
        threshold: words at least this salient are hidden: |log p(word|a) - log p(word|b)|, in nats.
    """
    hide = Saliency(data, threshold)
    return lambda real, domain, generator: generator(hide(real, domain))


class Saliency:
    """Hide the words that tell the domains apart; neighbours become one blank."""

    def __init__(self, data: Any, threshold: float, probability: float = 0.9, others: float = 0.05) -> None:
        """Prepare.

        Args:
            probability: that a salient word is hidden.
            others: that any other word is.

        Raises:
            ValueError: a threshold that is not positive.
        """
        if threshold <= 0:
            raise ValueError(f"threshold is {threshold}; it is in nats, above 0")
        self.codec, self.saliency = data.codecs.a, data.saliency
        self.threshold, self.probability, self.others = threshold, probability, others

    def __call__(self, real: Batch, domain: str) -> Batch:
        """(B, T) to (B, T') with T' <= T."""
        chance = torch.where(self.loudest(real, domain) > self.threshold, self.probability, self.others)
        return _hidden(real, self.codec, _per_word(chance, word_numbers(real, self.codec)) < chance)

    def loudest(self, real: Batch, domain: str) -> Tensor:
        """How salient for its own domain each token's word is, by its loudest piece: (B, T), in nats."""
        if self.saliency.device != real.data.device:
            self.saliency = self.saliency.to(real.data.device)
        own = self.saliency[real.data] if domain == "a" else -self.saliency[real.data]
        word = word_numbers(real, self.codec)
        return torch.full_like(own, -torch.inf).scatter_reduce(1, word, own, "amax").gather(1, word)


def word_numbers(batch: Batch, codec: Any) -> Tensor:
    """Which word of its sentence each token belongs to, from 0: (B, T). The end token is one of its own."""
    begins = codec.begins_word.to(batch.data.device)[batch.data]
    outside = batch.data == codec.end
    if batch.mask is not None:
        outside = outside | ~batch.mask
    begins = begins | outside
    return (begins.cumsum(1) - 1).clamp(min=0)


def _shuffled(batch: Batch, codec: Any, distance: float) -> Batch:
    """Words in the order of their place plus uniform noise: none moves more than `distance` (Lample et al. 2018)."""
    if not distance:
        return batch
    word = word_numbers(batch, codec)
    moved = word + _per_word(word, word) * (distance + 1) - 0.5
    moved = torch.where(on_words(batch, codec), moved, torch.inf)
    order = torch.argsort(moved, dim=1, stable=True)
    return Batch(batch.data.gather(1, order), batch.mask)


def _dropped(batch: Batch, codec: Any, share: float) -> Batch:
    """Without a share of the words; the first is kept, so that something is left."""
    word = word_numbers(batch, codec)
    lost = (_per_word(word, word) < share) & on_words(batch, codec) & (word > 0)
    return _compacted(batch, ~lost, codec.pad)


def _blanked(batch: Batch, codec: Any, share: float) -> Batch:
    word = word_numbers(batch, codec)
    return _hidden(batch, codec, _per_word(word, word) < share)


def _hidden(batch: Batch, codec: Any, chosen: Tensor) -> Batch:
    """Chosen tokens become blanks; neighbouring blanks become one."""
    hide = chosen & on_words(batch, codec)
    data = torch.where(hide, codec.blank, batch.data)
    again = hide.clone()
    again[:, 1:] &= hide[:, :-1]
    again[:, 0] = False
    return _compacted(Batch(data, batch.mask), ~again, codec.pad)


def _compacted(batch: Batch, keep: Tensor, pad: int) -> Batch:
    """Only the tokens to keep, moved together; as short as the longest row allows."""
    mask = keep if batch.mask is None else keep & batch.mask
    order = torch.argsort((~mask).byte(), dim=1, stable=True)
    longest = int(mask.sum(1).max())
    mask = mask.gather(1, order)[:, :longest]
    return Batch(batch.data.gather(1, order)[:, :longest].masked_fill(~mask, pad), mask)


def _chosen(rows: Tensor, first: Batch, second: Batch, pad: int) -> Batch:
    """Rows of the first where `rows` (B, 1) says so, else of the second."""
    assert first.mask is not None and second.mask is not None  # noqa: PT018
    longest = max(first.data.shape[1], second.data.shape[1])

    def wide(tensor: Tensor, value: int) -> Tensor:
        return nn.functional.pad(tensor, (0, longest - tensor.shape[1]), value=value)

    data = torch.where(rows, wide(first.data, pad), wide(second.data, pad))
    mask = torch.where(rows, wide(first.mask, 0), wide(second.mask, 0))
    return Batch(data, mask)


def on_words(batch: Batch, codec: Any) -> Tensor:
    """True on the words, False on the end token and padding."""
    inside = batch.data != codec.end
    return inside if batch.mask is None else inside & batch.mask


def _per_word(like: Tensor, word: Tensor) -> Tensor:
    """One uniform number for each word, at each of its tokens: (B, T) float."""
    return torch.rand(like.shape, device=like.device).gather(1, word)


def _check_shares(**shares: float) -> None:
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise ValueError(f"{name} is {share}; it is a share, from 0 to 1")
