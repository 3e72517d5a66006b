"""A data part of two lines: sentences of two easily told styles, and a codec whose pieces are whole words."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch

from cyclekit.core.batch import Batch, Pair, concat
from cyclekit.core.parts import HeldOut
from cyclekit.measuring.metric import Translated

THINGS = [
    f"{colour} {thing}" for colour in ("red", "old", "big", "new") for thing in ("cup", "pan", "lid", "pot", "jar")
]
PRAISE, BLAME = ("lovely", "great", "superb"), ("awful", "nasty", "horrid")


class Words:
    """Every word is a piece, learned when it is first seen; one vocabulary for both domains."""

    name = "words"

    def __init__(self, ids: dict[str, int]) -> None:
        self.ids = ids

    def encode(self, items: Sequence[str]) -> Batch:
        rows = [[*(self.ids.setdefault(word, len(self.ids)) for word in item.split()), 1] for item in items]
        longest = max(map(len, rows))
        ids = torch.tensor([row + [0] * (longest - len(row)) for row in rows])
        lengths = torch.tensor([len(row) for row in rows])
        return Batch(ids, torch.arange(longest) < lengths[:, None])

    def decode(self, batch: Batch) -> list[str]:
        words = list(self.ids)
        return [" ".join(words[i] for i in row if i > 3) for row in batch.data.tolist()]


class Toys:
    """What is said of things in a shop: blamed in domain a, praised in b."""

    def __init__(self, references: int = 1, seed: int = 0) -> None:
        codec = Words({"<pad>": 0, "</s>": 1, "<unk>": 2, "<blank>": 3})
        self.codecs = Pair(codec, codec)
        drawn = random.Random(seed)
        self.train, self.judging, self.test = (
            Pair(said(BLAME, count, drawn), said(PRAISE, count, drawn)) for count in (400, 60, 40)
        )
        self.references = references

    def held_out(self, domain: str) -> list[HeldOut]:
        return [
            HeldOut(
                sentence, self.codecs.a.encode([sentence]), self.codecs.a.encode(rewrites(sentence, self.references))
            )
            for sentence in getattr(self.test, domain)
        ]

    def translated(self, fakes: Sequence[str], target: str = "b", truth: bool = True) -> Translated:
        """The held-out direction to `target` with these outputs."""
        items, real = self.held_out("a" if target == "b" else "b"), self.held_out(target)
        items = items[: len(fakes)]
        return Translated(
            concat([item.row for item in items]),
            self.codecs.a.encode(fakes),
            concat([item.row for item in real]),
            [item.truth for item in items] if truth else None,
            self,
            target,
        )


def said(qualities: Sequence[str], count: int, drawn: random.Random) -> list[str]:
    return [
        f"my {drawn.choice(THINGS)} number {drawn.randrange(100)} is {drawn.choice(qualities)} ." for _ in range(count)
    ]


def rewrites(sentence: str, count: int) -> list[str]:
    """Accepted translations: the words of one domain for those of the other."""
    swapped = dict(zip((*BLAME, *PRAISE), (*PRAISE, *BLAME)))
    first = " ".join(swapped.get(word, word) for word in sentence.split())
    return [first, *(f"{first} {'indeed ' * more}".strip() for more in range(1, count))]
