"""How long translations are: without pairs, as long as the two domains' own sentences say on average.

Networks that are unsure end early: at every place the one full stop is likelier than each of the many words that may
stand there. With back-translation that feeds on itself, since a short translation teaches the way back to be content
with little. What the domains' mean lengths say of a translation's length needs no pair.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

from cyclekit.core import processes
from cyclekit.core.batch import Batch
from cyclekit.text.codec import KnowsLengths, TextCodec
from cyclekit.text.token_rows import TokenRows

MANY = 0.05
"""Share of sentences that a piece must close, to be what closes sentences."""

RATE = 0.2
"""Nats that one draw moves the bias, for each factor e by which the drawn sentences are too long."""

LARGEST = 5.0
"""Nats. A bias beyond this makes sentences worse, and no longer."""


def expected_ratio(source: TextCodec, target: TextCodec) -> float:
    """Tokens of a translation for each of its source's, by the mean lengths of both domains; 1 if they are unknown."""
    read, made = (codec.typical if isinstance(codec, KnowsLengths) else None for codec in (source, target))
    return made / read if read and made else 1.0


def enders_of(codec: TextCodec) -> list[int]:
    """The end token, and the pieces that close sentences where the codec knows them."""
    return [codec.end, *(codec.closing if isinstance(codec, KnowsLengths) else [])]


def closing_pieces(rows: TokenRows, codec: TextCodec) -> list[int]:
    """Pieces that mostly stand right before the end token, and do so in many sentences: full stops."""
    ends = rows.starts[1:] - 2
    last = rows.ids[ends[rows.lengths > 1]]
    before, all_ = np.bincount(last, minlength=codec.vocabulary), rows.counts(codec.vocabulary)
    return [int(piece) for piece in np.flatnonzero((before > all_ / 2) & (before > MANY * len(last)))]


class EndBias(nn.Module):
    """What is added to the logits of the end token and of full stops, so that what is drawn is as long as it should be.

    One number, moved after every draw of training against the error of that draw's length (Robbins and Monro 1951):
    there is no pass beside the training's own. It is saved with the weights.
    """

    bias: Tensor

    def __init__(self, source: TextCodec, target: TextCodec) -> None:
        super().__init__()
        self.enders = enders_of(target)
        self.wanted = expected_ratio(source, target)
        self.register_buffer("bias", torch.zeros(()))

    def applied(self, logits: Tensor) -> None:
        """Logits (B, V), changed in place."""
        logits[:, self.enders] += self.bias.to(logits.dtype)

    @torch.no_grad()
    def follow(self, source: Batch, drawn: Tensor) -> None:
        """Move by one draw.

        Args:
            source: (B, S) ids that were read.
            drawn: (B, T) True on the tokens that were written, the end token counted.
        """
        read = source.data.new_tensor(source.data.numel()) if source.mask is None else source.mask.sum()
        error = (processes.summed(drawn.sum()) / processes.summed(read)).log() - math.log(self.wanted)
        self.bias.add_(RATE * error).clamp_(-LARGEST, LARGEST)
