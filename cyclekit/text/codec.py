"""The border of the text modality: sentences to Batches of piece ids, and back.

The pieces are SentencePiece's (Kudo and Richardson 2018).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

import numpy as np
import sentencepiece
import torch

from cyclekit.core.batch import Batch
from cyclekit.core.parts import Codec
from cyclekit.registry import RecipeError, register
from cyclekit.text.files import check_text
from cyclekit.text.pieces import BLANK, END, PAD, UNKNOWN, Pieces
from cyclekit.text.scripts import begins_without_space

MOST_SENTENCES = 500_000
"""Pieces are learned from at most so many sentences, evenly spaced; more change few pieces and cost seconds each."""

LONGEST_LINE = 1_000_000
"""Bytes. SentencePiece would silently pass over lines above its own default of 4,192."""


class TextCodec(Codec, Protocol):
    """What every codec of sentences tells the networks. Both domains of a run have one vocabulary."""

    pad: int
    end: int
    unknown: int
    blank: int
    domain: Literal["a", "b"]
    vocabulary: int
    """V."""
    limit: int
    """The most tokens of a row, the end token counted."""
    begins_word: torch.Tensor
    """(V,) True for pieces that begin a word."""
    allowed: torch.Tensor | None
    """(V,) the pieces this domain may produce; None: all but padding, the unknown and the blank."""

    def piece(self, index: int) -> str:
        """The piece with this id, for people to read."""
        ...


@runtime_checkable
class KnowsLengths(Protocol):
    """A codec that remembers how its domain's training sentences are: what lengths of translations go by."""

    typical: float | None
    """Their mean length in tokens; None where it was not counted."""
    closing: list[int]
    """Pieces that mostly stand right before their end: full stops."""


@register("codec", "sentencepiece")
class SentencePieceCodec:
    """Sentences as rows of piece ids, each ending with END. Both domains share one vocabulary.

    White space is normalised: a sentence is one line with single spaces. Nothing else is, so decoding an encoded
    sentence gives it back exactly, whatever its script: what has no piece is spelled in bytes. (One exception: U+2581,
    SentencePiece's own mark for a space, becomes a low line.)

    A blank sentence is a row of END alone, and `finish` gives a blank for it whatever the network made of it, so that
    blank lines of a file stay blank.
    """

    name = "sentencepiece"
    pad, end, unknown, blank = PAD, END, UNKNOWN, BLANK

    def __init__(
        self, domain: Literal["a", "b"], *, model: bytes | str | Path, limit: int = 32, lowercase: bool = False
    ) -> None:
        """Take a trained model.

        Args:
            domain: whose sentences.
            model: a SentencePiece model: its bytes, as `train_pieces` gives them, or a .model file. Its reserved pieces
                may stand anywhere: they are numbered anew, as every part expects them.
            limit: the most tokens of a row, END counted; longer sentences are cut.
            lowercase: whether sentences are lower-cased first.

        Raises:
            ValueError: no such file, not a SentencePiece model, or a limit below 2.
        """
        if limit < 2:
            raise ValueError(f"limit is {limit}; a row has at least 2 tokens, one and the end token")
        self.domain, self.limit, self.lowercase = domain, limit, lowercase
        self.model = model if isinstance(model, bytes) else _read(Path(model))
        try:
            self.pieces = Pieces(self.model, lowercase)
        except RuntimeError as error:
            where = "these bytes are" if isinstance(model, bytes) else f"{model} is"
            raise ValueError(f"{where} no SentencePiece model") from error
        self.vocabulary = self.pieces.vocabulary
        """V."""
        self.begins_word = torch.tensor(
            [False] * (BLANK + 1) + [_begins_word(self.piece(i)) for i in range(BLANK + 1, self.vocabulary)]
        )
        """(V,) True for pieces that begin a word: after a space, or in a script that has none every piece."""
        self.allowed: torch.Tensor | None = None
        """(V,) the pieces this domain may produce; None: all but PAD, UNKNOWN and BLANK."""
        self.typical: float | None = None
        """Mean tokens of a training sentence, END counted; None where nobody has counted them."""
        self.closing: list[int] = []
        """Pieces that mostly stand right before END: full stops."""
        self.reads_lowercase = self.pieces.reads_lowercase
        """Whether capitals were never learned, so that `prepare` takes them for small letters."""

    def piece(self, index: int) -> str:
        """The piece with this id, for people to read: `▁` is a space."""
        return self.pieces.piece(index)

    def encode(self, items: Sequence[str]) -> Batch:
        """Sentences to ids (B, T), int64, and their mask, True up to END; cut at `limit` tokens.

        Raises:
            ValueError: no sentences.
        """
        if not items:
            raise ValueError("one batch holds at least one sentence, got none")
        kept = [row[: self.limit - 1] for row in self.pieces.encode(items)]
        lengths = torch.tensor([len(row) + 1 for row in kept])
        places = torch.arange(int(lengths.max()))
        words = torch.from_numpy(np.concatenate(kept))
        ids = torch.full((len(kept), len(places)), PAD)
        ids[places < lengths[:, None] - 1] = words
        ids[torch.arange(len(kept)), lengths - 1] = END
        return Batch(ids, places < lengths[:, None])

    def decode(self, batch: Batch) -> list[str]:
        """Ids (B, T), or the likeliest of distributions (B, T, V), up to END: one line each, without BLANKs."""
        ids = batch.data.argmax(2) if batch.data.is_floating_point() else batch.data
        return self.pieces.decode(ids.tolist())

    def normalised(self, item: str) -> str:
        """A sentence as the codec reads it: one line, single spaces, lower case where that is wanted."""
        return self.pieces.normalised(item)

    def prepare(self, item: str, multiple: int, smallest: int = 1) -> tuple[Batch, bool]:
        """One sentence as a row (1, T), whatever its length; and whether it is blank, for `finish`.

        Of a vocabulary without capitals, as Yelp's, these are not spelled in bytes that no network has seen.

        Raises:
            RecipeError: it is no text.
        """
        check_text(item)
        return self.encode([item.lower() if self.reads_lowercase else item]), not item.strip()

    def finish(self, row: Batch, blank: bool) -> str:
        """One translated row as a sentence; a blank for a blank."""
        return "" if blank else self.decode(row)[0]

    def save(self, folder: Path) -> None:
        """Write `codec.json` and `sentencepiece.model` into `folder`."""
        allowed = None if self.allowed is None else self.allowed.nonzero().flatten().tolist()
        written = {"name": self.name, "domain": self.domain, "limit": self.limit, "lowercase": self.lowercase}
        counted = {"typical": self.typical, "closing": self.closing}
        (folder / "codec.json").write_text(json.dumps({**written, "allowed": allowed, **counted}) + "\n")
        (folder / "sentencepiece.model").write_bytes(self.model)

    @classmethod
    def load(cls, folder: Path) -> SentencePieceCodec:
        """The codec that `save` wrote into `folder`.

        Raises:
            RecipeError: a file is missing or damaged.
        """
        try:
            options = json.loads((folder / "codec.json").read_text())
            del options["name"]
            allowed, typical, closing = options.pop("allowed"), options.pop("typical", None), options.pop("closing", [])
            codec = cls(options.pop("domain"), model=folder / "sentencepiece.model", **options)
            if allowed is not None:
                codec.allowed = torch.zeros(codec.vocabulary, dtype=torch.bool)
                codec.allowed[allowed] = True
            codec.typical = None if typical is None else float(typical)
            codec.closing = [int(piece) for piece in closing]
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            raise RecipeError(f"{folder}: the checkpoint is damaged: its codec cannot be read: {error}") from error
        return codec


def train_pieces(sentences: Sequence[str], kind: Literal["bpe", "unigram"], vocabulary: int) -> bytes:
    """Learn a vocabulary of pieces; the same sentences always give the same one.

    Args:
        sentences: of both domains, normalised. At most `MOST_SENTENCES` of them are looked at, evenly spaced.
        kind: byte-pair encoding (Sennrich et al. 2016) or a unigram model (Kudo 2018).
        vocabulary: the most pieces, the four reserved and 256 bytes counted. A text with fewer gets fewer.

    Returns:
        The model, as a .model file holds it.

    Raises:
        ValueError: no text, or a vocabulary too small for its characters.
    """
    spaced = sentences[:: -(-len(sentences) // MOST_SENTENCES) or 1]
    if not any(spaced):
        raise ValueError("there is no text to learn pieces from")
    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.Train(
            sentence_iterator=iter(spaced),
            model_writer=model,
            model_type=kind,
            vocab_size=vocabulary,
            hard_vocab_limit=False,
            pad_id=PAD,
            eos_id=END,
            unk_id=UNKNOWN,
            bos_id=-1,
            control_symbols=["<blank>"],  # takes the next free id, and is never read out of a text
            byte_fallback=True,
            character_coverage=0.9999,  # the rarest characters are spelled in bytes
            normalization_rule_name="identity",
            max_sentence_length=LONGEST_LINE,
            num_threads=1,  # with more, sums are taken in another order
            minloglevel=2,
        )
    except RuntimeError as error:
        needed = re.search(r"smaller than required_chars. \d+ vs (\d+)", str(error))
        if needed is None:
            raise
        raise ValueError(
            f"a vocabulary of {vocabulary} is too small: reserved ids, bytes and the characters of this text take "
            f"{needed[1]} already; choose more"
        ) from error
    return model.getvalue()


def _begins_word(piece: str) -> bool:
    return piece.startswith("▁") or begins_without_space(piece)


def _read(path: Path) -> bytes:
    try:
        return path.expanduser().read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}") from error
