"""`bootstrap: lexicon`: the first translator of two languages is a lexicon of their training texts.

Where styles share most of their words, a first translation keeps them (`bootstrap: saliency`). Languages share few, so
that words have to be translated from the beginning (Lample et al. 2018, section 2.3: without word by word translation,
or word vectors in one space, nothing is learned).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from torch import nn

from cyclekit.core.batch import Batch, Pair, concat
from cyclekit.registry import RecipeError, register
from cyclekit.text.lexicon.dictionaries import read_dictionary
from cyclekit.text.lexicon.embeddings import begin_embeddings, piece_vectors
from cyclekit.text.lexicon.induction import Lexicon, check_numbers
from cyclekit.text.lexicon.kept import lexicon_of

SHOWN = 20
"""Pairs of words a direction that a run's log and report show."""


@register("bootstrap", "lexicon")
class LexiconBootstrap:
    """Translates word by word with a lexicon of the training sentences, made when it is first asked.

    Each sentence is translated once and remembered. The same data and options always give the same lexicon.
    """

    def __init__(
        self,
        data: Any,
        *,
        window: int = 10,
        dimensions: int = 200,
        words: int = 5000,
        seeds: list[Literal["identical", "cognates"]] = ["identical", "cognates"],  # noqa: B006
        dictionary: str | list[str] | None = None,
        candidates: int = 12,
        rounds: int = 4,
        swap: float | None = 1.0,
        spelling: float = 0.0,
        embeddings: bool = False,
    ) -> None:
        """Choose how the lexicon is made; see `induction.induce`.

        Args:
            data: the text data part: its codecs, and `train`, the only sentences that are looked at.
            window: how many words away a word's neighbours may be.
            dimensions: of the word vectors, at most.
            words: the most words of a language, of those that occur twice.
            seeds: what it begins with: words that both languages write alike, or nearly.
            dictionary: a file of pairs of words, or several: FreeDict's (`.dict.dz`), Ding's, or two words a line. Not
                null, it is a bilingual resource, and a result should say so.
            candidates: translations among which a sentence chooses for each of its words.
            rounds: of transport and counting.
            swap: what it costs, in nats, to write a word before its left neighbour, where the other language's bigrams
                gain more by it, while the lexicon is learned and when it translates; null keeps the sentence's order.
            spelling: how much less a pair of words costs that are written alike, of a cost of 1 - cosine: 0.5 for
                related languages.
            embeddings: begin the generators' embeddings with its word vectors, so that words which mean the same are
                read as the same from the first step on (where a run starts from weights, it keeps those).

        Raises:
            ValueError: numbers that make no sense, or a dictionary that cannot be read.
        """
        check_numbers(window, dimensions, words, candidates, rounds, swap, spelling)
        self.dictionaries = [dictionary] if isinstance(dictionary, str) else list(dictionary or [])
        for path in self.dictionaries:
            read_dictionary(path)  # now, and not after the stages before
        self.data = data
        self.options = {
            "window": window, "dimensions": dimensions, "words": words, "seeds": tuple(seeds),
            "dictionary": tuple(self.dictionaries), "candidates": candidates, "rounds": rounds,
            "swap": swap, "spelling": spelling,
        }  # fmt: skip
        self.embeddings = embeddings
        self._known: dict[tuple[str, bytes], Batch] = {}

    @property
    def lexicon(self) -> Lexicon:
        """The lexicon of the data's training sentences.

        Raises:
            ValueError: the languages share nothing to begin with.
        """
        return lexicon_of(self.data, **self.options)

    def __call__(self, real: Batch, domain: str, generator: nn.Module) -> Batch:
        """Rows (B, S) of `domain` to rows (B, T) of the other one; blank where no word is left."""
        read, made = (self.data.codecs.a, self.data.codecs.b) if domain == "a" else self.data.codecs.swapped
        rows = list(real.to("cpu").rows())
        keys = [(domain, row.data.numpy().tobytes()) for row in rows]
        new = {key: row for key, row in zip(keys, rows) if key not in self._known}
        if new:
            direction = self.lexicon.directions.b if domain == "a" else self.lexicon.directions.a
            sentences = direction.translated([read.decode(row)[0] for row in new.values()])
            self._known.update(zip(new, made.encode(sentences).rows()))
        return concat([self._known[key] for key in keys]).to(real.data.device)

    def begin(self, generators: Pair[Any]) -> None:
        """Write the lexicon's vectors into the generators' embeddings, where the recipe asks for it.

        Raises:
            RecipeError: a generator shows no embeddings.
        """
        if not self.embeddings:
            return
        begun: set[int] = set()
        for generator in filter(None, generators):
            weight = getattr(generator, "embeddings", None)
            if weight is None:
                raise RecipeError(
                    "bootstrap.embeddings: this generator has none that a lexicon could begin; set "
                    "generator.name=transformer, or bootstrap.embeddings=false"
                )
            if id(weight) not in begun:  # both directions may be one network
                begin_embeddings(weight, piece_vectors(self.lexicon, self.data.codecs.a))
                begun.add(id(weight))

    def record(self) -> Mapping[str, Any]:
        """What the lexicon was made of and how it fits, and the most frequent words with their translations."""
        directions = self.lexicon.directions
        return {
            "facts": self.lexicon.facts,
            "pairs": {
                target: [list(pair) for pair in getattr(directions, target).pairs(SHOWN)] for target in ("b", "a")
            },
        }
