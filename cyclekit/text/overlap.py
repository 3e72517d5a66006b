"""Overlap of sentences with references, by sacreBLEU, as sums over rows: so that subsets and resamples cost nothing.

BLEU of a corpus is a function of ten sums over its sentences (Papineni et al. 2002). sacreBLEU computes both, the terms
of a sentence and the function of the sums; kept apart, a bootstrap need not count an n-gram twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

import numpy
from numpy.typing import NDArray

Tokenize = Literal["13a", "none", "treebank"]
Floats = NDArray[numpy.float64]

ORDERS = 4
TERMS = 2 + 2 * ORDERS
"""Words of the outputs, words of the references, and for each n-gram length those that match and those there are."""

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


def chrf(outputs: Sequence[str], references: Sequence[Sequence[str]]) -> tuple[float, str]:
    """Corpus chrF2 in percent (Popovic 2015), and sacreBLEU's signature."""
    from sacrebleu.metrics import CHRF

    metric = CHRF()
    most = max(map(len, references))
    # sacreBLEU wants as many references everywhere, and passes over those that are None.
    columns = [[accepted[k] if k < len(accepted) else None for accepted in references] for k in range(most)]
    return metric.corpus_score(list(outputs), columns).score, f"chrF2|{metric.get_signature()}"  # type: ignore[arg-type]
