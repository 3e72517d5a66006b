"""Tiny Hugging Face models with random weights, each with a tokenizer as its family has it, made on the spot."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

WORDS = [
    "the",
    "a",
    "cat",
    "dog",
    "bird",
    "sat",
    "ran",
    "sang",
    "on",
    "under",
    "mat",
    "tree",
    "big",
    "red",
    "and",
    "it",
]
SENTENCES = ["the cat sat on the mat", "a big red bird sang", "it ran", "the dog and the cat ran under a tree"]

SIZES = {
    "d_model": 16, "encoder_layers": 2, "decoder_layers": 1, "encoder_attention_heads": 2,
    "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32, "max_position_embeddings": 48,
    # Large weights: with the usual 0.02 every word would be about as likely as every other.
    "init_std": 0.8, "scale_embedding": True, "dropout": 0.2,
}  # fmt: skip


def t5(folder: Path) -> Path:
    """T5: end token only, padding starts the decoder, sentinels, more embeddings than pieces, a scaled head."""
    from transformers import T5Config, T5ForConditionalGeneration

    size = _words(folder, ["<pad>", "</s>", "<unk>"], "$A </s>", extra_special_tokens=["<extra_id_0>", "<extra_id_1>"])
    config = T5Config(
        vocab_size=size + 4, d_model=16, d_kv=8, d_ff=32, num_layers=2, num_decoder_layers=1, num_heads=2,
        pad_token_id=0, eos_token_id=1, decoder_start_token_id=0, initializer_factor=3.0, dropout_rate=0.2,
    )  # fmt: skip
    return _saved(T5ForConditionalGeneration, config, folder)


def bart(folder: Path) -> Path:
    """BART: `<s>` before the sentence, on both sides; the end token starts the decoder."""
    from transformers import BartConfig, BartForConditionalGeneration

    size = _words(
        folder, ["<s>", "<pad>", "</s>", "<unk>", "<mask>"], "<s> $A </s>", bos_token="<s>", mask_token="<mask>"
    )
    config = BartConfig(
        vocab_size=size, bos_token_id=0, pad_token_id=1, eos_token_id=2, decoder_start_token_id=2, **SIZES
    )
    return _saved(BartForConditionalGeneration, config, folder)


def mbart(folder: Path) -> Path:
    """mBART: a language code after the end token, which also starts the decoder."""
    from transformers import MBartConfig, MBartForConditionalGeneration, MBartTokenizer

    specials = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    words = [(f"▁{word}", -2.0 - i / 10) for i, word in enumerate(WORDS)]
    letters = [("▁", -8.0), *((letter, -9.0) for letter in "abcdefghijklmnopqrstuvwxyz")]
    tokenizer = MBartTokenizer(vocab=[*specials, *words, *letters, ("en_XX", 0.0), ("de_DE", 0.0), ("<mask>", 0.0)])
    tokenizer.save_pretrained(folder)
    config = MBartConfig(vocab_size=len(tokenizer), bos_token_id=0, pad_token_id=1, eos_token_id=2, **SIZES)
    return _saved(MBartForConditionalGeneration, config, folder)


def mbart50(folder: Path) -> Path:
    """mBART-50: a language code before the sentence; the end token starts the decoder."""
    from transformers import MBart50Tokenizer, MBartConfig, MBartForConditionalGeneration

    words = [(f"▁{word}", -2.0 - i / 10) for i, word in enumerate(WORDS)]
    specials = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    codes = [("en_XX", 0.0), ("de_DE", 0.0), ("<mask>", 0.0)]
    tokenizer = MBart50Tokenizer(vocab=[*specials, *words, ("▁", -8.0), *codes], src_lang="en_XX")
    tokenizer.save_pretrained(folder)
    config = MBartConfig(
        vocab_size=len(tokenizer), bos_token_id=0, pad_token_id=1, eos_token_id=2, decoder_start_token_id=2, **SIZES
    )
    return _saved(MBartForConditionalGeneration, config, folder)


def nllb(folder: Path) -> Path:
    """NLLB: M2M-100 with a language code before the sentence; the end token starts the decoder, positions are sines."""
    from transformers import M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer

    pieces = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}
    merges: dict[tuple[str, str], None] = {}
    for letter in ("▁", *sorted(set("".join(WORDS)))):
        pieces[letter] = len(pieces)
    for word in WORDS:
        for end in range(1, len(word) + 1):
            before = f"▁{word[: end - 1]}"
            merges[before, word[end - 1]] = None
            pieces.setdefault(f"▁{word[:end]}", len(pieces))
    tokenizer = NllbTokenizer(
        vocab=pieces, merges=list(merges), src_lang="eng_Latn", additional_special_tokens=["eng_Latn", "deu_Latn"]
    )
    tokenizer.save_pretrained(folder)
    config = M2M100Config(
        vocab_size=len(tokenizer), bos_token_id=0, pad_token_id=1, eos_token_id=2, decoder_start_token_id=2, **SIZES
    )
    return _saved(M2M100ForConditionalGeneration, config, folder)


def gpt2(folder: Path) -> Path:
    """GPT-2: no encoder, and a tokenizer without padding. No family of generators."""
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    size = _words(folder, ["<s>", "</s>", "<unk>"], "$A </s>")
    fast = PreTrainedTokenizerFast.from_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=fast.backend_tokenizer, eos_token="</s>", unk_token="<unk>"
    ).save_pretrained(folder)  # fmt: skip
    return _saved(GPT2LMHeadModel, GPT2Config(vocab_size=size, n_embd=16, n_layer=1, n_head=2), folder)


def marian(folder: Path) -> Path:
    """Marian: a SentencePiece model for each side over one vocabulary, padding starts the decoder, a bias."""
    import sentencepiece
    from transformers import MarianConfig, MarianMTModel, MarianTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    pieces: dict[str, int] = {"</s>": 0, "<unk>": 1}
    for side, sentences in (("source", SENTENCES), ("target", [sentence[::-1] for sentence in SENTENCES])):
        trained = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sentences * 20), model_writer=trained, vocab_size=30, hard_vocab_limit=False,
            minloglevel=2,
        )  # fmt: skip
        (folder / f"{side}.spm").write_bytes(trained.getvalue())
        model = sentencepiece.SentencePieceProcessor(model_proto=trained.getvalue())
        for index in range(model.get_piece_size()):
            if not model.is_control(index):
                pieces.setdefault(model.id_to_piece(index), len(pieces))
    pieces["<pad>"] = len(pieces)
    (folder / "vocab.json").write_text(json.dumps(pieces))
    tokenizer = MarianTokenizer(*(str(folder / name) for name in ("source.spm", "target.spm", "vocab.json")))
    tokenizer.save_pretrained(folder)
    pad = pieces["<pad>"]
    config = MarianConfig(
        vocab_size=len(pieces), decoder_vocab_size=len(pieces), pad_token_id=pad, eos_token_id=0,
        decoder_start_token_id=pad, **SIZES,
    )  # fmt: skip
    return _saved(MarianMTModel, config, folder)


FAMILIES: dict[str, Callable[[Path], Path]] = {
    "t5": t5, "bart": bart, "mbart": mbart, "mbart50": mbart50, "nllb": nllb, "marian": marian
}  # fmt: skip


WITH_LANGUAGES = ("mbart", "mbart50", "nllb")


def languages(family: str) -> dict[str, Any]:
    """The codec's options of a family that writes language codes."""
    codes = {"a": "eng_Latn", "b": "deu_Latn"} if family == "nllb" else {"a": "en_XX", "b": "de_DE"}
    return {"language": codes} if family in WITH_LANGUAGES else {}


def _words(folder: Path, specials: list[str], frame: str, **special_tokens: Any) -> int:
    """A tokenizer of whole words in `folder`; how many pieces it has."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    pieces = {piece: index for index, piece in enumerate([*specials, *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(pieces, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    around = [(piece, pieces[piece]) for piece in ("<s>", "</s>") if piece in pieces]
    tokenizer.post_processor = processors.TemplateProcessing(single=frame, special_tokens=around)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="</s>", pad_token="<pad>", unk_token="<unk>", **special_tokens
    )
    fast.save_pretrained(folder)
    return len(fast)


def _saved(network: Any, config: Any, folder: Path) -> Path:
    with torch.random.fork_rng():
        torch.manual_seed(7)
        built = network(config)
        if hasattr(built, "final_logits_bias"):
            built.final_logits_bias.normal_()
        built.save_pretrained(folder)
    return folder
