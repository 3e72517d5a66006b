"""What `data.tokenizer` names, built: pieces learned from the training text, a given model, or Hugging Face's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cyclekit.core.batch import Pair
from cyclekit.registry import RecipeError, build, did_you_mean
from cyclekit.text.codec import SentencePieceCodec, train_pieces


def build_codecs(
    tokenizer: str | dict[str, Any], train: Pair[list[str]], vocabulary: int, limit: int, lowercase: bool
) -> Pair[Any]:
    """The codecs of both domains, which share one vocabulary.

    Args:
        tokenizer: `bpe`, `unigram`, a .model file, `huggingface:NAME` or `{huggingface: NAME, option: value}`.
        train: training sentences, to learn pieces from.
        vocabulary: the most pieces that are learned.
        limit: the most tokens of a row.

    Raises:
        RecipeError: no such tokenizer, a file that is none, or a vocabulary too small.
    """
    if isinstance(tokenizer, dict) or tokenizer.startswith("huggingface:"):
        given = dict(tokenizer) if isinstance(tokenizer, dict) else {"huggingface": tokenizer.partition(":")[2]}
        if "huggingface" not in given:
            raise RecipeError("data.tokenizer: a mapping is {huggingface: NAME, option: value}")
        options = {"limit": limit, "lowercase": lowercase, "model": given.pop("huggingface"), **given}
        return Pair(*(build("codec", "huggingface", d, options=options, where="data.tokenizer") for d in Pair._fields))
    try:
        if tokenizer in ("bpe", "unigram"):
            model: bytes | Path = train_pieces([*train.a, *train.b], tokenizer, vocabulary)  # type: ignore[arg-type]
        elif tokenizer.endswith(".model"):
            model = Path(tokenizer)
        else:
            raise RecipeError(
                f"data.tokenizer: '{tokenizer}' is none{did_you_mean(tokenizer, ['bpe', 'unigram'])}; choose bpe, "
                "unigram, a SentencePiece .model file or huggingface:NAME"
            )
        return Pair(*(SentencePieceCodec(d, model=model, limit=limit, lowercase=lowercase) for d in ("a", "b")))
    except ValueError as error:
        raise RecipeError(f"data.tokenizer: {error}") from error
