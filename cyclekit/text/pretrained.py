"""Any Hugging Face encoder-decoder as a generator: T5, BART, mBART, Marian and their kin.

Words enter through `inputs_embeds`, so that a gradient can come back through them. Everything is drawn, rescored and
constrained as the `transformer` generator's words are; how families differ stands in `PretrainedNetwork` alone.
B rows, S and T tokens, E width, V vocabulary.
"""

from __future__ import annotations

import inspect
from typing import Any, Literal

import torch
from torch import Tensor, nn

from cyclekit.core.batch import Batch
from cyclekit.core.parts import Codec
from cyclekit.core.recomputing import recomputes
from cyclekit.registry import RecipeError, register
from cyclekit.text.adapters import add_lora
from cyclekit.text.bridge import Bridge, constraints, translated
from cyclekit.text.huggingface import HuggingFaceCodec
from cyclekit.text.model_files import load_network
from cyclekit.text.relax import check_temperature, embed
from cyclekit.text.search import search


class PretrainedNetwork(nn.Module):
    """The weights of one or both directions, and what sets families apart: framing, scaling, caches."""

    def __init__(self, codec: HuggingFaceCodec, domains: bool, lora: int | None, kind: torch.dtype) -> None:
        """Load the codec's model; with random weights where these come from a checkpoint.

        Args:
            domains: whether the wanted domain is told by a learned embedding, added to all the encoder reads. It begins
                with zeros, so the network begins as it was trained.
            lora: the rank of what its layers learn beside weights that stay; None: all weights learn.
            kind: of the model's own numbers.
        """
        super().__init__()
        self.model = load_network(codec.model, codec.config, with_weights=not codec.restored, kind=kind)
        if lora is not None:
            add_lora(self.model, lora)
        embedding = self.model.get_input_embeddings()
        self.domains = nn.Parameter(torch.zeros(2, embedding.weight.shape[1])) if domains else None
        # BART and mBART scale inside the embedding, on both sides. Marian's encoder scales what it looks up, and its
        # decoder whatever it gets. T5 does not scale.
        self.decoder_scale: float = getattr(embedding, "embed_scale", 1.0)
        self.encoder_scale: float = getattr(self.model.get_encoder(), "embed_scale", self.decoder_scale)
        # transformers renamed the argument in 5.x; the old name still works there, but warns at every call.
        names = inspect.signature(self.model.forward).parameters
        self.cache_name = "cache" if "cache" in names else "past_key_values"

    def framed(self, source: Batch, codec: HuggingFaceCodec, domain: int) -> tuple[Tensor, Tensor]:
        """A source (B, S) as its family's encoder wants it: vectors (B, S', E) and their mask (B, S').

        The codec's prefix goes before the row; its suffix follows the end token, wherever that stands.
        """
        weight = self.model.get_input_embeddings().weight
        words = embed(source, weight)
        mask = words.new_ones(words.shape[:2], dtype=torch.bool) if source.mask is None else source.mask
        if codec.prefix:
            words = torch.cat([weight[codec.prefix].expand(len(words), -1, -1), words], 1)
            mask = nn.functional.pad(mask, (len(codec.prefix), 0), value=True)
        if codec.suffix:
            rows = torch.arange(len(words), device=words.device)[:, None]
            places = mask.sum(1, keepdim=True) + torch.arange(len(codec.suffix), device=words.device)
            words = nn.functional.pad(words, (0, 0, 0, len(codec.suffix))).index_put(
                (rows, places), weight[codec.suffix]
            )
            mask = nn.functional.pad(mask, (0, len(codec.suffix))).index_put((rows, places), mask.new_tensor(True))
        words = words * self.encoder_scale
        return (words if self.domains is None else words + self.domains[domain].to(words.dtype)), mask

    def prompt(self, codec: HuggingFaceCodec) -> list[int]:
        """What the decoder is shown before the first word.

        mBART begins with the language code that its frame ends with. Others begin with a token of the configuration's
        (T5 and Marian: padding; BART, mBART-50, M2M: the end token), which what goes before a sentence follows.
        """
        if codec.suffix:
            return codec.suffix[-1:]
        start = self.model.config.decoder_start_token_id
        if start is None:
            raise ValueError(f"config.json of {codec.model} says no decoder_start_token_id")
        return [start, *codec.prefix]

    def embedded(self, words: Batch) -> Tensor:
        """Written words (B, T) that a gradient passes through, as the decoder wants them: (B, T, E)."""
        return embed(words, self.model.get_decoder().get_input_embeddings().weight) * self.decoder_scale


class EncodedByModel:
    """A source that has been read, and how far its translation is written."""

    def __init__(self, memory: Tensor, mask: Tensor, cache: Any, most: Tensor) -> None:
        self.memory, self.mask, self.cache, self.most = memory, mask, cache, most
        self.position = 0
        """Tokens written."""

    @property
    def longest(self) -> int:
        """The most tokens that any row may have."""
        return int(self.most.max())

    def select(self, rows: Tensor) -> None:
        """Keep these rows (K,), in this order, as beam search does; a row may be taken more than once."""
        self.cache.reorder_cache(rows)
        self.memory, self.mask, self.most = self.memory[rows], self.mask[rows], self.most[rows]


@register("generator", "pretrained")
class PretrainedGenerator(nn.Module):
    """Writes domain `target`; its way back, where they share one network, writes the other.

    Its recipe must set `initialisation: keep` and `data.tokenizer: huggingface:NAME`, which names the model.
    """

    dials = ("noise", "temperature")

    def __init__(
        self,
        source: Codec,
        target: Codec,
        network: PretrainedNetwork | None = None,
        *,
        model: str | None = None,
        share: bool = True,
        lora: int | None = None,
        weights: Literal["float32", "bf16"] = "float32",
        bridge: Bridge = "draw_then_rescore",
        noise: float = 0.5,
        temperature: float = 1.0,
        no_repeat: bool = True,
    ) -> None:
        """Load the network that belongs to the codecs' tokenizer, and choose the bridge.

        Args:
            network: of the other direction, to share.
            model: null for the codec's, which it must be: a network reads the pieces it was trained on.
            share: whether both directions are one network. They are told apart by their language codes, or else by a
                learned embedding of the wanted domain.
            lora: rank of an addition to each linear layer, which learns in place of the model's weights (needs `peft`);
                8 to 64 are usual, at a rate of about 1e-4. Null: all weights learn, for which 3e-5 is usual.
            weights: of the model, in memory; bf16 is half as large, and for weights that `lora` keeps as they are.
            bridge: how a gradient passes through the words it draws; see `bridge.translated`.
            noise: scale of the Gumbel noise that words are drawn with while training; 0 draws the likeliest.
            temperature: of the softmax that stands in for the drawn word backward.
            no_repeat: never write a piece that begins a word right after itself, in whatever case.

        Raises:
            ValueError: a codec or a model of another kind, weights that cannot be loaded, a negative noise, a
                temperature not above 0, or bf16 weights that learn.
        """
        super().__init__()
        if not isinstance(source, HuggingFaceCodec) or not isinstance(target, HuggingFaceCodec):
            raise ValueError("reads and writes the pieces of its own model: set data.tokenizer=huggingface:NAME")
        if model not in (None, source.model) or source.model != target.model:
            named = source.model if source.model == target.model else f"{source.model} and {target.model}"
            raise ValueError(f"model is {model}, but the codec's is {named}; leave it out here to take the codec's")
        if noise < 0:
            raise ValueError(f"noise is {noise}; it is 0 or more")
        if weights == "bf16" and lora is None:
            raise ValueError(
                "weights is bf16, in which a step at a rate of fine-tuning is rounded away; set lora=16 as well, or "
                "weights=float32"
            )
        self.source, self.target, self.options = source, target, {
            "model": model, "share": share, "lora": lora, "weights": weights, "bridge": bridge, "noise": noise,
            "temperature": temperature, "no_repeat": no_repeat}  # fmt: skip
        told_by_language = (source.prefix, source.suffix) != (target.prefix, target.suffix)
        if network is None:
            kind = torch.bfloat16 if weights == "bf16" else torch.float32
            network = PretrainedNetwork(target, share and not told_by_language, lora, kind)
        self.network = network
        self.prompt = self.network.prompt(target)
        self._check_positions()
        self.domain = ("a", "b").index(target.domain)
        self.share, self.bridge = share, bridge
        self.noise, self.temperature = noise, check_temperature(temperature)
        self.constraints = constraints(target, no_repeat)
        self.train()

    def way_back(self) -> PretrainedGenerator | None:
        """The generator of the other direction where both are one network; None where it has its own."""
        if not self.share:
            return None
        return PretrainedGenerator(self.target, self.source, self.network, **self.options)  # type: ignore[arg-type]

    def after_initialisation(self) -> None:
        """Refuse to train what an initialisation has drawn anew.

        Raises:
            RecipeError: always; only `initialisation: keep` does not call it.
        """
        raise RecipeError("initialisation: generator 'pretrained' brings its weights; set initialisation=keep")

    def forward(self, source: Batch, target: Batch | None = None) -> Batch:
        """Translate (B, S) ids to (B, T) ids, drawn; or, shown the answer, give logits (N, V) for those of its tokens
        that it may write, N by the mask."""
        if target is None:
            return translated(self, source)
        asked = target._replace(mask=self._asked(target))
        return Batch(target.data, asked.mask, self.score(source, asked))

    def _asked(self, target: Batch) -> Tensor | None:
        """(B, T) the tokens that it should learn to write: not the unknown, which it may never write."""
        if self.target.unknown == self.target.pad:  # there is none
            return target.mask
        known = target.data != self.target.unknown
        return known if target.mask is None else target.mask & known

    def score(self, source: Batch, target: Batch) -> Tensor:
        """Logits (N, V) of a target's real tokens, float32, each given those before it, all positions at once."""
        words, mask = self.network.framed(source, self.source, self.domain)
        shown = torch.cat([self._prompts(target.data), target.data[:, :-1]], 1)
        output = self.network.model(
            inputs_embeds=words, attention_mask=mask, decoder_input_ids=shown, use_cache=False, return_dict=True
        )
        return target.real(output.logits[:, len(self.prompt) - 1 :]).float()

    def begin(self, source: Batch) -> EncodedByModel:
        """Read a source, to be translated word by word."""
        from transformers import DynamicCache, EncoderDecoderCache

        words, mask = self.network.framed(source, self.source, self.domain)
        memory = self.network.model.get_encoder()(inputs_embeds=words, attention_mask=mask, return_dict=True)
        lengths = mask.sum(1) - len(self.source.prefix) - len(self.source.suffix)
        most = (1.3 * lengths + 5).long().clamp(max=self.target.limit)
        cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
        return EncodedByModel(memory.last_hidden_state, mask, cache, most)

    def advance(self, reading: EncodedByModel, words: Tensor | Batch | None = None) -> Tensor:
        """Write one word (B,) more, None at the start, and give the next one's logits (B, V), float32, constrained.

        A Batch of one position (B, 1) writes words that a gradient passes through.

        Raises:
            ValueError: its layers should be computed again for the gradient, whose cache has gone on meanwhile.
        """
        if torch.is_grad_enabled() and recomputes(self.network):
            raise ValueError(
                f"bridge {self.bridge} needs what each word was written from: set train.checkpointing=false"
            )
        if isinstance(words, Batch):
            shown = {"decoder_inputs_embeds": self.network.embedded(words)}
            words = (words.data.argmax(2) if words.data.is_floating_point() else words.data)[:, 0]
        else:
            shown = {"decoder_input_ids": self._prompts(reading.most) if words is None else words[:, None]}
        output = self.network.model(
            encoder_outputs=(reading.memory,), attention_mask=reading.mask, use_cache=True, return_dict=True,
            **shown, **{self.network.cache_name: reading.cache},
        )  # fmt: skip
        reading.position += 1
        return self.constraints(output.logits[:, -1].float(), words, reading.most == reading.position)

    search = search

    def _prompts(self, rows: Tensor) -> Tensor:
        """The prompt for each of B rows: (B, P)."""
        return torch.tensor(self.prompt, device=rows.device).expand(len(rows), -1)

    def _check_positions(self) -> None:
        most = getattr(self.network.model.config, "max_position_embeddings", None)
        needed = max(len(self.source.prefix + self.source.suffix) + self.source.limit,
                     len(self.prompt) + self.target.limit - 1)  # fmt: skip
        if most is not None and needed > most:
            raise ValueError(
                f"{self.target.model} has {most} positions, and rows of {self.target.limit} tokens need {needed}: "
                f"set data.limit to {self.target.limit - (needed - most)} at most"
            )
