"""Tokenizers of Hugging Face models as codecs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import torch

from cyclekit.core.batch import Batch
from cyclekit.registry import RecipeError, register
from cyclekit.text.files import check_text
from cyclekit.text.model_files import (
    ENCODER_DECODERS,
    is_encoder_decoder,
    located,
    quiet_transformers,
    read_config,
    read_tokenizer,
)
from cyclekit.text.scripts import begins_without_space

BYTE_LEVEL = "Ġ"
WORD_MARKS = ("▁", BYTE_LEVEL)
"""How pieces say that they begin a word: SentencePiece's mark, and that of byte-level BPE."""


@register("codec", "huggingface")
class HuggingFaceCodec:
    """The tokenizer of a Hugging Face model, by name or from a local folder.

    A row is the sentence's pieces and the end token, for every family alike. What else a family writes around a
    sentence (BART's `<s>`, mBART's language code) stands in `prefix` and `suffix`, and is the network's to add.

    White space is normalised: a sentence is one line with single spaces. A blank sentence is a row of the end token
    alone, and `finish` gives a blank for it.
    """

    name = "huggingface"

    def __init__(
        self,
        domain: Literal["a", "b"],
        *,
        model: str,
        limit: int = 64,
        lowercase: bool = False,
        language: str | dict[str, str] | None = None,
    ) -> None:
        """Load the tokenizer.

        Args:
            domain: whose sentences. Marian models, which have a tokenizer for each side, read a and write b.
            model: `OWNER/NAME` on the hub, or a folder that `save_pretrained` wrote.
            limit: the most tokens of a row, the end token counted; longer sentences are cut.
            lowercase: whether sentences are lower-cased first.
            language: code of models that write one, mBART's `de_DE`; for each domain as `{a: en_XX, b: de_DE}`.

        Raises:
            ValueError: no such model here or on the hub, a tokenizer that cannot be read or that lacks an end or
                padding token, a language it does not know, or a limit below 2.
        """
        if limit < 2:
            raise ValueError(f"limit is {limit}; a row has at least 2 tokens, one and the end token")
        self.domain, self.model, self.limit, self.lowercase = domain, model, limit, lowercase
        self.language = language.get(domain) if isinstance(language, dict) else language
        self.restored = False
        """Whether it comes from a checkpoint, which holds the network's weights beside it."""
        folder = located(model)
        self.tokenizer, self.config = read_tokenizer(folder, model), read_config(folder, model)
        self._set_language()

        end, pad = self.tokenizer.eos_token_id, self.tokenizer.pad_token_id
        if end is None or pad is None:
            missing = "end" if end is None else "padding"
            kind = "" if self.config is None or is_encoder_decoder(self.config) else (
                f": {model} is a {self.config.model_type}, no encoder-decoder; take {ENCODER_DECODERS}"
            )  # fmt: skip
            raise ValueError(f"the tokenizer of {model} has no {missing} token{kind}")
        self.end: int = end
        self.pad: int = pad
        unknown = self.tokenizer.unk_token_id
        self.unknown: int = pad if unknown is None else unknown
        """Padding for tokenizers that can spell everything."""
        self.prefix, self.suffix = self._frame()

        self._pieces = pieces = {index: piece for piece, index in self.tokenizer.get_vocab().items()}
        self.vocabulary: int = getattr(self.config, "vocab_size", None) or max(pieces) + 1
        """V: as many rows as the model's embeddings have, a few more than there are pieces (T5: 32,128 and 32,100)."""
        if max(pieces) >= self.vocabulary:
            raise ValueError(
                f"{model} has {self.vocabulary} embeddings for {max(pieces) + 1} pieces: the tokenizer is another's"
            )
        self.blank: int = self._blank(pieces)
        # Of some the tokenizer says only that they were added: NLLB's language codes.
        added = self.tokenizer.added_tokens_decoder.items()
        special = {*self.tokenizer.all_special_ids, *(index for index, piece in added if piece.special)}
        ordinary = torch.tensor([index in pieces and index not in special for index in range(self.vocabulary)])
        self.begins_word = ordinary & _begins_word(pieces, self.vocabulary, self.tokenizer.convert_tokens_to_string)
        """(V,) True for pieces that begin a word: after a space, or in a script that has none every piece."""
        self.allowed: torch.Tensor | None = ordinary.index_fill(0, torch.tensor([self.end]), True)
        """(V,) the pieces this domain may produce: neither special ones, nor embeddings without a piece."""
        self._special = special - {self.unknown}

    def piece(self, index: int) -> str:
        """The piece with this id, for people to read."""
        return self._pieces.get(index, "<no piece>")

    def encode(self, items: Sequence[str]) -> Batch:
        """Sentences to ids (B, T), int64, and their mask, True up to the end token; cut at `limit` tokens.

        Raises:
            ValueError: no sentences.
        """
        if not items:
            raise ValueError("one batch holds at least one sentence, got none")
        sentences = [self.normalised(item) for item in items]
        side = "text_target" if self.domain == "b" else "text"
        tokenized = self.tokenizer(**{side: sentences}, add_special_tokens=False, verbose=False)["input_ids"]
        # A sentence that spells `</s>` is still only a sentence.
        kept = [[index for index in row if index not in self._special][: self.limit - 1] for row in tokenized]
        lengths = torch.tensor([len(row) + 1 for row in kept])
        ids = torch.full((len(kept), int(lengths.max())), self.pad)
        for row, pieces in zip(ids, kept):
            row[: len(pieces) + 1] = torch.tensor([*pieces, self.end])
        return Batch(ids, torch.arange(ids.shape[1]) < lengths[:, None])

    def decode(self, batch: Batch) -> list[str]:
        """Ids (B, T), or the likeliest of distributions (B, T, V), up to the end token: one line of text each."""
        ids = batch.data.argmax(2) if batch.data.is_floating_point() else batch.data
        rows = [row[: row.index(self.end)] if self.end in row else row for row in ids.tolist()]
        texts = [self.tokenizer.decode(r, skip_special_tokens=True, clean_up_tokenization_spaces=False) for r in rows]
        return [" ".join(text.split()) for text in texts]

    def normalised(self, item: str) -> str:
        """A sentence as the codec reads it: one line, single spaces, lower case where that is wanted."""
        line = " ".join(item.split())
        return line.lower() if self.lowercase else line

    def prepare(self, item: str, multiple: int, smallest: int = 1) -> tuple[Batch, bool]:
        """One sentence as a row (1, T), whatever its length; and whether it is blank, for `finish`.

        Raises:
            RecipeError: it is no text.
        """
        check_text(item)
        return self.encode([item]), not item.strip()

    def finish(self, row: Batch, blank: bool) -> str:
        """One translated row as a sentence; a blank for a blank."""
        return "" if blank else self.decode(row)[0]

    def save(self, folder: Path) -> None:
        """Write the tokenizer, the model's configuration and `codec.json` into `folder`."""
        with quiet_transformers():
            self.tokenizer.save_pretrained(folder)
            if self.config is not None:
                self.config.save_pretrained(folder)
        written = {key: getattr(self, key) for key in ("name", "domain", "model", "limit", "lowercase", "language")}
        allowed = None if self.allowed is None else self.allowed.nonzero().flatten().tolist()
        (folder / "codec.json").write_text(json.dumps({**written, "allowed": allowed}) + "\n")

    @classmethod
    def load(cls, folder: Path) -> HuggingFaceCodec:
        """The codec that `save` wrote into `folder`, from nothing but that folder.

        Raises:
            RecipeError: a file is missing or damaged.
        """
        try:
            options = json.loads((folder / "codec.json").read_text())
            del options["name"]
            model, allowed = options.pop("model"), options.pop("allowed")
            codec = cls(options.pop("domain"), model=str(folder), **options)
            codec.allowed = None
            if allowed is not None:
                codec.allowed = torch.zeros(codec.vocabulary, dtype=torch.bool)
                codec.allowed[allowed] = True
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            raise RecipeError(f"{folder}: the checkpoint is damaged: its tokenizer cannot be read: {error}") from error
        codec.model, codec.restored = model, True
        return codec

    def _set_language(self) -> None:
        takes_language = hasattr(self.tokenizer, "src_lang")
        if self.language is None:
            if takes_language:
                raise ValueError(
                    f"{self.model} writes a language code with every sentence: set its option language, "
                    "as in language: {a: en_XX, b: de_DE}"
                )
            return
        if not takes_language:
            raise ValueError(f"language: {self.model} knows no language codes; leave it out")
        index = self.tokenizer.convert_tokens_to_ids(self.language)
        if index is None or index == self.tokenizer.unk_token_id:
            codes = ", ".join(sorted(getattr(self.tokenizer, "lang_code_to_id", {}))) or "see its model card"
            raise ValueError(f"language: {self.model} does not know '{self.language}'; it knows: {codes}")
        self.tokenizer.src_lang = self.language

    def _frame(self) -> tuple[list[int], list[int]]:
        """What the tokenizer writes before a sentence, and what after its end token."""
        frame = list(self.tokenizer("")["input_ids"])
        if self.end not in frame:
            return [], []
        return frame[: frame.index(self.end)], frame[frame.index(self.end) + 1 :]

    def _blank(self, pieces: Mapping[int, str]) -> int:
        """What hides a word in denoising: the mask token, T5's first sentinel, or else the unknown token (Marian)."""
        if self.tokenizer.mask_token_id is not None:
            return self.tokenizer.mask_token_id
        return next((index for index, piece in pieces.items() if piece == "<extra_id_0>"), self.unknown)


def _begins_word(pieces: Mapping[int, str], vocabulary: int, spelt: Callable[[list[str]], str]) -> torch.Tensor:
    """(V,) which pieces begin a word; all of them where the tokenizer marks none.

    Args:
        spelt: the text of some pieces; byte-level BPE writes bytes as letters, and their script is not these letters'.
    """
    marks = tuple(mark for mark in WORD_MARKS if any(piece.startswith(mark) for piece in pieces.values()))
    begin = torch.zeros(vocabulary, dtype=torch.bool)
    for index, piece in pieces.items():
        if not marks or piece.startswith(marks):
            begin[index] = True
        elif not piece.isascii():
            begin[index] = begins_without_space(spelt([piece]) if BYTE_LEVEL in marks else piece)
    return begin
