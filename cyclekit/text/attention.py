"""The layers of a Transformer: attention, feed-forward, pre-LN residuals, and the cache of a decoder.

B rows, H heads, T positions asking, S positions asked, E width, D = E / H.
"""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class KeysValues(NamedTuple):
    """What attention looks up: keys and values, both (B, H, S, D)."""

    keys: Tensor
    values: Tensor


class Cache:
    """One decoder layer's memory: the source's keys and values, and those of the words written so far."""

    seen: Tensor | None = None
    """(1, 1, 1, T) True at the places of `append`'s answer that were written; None: all were."""

    def __init__(self, memorised: KeysValues, written: KeysValues | None = None) -> None:
        self.memorised, self.written = memorised, written

    def append(self, new: KeysValues) -> KeysValues:
        """Add one position; all there are. New tensors, so that a graph may run through them."""
        if self.written is not None:
            new = KeysValues(*(torch.cat(both, 2) for both in zip(self.written, new)))
        self.written = new
        return new

    def select(self, rows: Tensor) -> Cache:
        """The same for these rows (K,)."""
        kept = [
            None if pair is None else KeysValues(*(t[rows] for t in pair)) for pair in (self.memorised, self.written)
        ]
        assert kept[0] is not None
        return Cache(kept[0], kept[1])


class FixedCache(Cache):
    """A cache with room for all that will be written, in tensors that stay where they are: no shape changes by word."""

    def __init__(self, memorised: KeysValues, most: int, place: Tensor) -> None:
        """Make room.

        Args:
            most: words.
            place: (1,) int64, the place of the next word; whoever writes moves it.
        """
        heads, width = memorised.keys.shape[1], memorised.keys.shape[3]
        room = [each.new_zeros(len(each), heads, most, width) for each in memorised]
        super().__init__(memorised, KeysValues(*room))
        self.place, self.places = place, torch.arange(most, device=place.device)

    @property
    def room(self) -> int:
        """How many words."""
        return len(self.places)

    @property
    def seen(self) -> Tensor:  # type: ignore[override]
        """(1, 1, 1, T) True up to the word that was written last."""
        return (self.places <= self.place)[None, None, None]

    def append(self, new: KeysValues) -> KeysValues:
        """Write one position in its place; all there is room for."""
        assert self.written is not None
        for room, one in zip(self.written, new):
            room.index_copy_(2, self.place, one)
        return self.written

    def select(self, rows: Tensor) -> Cache:
        """Refused: rows that stay where they are stay all.

        Raises:
            TypeError: always.
        """
        raise TypeError("a fixed cache keeps all of its rows")


class Attention(nn.Module):
    """Scaled dot-product attention with several heads (Vaswani et al. 2017, section 3.2)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.ask = nn.Linear(width, width)
        self.look = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def looked_up(self, state: Tensor) -> KeysValues:
        """Keys and values of (B, S, E)."""
        keys, values = self.look(state).chunk(2, 2)
        return KeysValues(self._heads(keys), self._heads(values))

    def forward(self, state: Tensor, there: KeysValues, mask: Tensor | None = None, causal: bool = False) -> Tensor:
        """What (B, T, E) finds among keys and values: (B, T, E). `mask` (B, 1, 1, S) is True where one may look."""
        found = attended(self._heads(self.ask(state)), there, mask, causal)
        return self.out(found.transpose(1, 2).flatten(2))

    def _heads(self, state: Tensor) -> Tensor:
        return state.unflatten(2, (self.heads, -1)).transpose(1, 2)


def attended(asking: Tensor, there: KeysValues, mask: Tensor | None, causal: bool) -> Tensor:
    """softmax(QK' / sqrt(D)) V of (B, H, T, D), as plain products on a processor.

    PyTorch's fused kernel takes ten times as long there on the way back, for sentences; elsewhere it is the fast one.
    """
    if asking.device.type != "cpu":
        return F.scaled_dot_product_attention(asking, *there, attn_mask=mask, is_causal=causal)
    scores = (asking * asking.shape[3] ** -0.5) @ there.keys.transpose(2, 3)
    if causal:
        ones = torch.ones(scores.shape[2:], dtype=torch.bool, device=scores.device)
        mask = ones.tril() if mask is None else mask & ones.tril()
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    return torch.softmax(scores, 3) @ there.values


class EncoderLayer(nn.Module):
    """Attention to all positions, then a feed-forward part, each added to what came in (Xiong et al. 2020)."""

    def __init__(self, width: int, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.before_attention, self.attention = nn.LayerNorm(width), Attention(width, heads)
        self.forward_part = feed_forward(width, hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, state: Tensor, mask: Tensor | None) -> Tensor:
        """(B, S, E) to (B, S, E)."""
        normed = self.before_attention(state)
        state = state + self.dropout(self.attention(normed, self.attention.looked_up(normed), mask))
        return state + self.dropout(self.forward_part(state))


class DecoderLayer(nn.Module):
    """As the encoder's, but attention sees earlier positions only, and then the source."""

    def __init__(self, width: int, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.before_attention, self.attention = nn.LayerNorm(width), Attention(width, heads)
        self.before_memory, self.memory = nn.LayerNorm(width), Attention(width, heads)
        self.forward_part = feed_forward(width, hidden)
        self.dropout = nn.Dropout(dropout)

    def memorised(self, memory: Tensor) -> KeysValues:
        """The source (B, S, E) as this layer looks it up; computed once for all positions."""
        return self.memory.looked_up(memory)

    def forward(self, state: Tensor, source: KeysValues, mask: Tensor | None, cache: Cache | None = None) -> Tensor:
        """(B, T, E) to (B, T, E): all positions at once, or with a cache the one that comes next."""
        normed = self.before_attention(state)
        own = self.attention.looked_up(normed)
        there = own if cache is None else cache.append(own)
        seen = None if cache is None else cache.seen
        state = state + self.dropout(self.attention(normed, there, seen, causal=cache is None))
        state = state + self.dropout(self.memory(self.before_memory(state), source, mask))
        return state + self.dropout(self.forward_part(state))


def check_width(width: int, heads: int) -> None:
    """Refuse a width that heads cannot share, or positions cannot be written in.

    Raises:
        ValueError: it is no multiple of twice the heads.
    """
    if heads < 1 or width < 1 or width % (2 * heads):
        raise ValueError(f"width {width} is not a multiple of 2 x {heads} heads, 1 or more")


def feed_forward(width: int, hidden: int) -> nn.Sequential:
    """Norm, wider, ReLU, back (Vaswani et al. 2017, section 3.3)."""
    return nn.Sequential(nn.LayerNorm(width), nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, width))


def positions(start: int, stop: int, width: int, device: torch.device) -> Tensor:
    """Sinusoids (stop - start, E) of the positions (Vaswani et al. 2017, section 3.5)."""
    return _sinusoids(width, device, -(-stop // 64) * 64)[start:stop]


@functools.lru_cache(maxsize=32)
def _sinusoids(width: int, device: torch.device, count: int) -> Tensor:
    with torch.no_grad(), torch.autocast(device.type, enabled=False):
        where = torch.arange(count, dtype=torch.float32, device=device)[:, None]
        pace = torch.exp(torch.arange(0, width, 2, device=device) * (-math.log(10_000.0) / width))
        return torch.stack([torch.sin(where * pace), torch.cos(where * pace)], 2).flatten(1)
