"""Tiny text parts for tests: a codec with a handful of words, and networks over it."""

from types import SimpleNamespace

import torch

from cyclekit.core.batch import Batch, Pair
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


def data(salient=()):
    """What noise and preservation look at: codecs, and words with their saliency, log p(word|a) - log p(word|b)."""
    pieces = codec()
    saliency = torch.zeros(pieces.vocabulary)
    for word, value in salient:
        for index in pieces.encode([word]).data[0, :-1]:
            saliency[index] = value
    return SimpleNamespace(codecs=Pair(pieces, codec("b")), saliency=saliency)


def generator(**options):
    """A generator that makes b, small and random, with sharp enough logits for its words to differ."""
    torch.manual_seed(0)
    made = TransformerGenerator(codec("a"), codec("b"), **{"width": 16, "layers": 2, "heads": 2, **options})
    with torch.no_grad():
        made.network.embedding.mul_(4)
    return made


def sentences(*texts: str) -> Batch:
    return codec().encode(texts or SENTENCES)
