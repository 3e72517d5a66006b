"""Tiny text parts for tests: a codec with a handful of words, and networks over it."""

import torch

from cyclekit.core.batch import Batch
from cyclekit.text.codec import SentencePieceCodec, train_pieces
from cyclekit.text.transformer import TransformerGenerator

SENTENCES = [
    "the food was great and the staff was kind .",
    "the food was awful and the staff was rude .",
    "i will be back soon , thank you !",
    "never going back , what a waste of money .",
    "great great place for a long lunch with friends .",
]
MODEL = train_pieces(SENTENCES, "bpe", 360)


def codec(domain="a", limit=20):
    return SentencePieceCodec(domain, model=MODEL, limit=limit)


def generator(**options):
    """A generator that makes b, small and random, with sharp enough logits for its words to differ."""
    torch.manual_seed(0)
    made = TransformerGenerator(codec("a"), codec("b"), **{"width": 16, "layers": 2, "heads": 2, **options})
    with torch.no_grad():
        made.network.embedding.mul_(4)
    return made


def sentences(*texts: str) -> Batch:
    return codec().encode(texts or SENTENCES)
