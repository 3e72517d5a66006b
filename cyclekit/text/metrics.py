"""Metrics of sentences: style, content, fluency, and the ways a translation can look good without being one.

No number here is read alone. The copy of its input has a perfect self-BLEU and often the best BLEU of the table; a
single praising sentence for every input is in perfect style. Hence the rows for baselines, and G.

Over 300 lines: the table of all metrics of sentences, a few lines each; what they compute with stands in other files.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Literal

import numpy

from cyclekit.measuring.metric import MetricUnavailable
from cyclekit.registry import register
from cyclekit.text import language_model
from cyclekit.text.language_model import language_model_of
from cyclekit.text.minilm import MODEL, Embeddings
from cyclekit.text.overlap import TERMS, CharacterOverlap, Overlap, Tokenize
from cyclekit.text.row_sums import Floats, SentenceMetric, Terms, percent, ratio, shares
from cyclekit.text.scripts import repeats_without_space, words_of
from cyclekit.text.sentences import Sentences, training_text
from cyclekit.text.style_classifier import classifier_of, second_classifier_of

# "copying" in a protocol: what the copy scores says nothing there, so that no table compares with it.
PERFECT, WORST = {"copying": "is perfect by construction"}, {"copying": "is the worst by construction"}
WORD = re.compile(r"\w+(?:[':.,-]\w+)*")
WORDS = "apart by spaces; characters, in scripts without them"


@register("metric", "style_accuracy")
def style_accuracy() -> SentenceMetric:
    """Percent of outputs that an independent judge takes for the target domain; see `StyleClassifier`."""
    return SentenceMetric("style accuracy (%)", "higher", _judged, percent, {})


@register("metric", "second_style_accuracy")
def second_style_accuracy() -> SentenceMetric:
    """Percent of outputs that a judge of another kind, by which nothing is chosen, takes for the target domain.

    The judge of `style_accuracy` also chooses checkpoints (`selection`), so that what it says of them flatters; see
    `SecondStyleClassifier`. It needs the weights of all-MiniLM-L6-v2.
    """

    def terms(sentences: Sentences) -> Terms:
        judge = second_classifier_of(sentences.data)
        return Terms(shares(judge.style.hits(sentences.fake, sentences.target)), judge.protocol)

    return SentenceMetric(f"style accuracy, second judge ({MODEL}) (%)", "higher", terms, percent, {}, chooses=False)


@register("metric", "bleu")
def bleu(*, tokenize: Tokenize = "auto", lowercase: bool = False) -> SentenceMetric:
    """Corpus BLEU against the accepted translations, by sacreBLEU; sentences may have different numbers of them.

    Args:
        tokenize: "auto" or one of sacreBLEU's; see `Overlap`. It moves the score of one file by several points, so
            that published numbers compare only under their own.
        lowercase: whether case counts for nothing.
    """
    overlap = Overlap(tokenize, lowercase)
    return SentenceMetric("BLEU", "higher", lambda s: _to_truth(s, overlap), overlap.score, {}, needs_truth=True)


@register("metric", "self_bleu")
def self_bleu(*, tokenize: Tokenize = "auto", lowercase: bool = False) -> SentenceMetric:
    """Corpus BLEU of the outputs against their own inputs: how much of them is kept, wanted or not.

    Args:
        tokenize, lowercase: as for `bleu`.
    """
    overlap = Overlap(tokenize, lowercase)
    return SentenceMetric("self-BLEU", "higher", lambda s: _to_source(s, overlap), overlap.score, PERFECT)


@register("metric", "round_trip")
def round_trip(*, tokenize: Tokenize = "auto", lowercase: bool = False) -> SentenceMetric:
    """Corpus BLEU of the outputs translated back against the inputs; needs no truth (Lample et al. 2018, section 3.3).

    It says how much of the content is still there where style changes most words and self-BLEU says little.

    Args:
        tokenize, lowercase: as for `bleu`.
    """
    overlap = Overlap(tokenize, lowercase)
    return SentenceMetric(
        "round-trip BLEU", "higher", lambda s: _there_and_back(s, overlap), overlap.score, {}, needs_back=True
    )


@register("metric", "round_trip_length")
def round_trip_length(*, tokenize: Tokenize = "auto", lowercase: bool = False) -> SentenceMetric:
    """Round-trip BLEU times how well lengths match: what checkpoints of translators are chosen by, without pairs.

    The match is the ratio of the outputs' length to the inputs' over that of the domains' training sentences, or its
    inverse where that is smaller: at most 1. A round trip alone is content with outputs that are too long.

    Args:
        tokenize, lowercase: as for `bleu`.
    """
    overlap = Overlap(tokenize, lowercase)

    def terms(sentences: Sentences) -> Terms:
        wanted = expected_words(sentences)
        counts = [[len(words_of(o)), wanted * len(words_of(s))] for o, s in zip(sentences.fake, sentences.source)]
        return _there_and_back(sentences, overlap).beside(Terms(numpy.array(counts, dtype=float)))

    def score(sums: Floats) -> Floats:
        found = ratio(sums[:, TERMS:])
        return overlap.score(sums[:, :TERMS]) * numpy.minimum(found, 1 / numpy.maximum(found, 1e-9))

    about = {"value": "round-trip BLEU times the match of lengths, 0 to 1", "words": WORDS}
    return SentenceMetric("round trip x length match", "higher", terms, score, about, needs_back=True)


def expected_words(sentences: Sentences) -> float:
    """Words of a translation for each of its source's, by the mean lengths of both domains' training sentences."""
    source = "b" if sentences.target == "a" else "a"
    mean = [
        numpy.mean([len(words_of(one)) for one in training_text(sentences.data, domain)])
        for domain in (sentences.target, source)
    ]
    return float(mean[0] / mean[1])


@register("metric", "chrf")
def chrf() -> SentenceMetric:
    """chrF2 of the corpus against the accepted translations, as sacreBLEU computes it (Popovic 2015)."""
    overlap = CharacterOverlap()

    def terms(sentences: Sentences) -> Terms:
        accepted = _truth(sentences)
        return Terms(overlap.terms(sentences.fake, accepted), overlap.protocol(accepted))

    return SentenceMetric("chrF2", "higher", terms, overlap.score, {}, needs_truth=True)


@register("metric", "copies")
def copies() -> SentenceMetric:
    """Percent of outputs that are their input, but for spaces."""
    return SentenceMetric("exact copies (%)", "lower", _copied, percent, WORST)


@register("metric", "distinct")
def distinct() -> SentenceMetric:
    """Percent of the outputs that are different sentences: low where many inputs end in one output."""

    def terms(sentences: Sentences) -> Terms:
        first = {output: index for index, output in reversed(list(enumerate(sentences.fake)))}
        return Terms(shares([first[output] == index for index, output in enumerate(sentences.fake)]))

    # A resample repeats rows, and would have fewer distinct ones for that alone.
    return SentenceMetric("distinct outputs (%)", "higher", terms, percent, {}, spread=False)


@register("metric", "repeats")
def repeats() -> SentenceMetric:
    """Percent of outputs in which a word stands twice in a row, in whatever case."""
    return SentenceMetric(
        "adjacent repeats (%)", "lower", lambda s: Terms(shares([repeating(output) for output in s.fake])), percent, {}
    )


@register("metric", "length_ratio")
def length_ratio() -> SentenceMetric:
    """Words of all outputs to words of all inputs."""

    def terms(sentences: Sentences) -> Terms:
        counts = [
            [len(words_of(output)), len(words_of(source))] for output, source in zip(sentences.fake, sentences.source)
        ]
        return Terms(numpy.array(counts, dtype=float))

    return SentenceMetric("length ratio", "near 1", terms, ratio, {"words": WORDS, **PERFECT})


@register("metric", "perplexity")
def perplexity() -> SentenceMetric:
    """Perplexity of the outputs under a trigram model of the target domain's training text; see `LanguageModel`.

    Low is not good by itself: safe sentences, the same ones over and over, have the lowest.
    """

    def terms(sentences: Sentences) -> Terms:
        logs, words = language_model_of(sentences.data, sentences.target).log_probabilities(sentences.fake)
        return Terms(numpy.stack([-logs, words], 1))

    about = {"model": language_model.METHOD, "learnt from": "the target domain's training text"}
    return SentenceMetric("perplexity (trigrams)", "lower", terms, lambda sums: numpy.exp(ratio(sums)), about)


@register("metric", "g")
def g(*, tokenize: Tokenize = "auto", lowercase: bool = False) -> SentenceMetric:
    """Geometric mean of style accuracy and BLEU, both in percent: the field's one number.

    Args:
        tokenize, lowercase: as for `bleu`.
    """
    overlap = Overlap(tokenize, lowercase)

    def terms(sentences: Sentences) -> Terms:
        return _judged(sentences).beside(_to_truth(sentences, overlap))

    def score(sums: Floats) -> Floats:
        return numpy.sqrt(percent(sums[:, :2]) * overlap.score(sums[:, 2:]))

    return SentenceMetric("G (accuracy, BLEU)", "higher", terms, score, {}, needs_truth=True)


@register("metric", "g_self")
def g_self(*, tokenize: Tokenize = "auto", lowercase: bool = False) -> SentenceMetric:
    """Geometric mean of style accuracy and self-BLEU, both in percent; needs no truth.

    Args:
        tokenize, lowercase: as for `bleu`.
    """
    overlap = Overlap(tokenize, lowercase)

    def terms(sentences: Sentences) -> Terms:
        return _judged(sentences).beside(_to_source(sentences, overlap))

    def score(sums: Floats) -> Floats:
        return numpy.sqrt(percent(sums[:, :2]) * overlap.score(sums[:, 2:]))

    return SentenceMetric("G (accuracy, self-BLEU)", "higher", terms, score, {})


@register("metric", "selection")
def selection(
    *, content: Literal["self_bleu", "round_trip"] = "self_bleu", tokenize: Tokenize = "auto", lowercase: bool = False
) -> SentenceMetric:
    """G of accuracy and a BLEU without truth, times the share that is no exact copy: what checkpoints are chosen by.

    Args:
        content: the BLEU: `self_bleu` where most words should stay, `round_trip` where most should change.
        tokenize, lowercase: as for `bleu`.
    """
    overlap = Overlap(tokenize, lowercase)
    kept = _to_source if content == "self_bleu" else _there_and_back

    def terms(sentences: Sentences) -> Terms:
        return _judged(sentences, selects=True).beside(kept(sentences, overlap)).beside(_copied(sentences))

    def score(sums: Floats) -> Floats:
        accuracy, overlapping, copied = sums[:, :2], sums[:, 2 : 2 + TERMS], sums[:, 2 + TERMS :]
        return numpy.sqrt(percent(accuracy) * overlap.score(overlapping)) * (1 - ratio(copied))

    bleu_name = "self-BLEU" if content == "self_bleu" else "round-trip BLEU"
    about = {"value": f"square root of accuracy times {bleu_name}, times 1 - copy rate"}
    name, needs_back = f"selection (accuracy, {bleu_name}, copies)", content == "round_trip"
    return SentenceMetric(name, "higher", terms, score, about, needs_back=needs_back)


@register("metric", "content_kept")
def content_kept() -> SentenceMetric:
    """Percent of sentences that keep all their content words: those in the source and in every accepted translation.

    Case counts. Sentences that share no word with all their translations have nothing to lose and are not counted.
    """

    def terms(sentences: Sentences) -> Terms:
        kept, counted = [], []
        for source, output, accepted in zip(sentences.source, sentences.fake, _truth(sentences)):
            content = words_in(source).intersection(*map(words_in, accepted))
            kept.append(content <= words_in(output))
            counted.append(bool(content))
        return Terms(shares(kept, counted), {"sentences with content words": f"{sum(counted)} of {len(counted)}"})

    about = {"content words": "in the source and in every accepted translation, case counts", **PERFECT}
    return SentenceMetric("content words kept (%)", "higher", terms, percent, about, needs_truth=True)


@register("metric", "minilm")
def minilm() -> SentenceMetric:
    """Mean cosine of the embeddings of inputs and outputs, by a small pretrained sentence encoder."""

    embeddings = Embeddings()

    def terms(sentences: Sentences) -> Terms:
        found = embeddings.cosines(sentences.source, sentences.fake)
        return Terms(numpy.stack([found, numpy.ones(len(found))], 1))

    return SentenceMetric(f"cosine to the source ({MODEL})", "higher", terms, ratio, {"model": MODEL, **PERFECT})


def words_in(sentence: str) -> set[str]:
    """The different words and numbers of a sentence, without punctuation; "7:30" is one."""
    return {word for spaced in words_of(sentence) for word in WORD.findall(spaced)}


def repeating(sentence: str) -> bool:
    """Whether a word stands twice in a row; punctuation may. For scripts without spaces see `repeats_without_space`."""
    spaced = sentence.lower().split()
    twice = any(left == right and WORD.search(left) for left, right in pairwise(spaced))
    return twice or repeats_without_space(sentence)


def _judged(sentences: Sentences, *, selects: bool = False) -> Terms:
    classifier = classifier_of(sentences.data, selects=selects)
    return Terms(shares(classifier.style.hits(sentences.fake, sentences.target)), classifier.protocol)


def _copied(sentences: Sentences) -> Terms:
    return Terms(shares([output == source for output, source in zip(sentences.fake, sentences.source)]))


def _to_truth(sentences: Sentences, overlap: Overlap) -> Terms:
    accepted = _truth(sentences)
    return Terms(overlap.terms(sentences.fake, accepted), overlap.protocol(accepted))


def _there_and_back(sentences: Sentences, overlap: Overlap) -> Terms:
    if sentences.back is None:
        raise MetricUnavailable("needs the translations brought back, and this row has none")
    references = [[source] for source in sentences.source]
    return Terms(overlap.terms(sentences.back, references), overlap.protocol(references))


def _to_source(sentences: Sentences, overlap: Overlap) -> Terms:
    sources = [[source] for source in sentences.source]
    return Terms(overlap.terms(sentences.fake, sources), {**overlap.protocol(sources), "references": "the input"})


def _truth(sentences: Sentences) -> list[list[str]]:
    if sentences.truth is None:
        raise MetricUnavailable("needs accepted translations of each sentence, which these data have not")
    return sentences.truth
