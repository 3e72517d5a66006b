"""A SentencePiece model as every part of a run numbers it, in numpy: sentences to ids, and back.

The model's own reserved pieces may stand anywhere; here they are the first ids, as every part expects them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import sentencepiece

PAD, END, UNKNOWN, BLANK = range(4)
"""Reserved ids. BLANK hides a word in denoising; UNKNOWN occurs only with a given model that cannot spell bytes."""


class Pieces:
    """A trained model.

    Args:
        model: as a .model file holds it.
        lowercase: whether sentences are lower-cased first.

    Raises:
        RuntimeError: these bytes are no SentencePiece model.
    """

    def __init__(self, model: bytes, lowercase: bool = False) -> None:
        self.processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        self.lowercase = lowercase
        count = self.processor.get_piece_size()
        reserved = [self.processor.is_control(i) or self.processor.is_unknown(i) for i in range(count)]
        self._piece_of = np.array([-1, -1, self.processor.unk_id(), -1] + [i for i in range(count) if not reserved[i]])
        """House id to the model's own; -1 for what the model has no use for."""
        self._id_of = np.full(count, UNKNOWN)
        self._id_of[self._piece_of[BLANK + 1 :]] = np.arange(BLANK + 1, len(self._piece_of))
        self.vocabulary: int = len(self._piece_of)
        """V."""
        letters = "".join(
            self.piece(i) for i in range(BLANK + 1, self.vocabulary) if not self.processor.is_byte(self._own(i))
        )
        self.reads_lowercase = lowercase or (letters.lower() == letters != letters.upper())
        """Whether capitals were never learned."""

    def piece(self, index: int) -> str:
        """The piece with this id, for people to read: `▁` is a space."""
        if index <= BLANK:
            return ("<pad>", "</s>", "<unk>", "<blank>")[index]
        return self.processor.id_to_piece(self._own(index))

    def encode(self, sentences: Sequence[str]) -> list[np.ndarray]:
        """The ids of each sentence, int64, without an end token."""
        found = self.processor.encode([self.normalised(sentence) for sentence in sentences])
        return [self._id_of[np.array(row, np.int64)] for row in found]

    def decode(self, rows: Sequence[Sequence[int]]) -> list[str]:
        """Ids up to END, as one line each, without BLANKs."""
        kept = [list(row[: row.index(END)] if END in row else row) for row in map(list, rows)]
        pieces = [[int(self._piece_of[i]) for i in row if self._piece_of[i] >= 0] for row in kept]
        return [" ".join(text.split()) for text in self.processor.decode(pieces)] if pieces else []

    def normalised(self, sentence: str) -> str:
        """A sentence as it is read: one line, single spaces, lower case where that is wanted."""
        line = " ".join(sentence.split()).replace("▁", "_")
        return line.lower() if self.lowercase else line

    def _own(self, index: int) -> int:
        return int(self._piece_of[index])
