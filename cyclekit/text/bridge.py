"""How a generator's sentences come about while it learns: drawn, and with a way back for the gradient.

Drawing a word needs the words before it, so a graph through drawing is as long as the sentence. `draw_then_rescore`
draws without a graph, on a cache, and keeps the noise; then one parallel pass over the drawn words, as in teacher
forcing, gives the same logits with a graph (the parallel pass is UnsupervisedMT's, Lample et al. 2018). What it leaves
out is the gradient through the decoder's own inputs. `step_by_step` keeps that, at the price of the long graph; `soft`
feeds distributions instead of words (Style Transformer, Dai et al. 2019, section 3.3). Both are here to compare with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple, Protocol

import torch
from torch import Tensor

from cyclekit.core.batch import Batch
from cyclekit.text.codec import TextCodec
from cyclekit.text.relax import gumbel

Bridge = Literal["draw_then_rescore", "step_by_step", "soft"]

LOWEST = -1e9
"""The logit of a word that must not be drawn: finite, so that nothing divides infinity by infinity."""

Constraints = Callable[[Tensor, Tensor | None, Tensor], Tensor]
"""(logits (B, T, V), the words before (B, T) or None, whether the row must end here (B, T)) -> the same logits, changed

In place: a copy of all logits for a few entries would cost more than the entries.
"""


class WordByWord(Protocol):
    """What a generator gives to be drawn from; `decoding` searches through the same methods."""

    target: TextCodec
    bridge: Bridge
    noise: float
    temperature: float
    constraints: Constraints
    training: bool

    def begin(self, source: Batch) -> Any:
        """Read a source. The answer has `longest`, `most` (B,) and `select`."""
        ...

    def advance(self, reading: Any, words: Tensor | Batch | None = None) -> Tensor:
        """Write a word (B,), None at the start; the next word's logits (B, V), float32, constrained."""
        ...

    def score(self, source: Batch, ids: Tensor) -> Tensor:
        """Logits (B, T, V), float32, unconstrained, of given words, all positions at once."""
        ...


class Drawn(NamedTuple):
    """Words that were drawn, and what was drawn with."""

    ids: Tensor
    """(B, T)"""
    mask: Tensor
    """(B, T) True up to the end token."""
    most: Tensor
    """(B,) the most tokens that each row could have had."""
    noise: Tensor | None
    """(B, T, V) scaled Gumbel noise; None: the likeliest words."""


def translated(generator: Any, source: Batch) -> Batch:
    """A generator's translation (B, T), with logits where a gradient is wanted.

    Without gradients (`torch.no_grad`) only ids: the likeliest words in eval mode, drawn with noise in training mode.
    """
    if not torch.is_grad_enabled():
        drawn = draw(generator, source, generator.noise if generator.training else 0.0)
        return Batch(drawn.ids, drawn.mask)
    with without_dropout(generator):  # so that drawing and scoring agree
        if generator.bridge != "draw_then_rescore":
            return _with_long_graph(generator, source)
        drawn = draw(generator, source, generator.noise)
        logits = rescored(generator, source, drawn)
    return Batch(drawn.ids, drawn.mask, logits if generator.temperature == 1 else logits / generator.temperature)


@torch.no_grad()
def draw(generator: WordByWord, source: Batch, noise: float) -> Drawn:
    """Draw sentences word by word on a cache, each word the argmax of its logits plus scaled Gumbel noise."""
    reading = generator.begin(source.detach())
    words: Tensor | None = None
    ended = torch.zeros_like(reading.most, dtype=torch.bool)
    ids, masks, noises = [], [], []
    for _ in range(reading.longest):
        logits = generator.advance(reading, words)
        if noise:
            noises.append(gumbel(tuple(logits.shape), logits.device).mul_(noise))
            logits = logits.add_(noises[-1])
        words = logits.argmax(1).masked_fill_(ended, generator.target.pad)
        ids.append(words)
        masks.append(~ended)
        ended = ended | (words == generator.target.end)
        if ended.all():
            break
    return Drawn(torch.stack(ids, 1), torch.stack(masks, 1), reading.most, torch.stack(noises, 1) if noises else None)


def rescored(generator: WordByWord, source: Batch, drawn: Drawn) -> Tensor:
    """The logits (B, T, V) that `drawn` was drawn from, noise included, with a graph."""
    before = torch.nn.functional.pad(drawn.ids[:, :-1], (1, 0), value=generator.target.pad)
    places = torch.arange(1, drawn.ids.shape[1] + 1, device=drawn.ids.device)
    logits = generator.constraints(generator.score(source, drawn.ids), before, drawn.most[:, None] == places)
    return logits if drawn.noise is None else logits + drawn.noise


def _with_long_graph(generator: Any, source: Batch) -> Batch:
    """Words or distributions fed back with their gradients, position by position."""
    reading = generator.begin(source)
    words: Batch | None = None
    ended = torch.zeros_like(reading.most, dtype=torch.bool)
    ids, masks, all_logits = [], [], []
    for _ in range(reading.longest):
        logits = generator.advance(reading, words)
        if generator.noise:
            logits = logits + gumbel(tuple(logits.shape), logits.device).mul_(generator.noise)
        logits = (logits / generator.temperature)[:, None]
        drawn = logits.detach().argmax(2).masked_fill_(ended[:, None], generator.target.pad)
        words = Batch(drawn, None, logits) if generator.bridge == "step_by_step" else Batch(torch.softmax(logits, 2))
        ids.append(drawn)
        masks.append(~ended)
        all_logits.append(logits)
        ended = ended | (drawn[:, 0] == generator.target.end)
        if ended.all():
            break
    result = Batch(torch.cat(ids, 1), torch.stack(masks, 1), torch.cat(all_logits, 1))
    if generator.bridge == "step_by_step":
        return result
    assert result.logits is not None
    return Batch(torch.softmax(result.logits, 2), result.mask)


def constraints(target: TextCodec, no_repeat: bool) -> Constraints:
    """What may not be drawn: padding and blanks, words the domain does not have, a word begun twice in a row.

    And a row that has as many tokens as it may must end.
    """
    never = torch.zeros(target.vocabulary) if target.allowed is None else torch.where(target.allowed, 0.0, LOWEST)
    never[[target.pad, target.unknown, target.blank]] = LOWEST
    only_end = torch.full((target.vocabulary,), LOWEST)
    only_end[target.end] = 0.0
    once = target.begins_word.float() * LOWEST if no_repeat else None
    tables: dict[torch.device, tuple[Tensor, Tensor, Tensor | None]] = {}

    def constrain(logits: Tensor, before: Tensor | None, last: Tensor) -> Tensor:
        device = logits.device
        if device not in tables:
            tables[device] = never.to(device), only_end.to(device), None if once is None else once.to(device)
        forbidden, end, twice = tables[device]
        logits.add_(forbidden)
        if twice is not None and before is not None:
            logits.scatter_add_(2, before.unsqueeze(2), twice[before].unsqueeze(2))
        return logits.index_put_((last,), end) if last.any() else logits

    return constrain


@contextmanager
def without_dropout(generator: torch.nn.Module) -> Iterator[None]:
    """Every module in eval mode, and afterwards as it was."""
    modes = [(module, module.training) for module in generator.modules()]
    for module, _ in modes:
        module.training = False
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode
