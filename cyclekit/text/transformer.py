"""The Transformer generator: an encoder that reads a sentence, a decoder that writes it in the other domain.

Pre-LN encoder-decoder (Vaswani et al. 2017; Xiong et al. 2020) with one matrix for all embeddings and the output (Press
and Wolf 2017), and the wanted domain added at every position of the decoder. One network serves both directions, or
each has its own. B rows, S and T tokens, E width, V vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cyclekit.core.batch import Batch, Product
from cyclekit.registry import register
from cyclekit.text.attention import Cache, DecoderLayer, EncoderLayer, FixedCache, check_width, positions
from cyclekit.text.bridge import LOWEST, Bridge, NoRepeat, constraints, translated
from cyclekit.text.codec import TextCodec
from cyclekit.text.lengths import EndBias, enders_of, expected_ratio
from cyclekit.text.relax import check_temperature, embed
from cyclekit.text.search import search


class EncoderDecoder(nn.Module):
    """The weights: embeddings of V pieces and two domains, `layers` layers on either side."""

    def __init__(self, vocabulary: int, width: int, layers: int, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.embedding = nn.Parameter(torch.randn(vocabulary, width) * width**-0.5)
        self.domains = nn.Parameter(torch.randn(2, width) * width**-0.5)
        self.encoder = nn.ModuleList(EncoderLayer(width, heads, hidden, dropout) for _ in range(layers))
        self.decoder = nn.ModuleList(DecoderLayer(width, heads, hidden, dropout) for _ in range(layers))
        self.read, self.written = nn.LayerNorm(width), nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def encode(self, source: Batch) -> Tensor:
        """What was read: (B, S) or (B, S, V) to (B, S, E)."""
        state = self._placed(embed(source, self.embedding))
        mask = None if source.mask is None else source.mask[:, None, None, :]
        for layer in self.encoder:
            state = layer(state, mask)
        return self.read(state)

    def decode(self, inputs: Tensor, memory: Tensor, mask: Tensor | None) -> Tensor:
        """All positions at once, each seeing those before it: (B, T, E) to (B, T, E)."""
        state = self._placed(inputs)
        for layer in self.decoder_layers():
            state = layer(state, layer.memorised(memory), mask)
        return self.written(state)

    def decode_next(self, inputs: Tensor, caches: list[Cache], mask: Tensor | None, position: int | Tensor) -> Tensor:
        """One position more, (B, 1, E) to (B, E); the caches grow. With fixed ones the position is their (1,) place."""
        room = caches[0].room if isinstance(caches[0], FixedCache) else 0
        state = self._placed(inputs, position, room)
        for layer, cache in zip(self.decoder, caches):
            state = layer(state, cache.memorised, mask, cache)
        return self.written(state)[:, 0]

    def decoder_layers(self) -> Iterator[DecoderLayer]:
        """The decoder's layers, first to last."""
        for layer in self.decoder:
            assert isinstance(layer, DecoderLayer)
            yield layer

    def _placed(self, embedded: Tensor, start: int | Tensor = 0, room: int = 0) -> Tensor:
        """Embeddings scaled to unit variance, with their positions (Vaswani et al. 2017, sections 3.4 and 3.5)."""
        width = embedded.shape[2]
        if isinstance(start, Tensor):  # one of `room` places, which only the device knows
            where = positions(0, room, width, embedded.device).index_select(0, start)
        else:
            where = positions(start, start + embedded.shape[1], width, embedded.device)
        return self.dropout(embedded * math.sqrt(width) + where)


class Encoded:
    """A source that has been read, and how far its translation is written."""

    def __init__(self, caches: list[Cache], mask: Tensor | None, most: Tensor, least: Tensor) -> None:
        self.caches, self.mask, self.most, self.least = caches, mask, most, least
        self.position: int | Tensor = 0
        """Tokens written; (1,) where caches are fixed, on their device."""

    @property
    def longest(self) -> int:
        """The most tokens that any row may have."""
        return int(self.most.max())

    def select(self, rows: Tensor) -> None:
        """Keep these rows (K,), in this order, as beam search does; a row may be taken more than once."""
        self.caches = [cache.select(rows) for cache in self.caches]
        self.mask = None if self.mask is None else self.mask[rows]
        self.most, self.least = self.most[rows], self.least[rows]


@register("generator", "transformer")
class TransformerGenerator(nn.Module):
    """Writes domain `target`; its way back, where they share one network, writes the other."""

    dials = ("noise", "temperature")

    def __init__(
        self,
        source: TextCodec,
        target: TextCodec,
        *,
        width: int = 256,
        layers: int = 4,
        heads: int = 4,
        hidden: int | None = None,
        dropout: float = 0.1,
        word_dropout: float = 0.1,
        share: bool = True,
        bridge: Bridge = "draw_then_rescore",
        noise: float = 0.5,
        temperature: float = 1.0,
        no_repeat: NoRepeat = True,
        least_length: float = 0.0,
        calibrated_end: bool = False,
        own_softmax: bool = False,
        fixed_cache: bool = False,
    ) -> None:
        """Choose the network and the bridge.

        Args:
            width: E; a multiple of `heads`.
            hidden: of the layers' feed-forward part; null for 4 x width.
            word_dropout: share of the decoder's input words hidden in teacher forcing, so that it reads its source
                (Bowman et al. 2016, section 3.2).
            share: whether both directions are one network, told apart by the domain at every position.
            bridge: how a gradient passes through the words it draws; see `bridge.translated`.
            noise: scale of the Gumbel noise that words are drawn with while training; 0 draws the likeliest.
            temperature: of the softmax that stands in for the drawn word backward.
            no_repeat: never write a piece that begins a word right after itself, in whatever case; `pieces`: nor one of
                several letters inside a word ("tululules").
            least_length: never end before this share of the length that a translation has on average.
            calibrated_end: keep a bias on the end token with which what it draws while training is as long as the
                domains' sentences say (`lengths.EndBias`); it is used wherever it writes.
            own_softmax: learn from an answer which of the domain's own pieces comes next, and not which of all: a third
                less work where two languages share a vocabulary, and nothing to unlearn. Needs `data.own_words`.

            fixed_cache: while training, draw in tensors that stay where they are, all rows to the last word, so that no
                shape depends on what is drawn; the same words, for random numbers that differ where rows end early.

        Raises:
            ValueError: sizes that do not go together, a negative noise, a temperature not above 0, a least length that
                is no share, or an own softmax where every piece is the domain's.
        """
        super().__init__()
        check_width(width, heads)
        if noise < 0:
            raise ValueError(f"noise is {noise}; it is 0 or more")
        if not 0 <= least_length <= 1:
            raise ValueError(f"least_length is {least_length}; it is a share of the expected length, from 0 to 1")
        if own_softmax and target.allowed is None:
            raise ValueError("own_softmax: both domains may produce every piece; set data.own_words=true")
        self.options = {"width": width, "layers": layers, "heads": heads, "hidden": hidden, "dropout": dropout,
                        "word_dropout": word_dropout, "share": share, "bridge": bridge, "noise": noise,
                        "temperature": temperature, "no_repeat": no_repeat, "least_length": least_length,
                        "calibrated_end": calibrated_end, "own_softmax": own_softmax,
                        "fixed_cache": fixed_cache}  # fmt: skip
        self.network = EncoderDecoder(source.vocabulary, width, layers, heads, hidden or 4 * width, dropout)
        self.source, self.target = source, target
        self.domain = ("a", "b").index(target.domain)
        self.share, self.bridge, self.word_dropout = share, bridge, word_dropout
        self.noise, self.temperature = noise, check_temperature(temperature)
        self.constraints = constraints(target, no_repeat)
        self.least_length, self.enders = least_length, enders_of(target)
        self.end_bias = EndBias(source, target) if calibrated_end else None
        self.own_softmax, self.fixed_cache = own_softmax, fixed_cache

    def way_back(self) -> TransformerGenerator | None:
        """The generator of the other direction where both are one network; None where it has its own."""
        if not self.share:
            return None
        back = TransformerGenerator(self.target, self.source, **self.options)  # type: ignore[arg-type]
        back.network = self.network
        return back

    @property
    def embeddings(self) -> nn.Parameter:
        """(V, E) of the pieces, in unit variance once they are scaled."""
        return self.network.embedding

    @property
    def read_width(self) -> int:
        """E of what `read` gives."""
        return self.network.embedding.shape[1]

    def read(self, source: Batch) -> Tensor:
        """What the encoder makes of sentences of either domain: (B, S) or (B, S, V) to (B, S, E)."""
        return self.network.encode(source)

    def forward(self, source: Batch, target: Batch | None = None) -> Batch:
        """Translate (B, S) ids to (B, T) ids, drawn; or, shown the answer, give each of its N tokens logits (N, V)."""
        if target is None:
            return translated(self, source)
        scored = self.score(source, target, self.word_dropout)
        return Batch(target.data, target.mask, self._among_own(scored, target) if self.own_softmax else scored)

    def score(self, source: Batch, target: Batch, hidden: float = 0.0) -> Product:
        """Logits (N, V) of a target's real tokens, each given those before it, all positions at once.

        Args:
            hidden: share of the words that the decoder is not shown, while training.
        """
        words = F.embedding(target.data[:, :-1], self.network.embedding)
        if hidden and self.training:
            words = words * (torch.rand((*words.shape[:2], 1), device=words.device) >= hidden)
        start = words.new_zeros(len(words), 1, words.shape[2])
        inputs = torch.cat([start, words], 1) + self.network.domains[self.domain]
        mask = None if source.mask is None else source.mask[:, None, None, :]
        state = self.network.decode(inputs, self.network.encode(source), mask)
        return Product(target.real(state), self.network.embedding)

    def _among_own(self, scored: Product, target: Batch) -> Product:
        """The same with the columns alone that this domain may produce, and those of the target, whatever it is."""
        assert self.target.allowed is not None
        own = self.target.allowed.to(target.data.device).index_fill(0, target.real(target.data), True)
        columns = own.nonzero()[:, 0]
        return Product(scored.state, scored.weight[columns], columns)

    def begin(self, source: Batch, fixed: bool = False) -> Encoded:
        """Read a source, to be translated word by word; with `fixed` caches, whose rows cannot be selected."""
        memory = self.network.encode(source)
        mask = None if source.mask is None else source.mask[:, None, None, :]
        lengths = memory.new_full((len(memory),), memory.shape[1]) if source.mask is None else source.mask.sum(1)
        # Room for a rewrite that is longer than its source, but not for a decoder that does not stop.
        most = (1.3 * lengths + 5).long().clamp(max=self.target.limit)
        least = (self.least_length * expected_ratio(self.source, self.target) * lengths).long().minimum(most - 1)
        memorised = [layer.memorised(memory) for layer in self.network.decoder_layers()]
        if not fixed:
            return Encoded([Cache(each) for each in memorised], mask, most, least)
        place, room = torch.zeros(1, dtype=torch.long, device=most.device), int(most.max())
        reading = Encoded([FixedCache(each, room, place) for each in memorised], mask, most, least)
        reading.position = place
        return reading

    def advance(self, reading: Encoded, words: Tensor | Batch | None = None) -> Tensor:
        """Write one word (B,) more, None at the start, and give the next one's logits (B, V), float32, constrained.

        A Batch of one position (B, 1) writes words that a gradient passes through.
        """
        network = self.network
        if words is None:
            inputs = network.domains.new_zeros(len(reading.most), 1, network.domains.shape[1])
        else:
            inputs = embed(words, network.embedding) if isinstance(words, Batch) else network.embedding[words][:, None]
        inputs = inputs + network.domains[self.domain]
        state = network.decode_next(inputs, reading.caches, reading.mask, reading.position)
        reading.position += 1
        if isinstance(words, Batch):
            words = words.data.argmax(2)[:, 0] if words.data.is_floating_point() else words.data[:, 0]
        logits = Product(state, self.network.embedding).multiplied()
        if self.end_bias is not None:
            self.end_bias.applied(logits)
        if self.least_length:
            early = (reading.position <= reading.least)[:, None]
            logits[:, self.enders] = logits[:, self.enders].masked_fill(early, LOWEST)
        return self.constraints(logits, words, reading.most == reading.position)

    search = search
