"""A made language and its cipher: every word of the second is known to be one of the first."""

import random

from cyclekit.core.batch import Pair
from cyclekit.text.codec import SentencePieceCodec, train_pieces

TOPICS = "bdfgklmprstv"

ADJECTIVES = ["ig", "oq"]


def shared(word):
    """Whether both languages write a word alike: numbers, the full stop, and two nouns of each topic."""
    return word.isdigit() or word == "." or word.endswith(("ota", "ak"))


def ciphered(word):
    """A word of the first language in the second."""
    return word if shared(word) else "x" + word[::-1]


def texts(count=1500, seed=0, after=False):
    """Sentences on twelve topics, and other sentences on them in the cipher.

    Args:
        after: whether the cipher writes adjectives after their nouns.
    """
    draw = random.Random(seed)

    def some(topic, endings):
        place = int(len(endings) * draw.random() ** 1.7)  # the first are frequent
        return topic + endings[place]

    def sentence():
        topic = TOPICS[int(len(TOPICS) * draw.random() ** 1.5)]
        words = ["the"] + ([some(topic, ADJECTIVES)] if draw.random() < 0.5 else [])
        words += [some(topic, ["ak", "ota", "ek", "uk"]), some(topic, ["at", "et", "ut"])]
        words += ["a", some(topic, ["ota", "im", "om"])] if draw.random() < 0.6 else []
        words += [draw.choice(["in", "in", "in", "near"]), "the", topic + "lum"] if draw.random() < 0.5 else []
        return [*words, *(["at", draw.choice("78")] if draw.random() < 0.2 else []), "."]

    def ordered(words):
        for place in [place for place, word in enumerate(words) if word[1:] in ADJECTIVES]:
            words[place : place + 2] = words[place : place + 2][::-1]
        return words

    sides = [[sentence() for _ in range(count)] for _ in range(2)]
    sides[1] = [ordered(words) for words in sides[1]] if after else sides[1]
    return Pair(
        [" ".join(words) for words in sides[0]], [" ".join(ciphered(word) for word in words) for words in sides[1]]
    )


class Data:
    """What a bootstrap sees of the text data part."""

    def __init__(self):
        self.train = texts(700)
        model = train_pieces([*self.train.a, *self.train.b], "bpe", 500)
        self.codecs = Pair(*(SentencePieceCodec(domain, model=model) for domain in ("a", "b")))
