"""How a generator's sentences come about while it learns: drawn, and with a way back for the gradient.

Drawing a word needs the words before it, so a graph through drawing is as long as the sentence. `draw_then_rescore`
draws without a graph, on a cache, and keeps what it drew from; then one parallel pass over the drawn words, as in
teacher forcing, gives these logits a graph (the parallel pass is UnsupervisedMT's, Lample et al. 2018). What it leaves
out is the gradient through the decoder's own inputs. `step_by_step` keeps that, at the price of the long graph; `soft`
feeds distributions instead of words (Style Transformer, Dai et al. 2019, section 3.3). Both are here to compare with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple, Protocol

import torch
from torch import Tensor

from cyclekit.core.batch import Batch, Product
from cyclekit.text.codec import TextCodec
from cyclekit.text.relax import gumbel, with_graph
from cyclekit.text.scripts import begins_without_space

Bridge = Literal["draw_then_rescore", "step_by_step", "soft"]

NoRepeat = bool | Literal["pieces"]
"""Whether a piece that begins a word may follow itself; "pieces": nor one of several letters inside a word."""

LOWEST = -1e9
"""The logit of a word that must not be drawn: finite, so that nothing divides infinity by infinity."""

Constraints = Callable[[Tensor, Tensor | None, Tensor], Tensor]
"""(logits (B, V), the words before (B,) or None, whether the row must end here (B,)) -> the same logits, changed

In place: a copy of all logits for a few entries would cost more than the entries.
"""

ENDED = 0.25
"""Share of a batch's rows that have ended at which the others go on without them. Rows are taken out by copying."""


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

    def score(self, source: Batch, target: Batch) -> Tensor | Product:
        """Logits (N, V) of a target's real tokens, float32, unconstrained, all at once."""
        ...


class Drawn(NamedTuple):
    """Words that were drawn, and what they were drawn from."""

    ids: Tensor
    """(B, T)"""
    mask: Tensor
    """(B, T) True up to the end token."""
    logits: Tensor | None
    """(N, V) of each drawn word, constraints and noise included: it is their argmax. None where nobody asked."""


def translated(generator: Any, source: Batch) -> Batch:
    """A generator's translation (B, T), with logits where a gradient is wanted.

    Without gradients (`torch.no_grad`) only ids: the likeliest words in eval mode, drawn with noise in training mode.
    """
    learning, end_bias = generator.training, getattr(generator, "end_bias", None)
    drawing = draw_in_place if learning and getattr(generator, "fixed_cache", False) else draw
    if not torch.is_grad_enabled():
        drawn = drawing(generator, source, generator.noise if learning else 0.0, keep=False)
        if learning and end_bias is not None:
            end_bias.follow(source, drawn.mask)
        return Batch(drawn.ids, drawn.mask)
    with without_dropout(generator):  # so that drawing and scoring agree
        if generator.bridge != "draw_then_rescore":
            return _with_long_graph(generator, source)
        drawn = drawing(generator, source, generator.noise)
        logits = rescored(generator, source, drawn)
    if learning and end_bias is not None:
        end_bias.follow(source, drawn.mask)
    return Batch(drawn.ids, drawn.mask, logits if generator.temperature == 1 else logits / generator.temperature)


@torch.no_grad()
def draw(generator: WordByWord, source: Batch, noise: float, *, keep: bool = True) -> Drawn:
    """Draw sentences word by word on a cache, each word the argmax of its logits plus scaled Gumbel noise.

    Args:
        keep: whether to keep the logits.
    """
    reading, target = generator.begin(source.detach()), generator.target
    longest = reading.longest
    ids = torch.full((source.size, longest), target.pad, device=reading.most.device)
    mask = torch.zeros_like(ids, dtype=torch.bool)
    rows = torch.arange(source.size, device=ids.device)  # the place in the batch of each row that is still written
    ended = torch.zeros_like(rows, dtype=torch.bool)
    words: Tensor | None = None
    seen: list[tuple[Tensor, Tensor]] = []
    for place in range(longest):
        logits = generator.advance(reading, words)
        if noise:
            logits = logits.add_(gumbel(tuple(logits.shape), logits.device).mul_(noise))
        if keep:
            seen.append((rows, logits))
        words = logits.argmax(1).masked_fill_(ended, target.pad)
        ids[rows, place], mask[rows, place] = words, ~ended
        ended = ended | (words == target.end)
        over = int(ended.sum())
        if over == len(rows):
            break
        if over >= ENDED * len(rows):
            going = (~ended).nonzero()[:, 0]
            rows, words, ended = rows[going], words[going], ended[going]
            reading.select(going)
    ids, mask = ids[:, : place + 1], mask[:, : place + 1]
    return Drawn(ids, mask, _row_by_row(mask, seen) if keep else None)


LOOK = 8
"""Words after which a fixed cache's drawing looks whether all rows have ended: to look is to wait for a card."""


@torch.no_grad()
def draw_in_place(generator: Any, source: Batch, noise: float, *, keep: bool = True) -> Drawn:
    """`draw` with no shape that depends on what is drawn: on a fixed cache, all rows to the last word.

    Where no row ends before the others it draws the same words from the same random numbers.
    """
    reading, target = generator.begin(source.detach(), fixed=True), generator.target
    longest = reading.longest
    ids = torch.full((source.size, longest), target.pad, device=reading.most.device)
    mask = torch.zeros_like(ids, dtype=torch.bool)
    ended = torch.zeros(source.size, dtype=torch.bool, device=ids.device)
    words: Tensor | None = None
    seen: list[Tensor] = []
    for place in range(longest):
        logits = generator.advance(reading, words)
        if noise:
            logits = logits.add_(gumbel(tuple(logits.shape), logits.device).mul_(noise))
        if keep:
            seen.append(logits)
        words = logits.argmax(1).masked_fill_(ended, target.pad)
        ids[:, place], mask[:, place] = words, ~ended
        ended = ended | (words == target.end)
        if (place + 1) % LOOK == 0 and ended.all():
            break
    length = int(mask.sum(1).max())
    ids, mask = ids[:, :length], mask[:, :length]
    return Drawn(ids, mask, torch.stack(seen[:length], 1)[mask] if keep else None)


def _row_by_row(mask: Tensor, seen: list[tuple[Tensor, Tensor]]) -> Tensor:
    """Logits (N, V) of real tokens, row by row, out of those of each place: its rows (A,) and their logits (A, V)."""
    where = mask.flatten().cumsum(0).view_as(mask) - 1
    ordered = seen[0][1].new_empty(int(where[-1, -1]) + 1, seen[0][1].shape[1])
    for place, (rows, logits) in enumerate(seen):
        real = mask[rows, place]
        ordered[where[rows[real], place]] = logits[real]
    return ordered


def rescored(generator: WordByWord, source: Batch, drawn: Drawn) -> Tensor:
    """The logits (N, V) that `drawn` was drawn from, with a graph."""
    assert drawn.logits is not None
    return with_graph(drawn.logits, generator.score(source, Batch(drawn.ids, drawn.mask)))


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
        if generator.bridge == "step_by_step":
            words = Batch(drawn, None, logits[:, 0])
        else:
            words = Batch(torch.softmax(logits, 2))
        ids.append(drawn)
        masks.append(~ended)
        all_logits.append(logits)
        ended = ended | (drawn[:, 0] == generator.target.end)
        if ended.all():
            break
    everything = torch.cat(all_logits, 1)
    result = Batch(torch.cat(ids, 1), torch.stack(masks, 1))
    if generator.bridge == "step_by_step":
        return result._replace(logits=result.real(everything))
    return Batch(torch.softmax(everything, 2), result.mask)


class Forbidden(NamedTuple):
    """What may not be written after what, as tables of logits to add."""

    never: Tensor
    """(V,) for every place."""
    only_end: Tensor
    """(V,) the logits of a row that must end."""
    twice: Tensor
    """(V,) for a piece right after itself."""
    same_word: Tensor | None
    """(V, K) the pieces that begin a word as this one does but for its case; None: anything may be repeated."""


def forbidden_words(target: TextCodec, no_repeat: NoRepeat) -> Forbidden:
    """What may not be drawn: padding and blanks, words the domain does not have, a word begun twice in a row.

    With "pieces" also several letters inside a word twice in a row: a network that is spelling a word which it does not
    know writes "tululules". ("Banana" has single letters twice, and "papa" begins with one of the two.)

    "He he" is a word twice: a network that has learned not to repeat a piece repeats it in the other case. In scripts
    without spaces one character twice is a word (谢谢).
    """
    never = torch.zeros(target.vocabulary) if target.allowed is None else torch.where(target.allowed, 0.0, LOWEST)
    never[[target.pad, target.unknown, target.blank]] = LOWEST
    only_end = torch.full((target.vocabulary,), LOWEST)
    only_end[target.end] = 0.0
    same_word = _case_variants(target) if no_repeat else None
    once = target.begins_word.float() * LOWEST
    for index in target.begins_word.nonzero()[:, 0].tolist() if no_repeat else ():
        word = target.piece(index).removeprefix("▁")
        if len(word) == 1 and begins_without_space(word):
            once[index] = 0.0
    if no_repeat == "pieces":
        inside = [index for index in (~target.begins_word).nonzero()[:, 0].tolist() if index > target.blank]
        once[[index for index in inside if len(target.piece(index)) > 1 and target.piece(index).isalpha()]] = LOWEST
    return Forbidden(never, only_end, once, same_word)


def constraints(target: TextCodec, no_repeat: NoRepeat) -> Constraints:
    """What changes logits so that no forbidden word is drawn, and a row that is as long as it may be ends."""
    forbidden = forbidden_words(target, no_repeat)
    tables: dict[torch.device, Forbidden] = {}

    def constrain(logits: Tensor, before: Tensor | None, last: Tensor) -> Tensor:
        device = logits.device
        if device not in tables:
            tables[device] = Forbidden(*(None if table is None else table.to(device) for table in forbidden))  # type: ignore[arg-type]
        never, end, twice, same = tables[device]
        logits.add_(never)
        if same is not None and before is not None:
            again = same[before]
            logits.scatter_add_(1, again, twice[again])
        return logits.index_put_((last,), end) if last.any() else logits

    return constrain


def _case_variants(target: TextCodec) -> Tensor:
    """The pieces that begin a word as this one does but for its case: (V, K) ids, filled up with the piece itself."""
    alike: dict[str, list[int]] = defaultdict(list)
    for index in target.begins_word.nonzero()[:, 0].tolist():
        alike[target.piece(index).casefold()].append(index)
    most = max((len(group) for group in alike.values()), default=1)
    ids = torch.arange(target.vocabulary)[:, None].repeat(1, most)
    for group in alike.values():
        ids[group, : len(group)] = torch.tensor(group)
    return ids


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
