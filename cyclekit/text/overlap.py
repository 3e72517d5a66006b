"""Overlap of sentences with references, by sacreBLEU, as sums over rows: so that subsets and resamples cost nothing.

BLEU of a corpus is a function of ten sums over its sentences (Papineni et al. 2002), chrF of eighteen (Popovic 2015).
sacreBLEU computes both, the terms of a sentence and the function of the sums; kept apart, a bootstrap need not count an
n-gram twice. Of BLEU it gives the terms away; those of chrF are counted here, by its rules.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

import numpy
from numpy.typing import NDArray

Tokenize = Literal["13a", "none", "treebank"]
Floats = NDArray[numpy.float64]

ORDERS = 4
TERMS = 2 + 2 * ORDERS
"""Words of the outputs, words of the references, and for each n-gram length those that match and those there are."""

CHARACTERS = 6
CHRF_TERMS = 3 * CHARACTERS
"""For each length of character n-grams: those of the outputs, those of the references, and those that match."""

BETA = 2
"""How much more recall counts than precision in chrF2."""

# Penn Treebank's spelling of contractions, as tokenised corpora have it: "do n't", "it 's".
NEGATION = re.compile(r"(?<=[a-z])n't\b", re.IGNORECASE)
CLITIC = re.compile(r"(?<=\w)'(?=(?:s|re|ve|ll|d|m)\b)", re.IGNORECASE)


class Overlap:
    """Corpus BLEU with its terms for each sentence.

    Args:
        tokenize: "13a" is sacreBLEU's standard. "none" takes words as they stand, for tokenised corpora. "treebank"
            spells contractions on both sides as in the Penn Treebank before "13a" splits off punctuation: for tokenised
            corpora whose references were written by people, as Yelp's.
        lowercase: whether case counts for nothing.
    """

    def __init__(self, tokenize: Tokenize = "13a", lowercase: bool = False) -> None:
        from sacrebleu.metrics import BLEU

        self.treebank = tokenize == "treebank"
        # Effective order changes the score of a sentence, which nobody reads here, and not its terms.
        options: dict[str, Any] = {"tokenize": "13a" if self.treebank else tokenize, "lowercase": lowercase}
        self.bleu = BLEU(force=True, **options)
        self.of_a_sentence = BLEU(force=True, effective_order=True, **options)

    def terms(self, outputs: Sequence[str], references: Sequence[Sequence[str]]) -> Floats:
        """The terms (N, 10) of N outputs, each with its own one or more references."""
        rows = numpy.zeros((len(outputs), TERMS))
        for row, output, accepted in zip(rows, outputs, references):
            found = self.of_a_sentence.sentence_score(self.spelt(output), [self.spelt(each) for each in accepted])
            row[:] = [found.sys_len, found.ref_len, *found.counts, *found.totals]
        return rows

    def score(self, sums: Floats) -> Floats:
        """Sums of terms (R, 10) to BLEU in percent (R,), smoothed as corpus sacreBLEU is."""
        scores = []
        for output_words, reference_words, *counts in sums.round().astype(int).tolist():
            matches, totals = counts[:ORDERS], counts[ORDERS:]
            found = self.bleu.compute_bleu(matches, totals, output_words, reference_words, smooth_method="exp")
            scores.append(found.score)
        return numpy.array(scores)

    def spelt(self, sentence: str) -> str:
        """The sentence as sacreBLEU is shown it."""
        return CLITIC.sub(" '", NEGATION.sub(" n't", sentence)) if self.treebank else sentence

    def protocol(self, references: Sequence[Sequence[str]]) -> dict[str, object]:
        """sacreBLEU's signature for these references, how many a sentence has, and what was done before."""
        counts = sorted({len(accepted) for accepted in references})
        self.bleu.num_refs = counts[0] if len(counts) == 1 else -1  # sacreBLEU's sign for counts that vary
        signature = f"BLEU|{self.bleu.get_signature()}"
        found: dict[str, object] = {
            "sacreBLEU": signature,
            "references": " to ".join(str(count) for count in dict.fromkeys([counts[0], counts[-1]])),
            "notes": [f"sacreBLEU {signature}"],
        }
        if not self.treebank:
            return found
        before = "contractions spelt as in the Penn Treebank"
        return {**found, "before": before, "notes": [f"sacreBLEU {signature}, {before} before"]}


class CharacterOverlap:
    """Corpus chrF2 with its terms for each sentence: sacreBLEU's defaults, without spaces and with case."""

    def terms(self, outputs: Sequence[str], references: Sequence[Sequence[str]]) -> Floats:
        """The terms (N, 18) of N outputs: those with the reference that each is nearest to, the first of equals."""
        rows = numpy.zeros((len(outputs), CHRF_TERMS))
        for row, output, accepted in zip(rows, outputs, references):
            found = _ngrams(output)
            each = numpy.array([_matches(found, _ngrams(reference)) for reference in accepted], dtype=float)
            row[:] = each[self.score(each).argmax()]
        return rows

    def score(self, sums: Floats) -> Floats:
        """Sums of terms (R, 18) to chrF2 in percent (R,): F of the mean precision and the mean recall over lengths."""
        made, wanted, matching = (sums[:, place::3] for place in range(3))
        counted = (made > 0) & (wanted > 0)
        means = []
        for total in (made, wanted):
            parts = numpy.divide(matching, total, out=numpy.zeros_like(matching), where=counted)
            means.append(parts.sum(1) / counted.sum(1).clip(1))
        precision, recall = means
        weighed = BETA**2 * precision + recall
        return 100 * numpy.divide(
            (1 + BETA**2) * precision * recall, weighed, out=numpy.zeros_like(weighed), where=weighed > 0
        )

    def protocol(self, references: Sequence[Sequence[str]]) -> dict[str, object]:
        """sacreBLEU's signature for these references."""
        from sacrebleu.metrics import CHRF

        metric, counts = CHRF(), {len(accepted) for accepted in references}
        metric.num_refs = counts.pop() if len(counts) == 1 else -1  # sacreBLEU's sign for counts that vary
        signature = f"chrF2|{metric.get_signature()}"
        return {"sacreBLEU": signature, "notes": [f"sacreBLEU {signature}"]}


def _ngrams(sentence: str) -> list[Counter[str]]:
    """The character n-grams of a sentence without its spaces, for each length."""
    joined = "".join(sentence.split())
    lengths = range(1, CHARACTERS + 1)
    return [Counter(joined[start : start + n] for start in range(len(joined) - n + 1)) for n in lengths]


def _matches(output: list[Counter[str]], reference: list[Counter[str]]) -> list[int]:
    """For each length: n-grams of the output, where the reference has any; of the reference; and how many match."""
    terms = []
    for made, wanted in zip(output, reference):
        terms += [made.total() if wanted else 0, wanted.total(), (made & wanted).total()]
    return terms
