"""What is wrong with a run's sentences, seen early: a check answers None, or one line with evidence and a remedy.

The failures that text CycleGANs are known for, and the thresholds that tell them from healthy runs (their outputs copy
3 to 7 % of the time, are nearly all distinct, and repeat a word in 1 to 3 %). Thresholds are options of a recipe.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cyclekit.core.batch import Batch, concat
from cyclekit.core.parts import Codec
from cyclekit.measuring.health import Check, Translating
from cyclekit.measuring.metric import MetricUnavailable, Translated
from cyclekit.registry import register
from cyclekit.text.metrics import expected_words, repeating
from cyclekit.text.overlap import Overlap
from cyclekit.text.scripts import words_of
from cyclekit.text.sentences import Sentences, decoded, sentences_of
from cyclekit.text.style_classifier import classifier_of

FEWEST = 10
"""Sentences below which a share says nothing, and no check speaks."""


@register("health", "copying")
def copying(*, copies: float = 30.0, self_bleu: float = 90.0, accuracy: float = 20.0) -> Check:
    """Outputs are their inputs: the cheapest way to a perfect cycle.

    Args:
        copies: percent of exact copies above which it speaks.
        self_bleu, accuracy: it also speaks above this self-BLEU with less than this percent in the target's style.

    Raises:
        ValueError: a threshold that is no percentage.
    """
    _check_percentages(copies=copies, self_bleu=self_bleu, accuracy=accuracy)

    def check(translated: Translated) -> str | None:
        sentences = sentences_of(translated)
        exact = _percent([fake == source for fake, source in zip(sentences.fake, sentences.source)])
        if exact > copies:
            evidence = f"{exact:.0f} % exact copies"
        else:
            kept, judged = _kept(sentences), _accuracy(sentences)
            if kept <= self_bleu or judged is None or judged >= accuracy:
                return None
            evidence = f"self-BLEU {kept:.0f}, and {judged:.0f} % in the target's style"
        return (
            f"the outputs copy their inputs ({evidence}): raise objective.adversarial or "
            "objective.cross_domain_negatives, lower objective.cycle, or give the identity term noise"
        )

    return _if_enough(check)


@register("health", "collapse")
def collapse(*, distinct: float = 50.0, self_bleu: float = 5.0, accuracy: float = 80.0) -> Check:
    """Many inputs end in few outputs, which please the discriminator and keep nothing.

    Args:
        distinct: percent below which it speaks: distinct outputs to distinct inputs.
        self_bleu, accuracy: it also speaks below this self-BLEU with more than this percent in the target's style.

    Raises:
        ValueError: a threshold that is no percentage.
    """
    _check_percentages(distinct=distinct, self_bleu=self_bleu, accuracy=accuracy)

    def check(translated: Translated) -> str | None:
        sentences = sentences_of(translated)
        outputs, inputs = Counter(sentences.fake), len(set(sentences.source))
        found = 100 * len(outputs) / inputs
        if found < distinct:
            commonest, times = outputs.most_common(1)[0]
            evidence = (
                f"{len(outputs)} distinct outputs of {inputs} distinct inputs, {times} times '{_short(commonest)}'"
            )
        else:
            kept, judged = _kept(sentences), _accuracy(sentences)
            if kept >= self_bleu or judged is None or judged <= accuracy:
                return None
            evidence = f"self-BLEU {kept:.1f} with {judged:.0f} % in the target's style"
        return (
            f"the outputs collapse into safe sentences ({evidence}): lower objective.adversarial, raise "
            "objective.cycle or objective.identity, or set objective.cycle_gradient above 0"
        )

    return _if_enough(check)


@register("health", "repetition")
def repetition(*, repeats: float = 10.0, times: float = 3.0) -> Check:
    """Words stand twice and thrice in a row: "great great great" pleases a discriminator that counts words.

    Args:
        repeats: percent of outputs with an adjacent repeat above which it speaks,
        times: if they are also more than so many times as frequent as in the inputs.

    Raises:
        ValueError: a threshold that is no percentage, or a negative one.
    """
    _check_percentages(repeats=repeats)
    if times < 0:
        raise ValueError(f"times is {times}; it compares two shares, and is 0 or more")

    def check(translated: Translated) -> str | None:
        sentences = sentences_of(translated)
        found, before = (_percent([repeating(one) for one in side]) for side in (sentences.fake, sentences.source))
        if found <= repeats or found <= times * before:
            return None
        example = next(fake for fake in sentences.fake if repeating(fake))
        return (
            f"the outputs repeat words ({found:.0f} % with a word twice in a row, {before:.1f} % of the inputs; "
            f"'{_short(example)}'): set generator.no_repeat=true, or lower objective.adversarial"
        )

    return _if_enough(check)


@register("health", "length")
def length(*, off: float = 25.0) -> Check:
    """Outputs are shorter or longer than the two domains' sentences say: networks that are unsure end early.

    Args:
        off: percent by which the outputs' words may differ from what the inputs' make expect.

    Raises:
        ValueError: a threshold that is no percentage.
    """
    _check_percentages(off=off)

    def check(translated: Translated) -> str | None:
        sentences = sentences_of(translated)
        wanted = expected_words(sentences) * sum(len(words_of(one)) for one in sentences.source)
        found = 100 * sum(len(words_of(one)) for one in sentences.fake) / max(wanted, 1)
        if abs(found - 100) <= off:
            return None
        return (
            f"the outputs are too {'short' if found < 100 else 'long'} ({found:.0f} % of the words that the domains' "
            "sentences make expect): set generator.calibrated_end=true and generator.least_length=0.5"
        )

    return _if_enough(check)


@register("health", "ignores_input")
def ignores_input(*, recognised: float = 65.0) -> Check:
    """Outputs are no nearer to their own inputs than to others.

    Not for a pair of languages, which share few words to begin with.

    Args:
        recognised: percent of comparisons in which an output shares more words with its own input than with another
            one, below which it speaks. Chance is 50; people's rewrites of restaurant reviews are at 95.

    Raises:
        ValueError: a threshold that is no percentage.
    """
    _check_percentages(recognised=recognised)

    def check(translated: Translated) -> str | None:
        sentences = sentences_of(translated)
        outputs, inputs = ([set(words_of(one.lower())) for one in side] for side in (sentences.fake, sentences.source))
        wins: list[float] = []
        for quarter in (1, 2, 3):  # a quarter of the set away, and more: neighbours may be of one text
            away = quarter * len(inputs) // 4
            for output, own, other in zip(outputs, inputs, [*inputs[away:], *inputs[:away]]):
                mine, theirs = _likeness(output, own), _likeness(output, other)
                wins.append(1.0 if mine > theirs else 0.5 if mine == theirs else 0.0)
        found = 100 * sum(wins) / len(wins)
        if found >= recognised:
            return None
        return (
            f"the outputs ignore their inputs (nearer to their own than to another in {found:.0f} % of comparisons; "
            "chance is 50 %): raise objective.cycle and objective.cycle_gradient, or train longer with "
            "objective.identity and noise before objective.adversarial sets in"
        )

    return _if_enough(check)


@register("health", "retokenisation")
class Retokenisation:
    """The cycle closes by how outputs are cut into pieces, which no reader sees (steganography, as in pictures).

    The way back reads token ids; a reader reads words, and the same words can be spelled in other pieces. Outputs are
    decoded and encoded anew, as a file of them would be, and sent back again: a cycle that closed by the pieces alone
    closes no more.

    Args:
        lost: percentage points of sentences that come back exactly, only if their pieces are left alone, above which
            it speaks.

    Raises:
        ValueError: a threshold that is no percentage.
    """

    translating = True

    def __init__(self, *, lost: float = 10.0) -> None:
        _check_percentages(lost=lost)
        self.lost = lost

    def __call__(self, translated: Translated, generators: Translating) -> str | None:
        """Send outputs back whose pieces change when they are encoded anew; the others have nothing to hide in."""
        sentences = sentences_of(translated)
        if generators.back is None or sentences.back is None or translated.fake.size < FEWEST:
            return None
        made: Codec = getattr(sentences.data.codecs, sentences.target)
        read: Codec = sentences.data.codecs.a if sentences.target == "b" else sentences.data.codecs.b
        anew = list(made.encode(sentences.fake).rows())
        pairs = zip(anew, translated.fake.rows())
        other = [place for place, (new, old) in enumerate(pairs) if _ids(new) != _ids(old)]
        closing = [place for place in other if sentences.back[place] == sentences.source[place]]
        if 100 * len(closing) <= self.lost * len(anew):
            return None
        again = decoded(read, generators.back(concat([anew[place] for place in closing])))
        open_ones = sum(back != sentences.source[place] for place, back in zip(closing, again))
        found = 100 * open_ones / len(anew)
        if found <= self.lost:
            return None
        return (
            f"the cycle hides its message in how words are cut ({found:.0f} % of the sentences come back only if their "
            f"pieces are left alone, above {self.lost:g} %): raise objective.adversarial, or lower "
            "objective.cycle_gradient"
        )


def _ids(row: Batch) -> list[int]:
    """A row's ids without its padding."""
    ids: list[int] = row.data[0].tolist()
    return ids if row.mask is None else [token for token, there in zip(ids, row.mask[0].tolist()) if there]


def _if_enough(check: Check) -> Check:
    """The check, silent on too few sentences."""
    return lambda translated: None if translated.fake.size < FEWEST else check(translated)


def _kept(sentences: Sentences) -> float:
    overlap = Overlap()
    terms = overlap.terms(sentences.fake, [[source] for source in sentences.source])
    return float(overlap.score(terms.sum(0, keepdims=True))[0])


def _accuracy(sentences: Sentences) -> float | None:
    """Percent of the outputs in the target's style; None where these data have no judge to ask."""
    try:
        classifier = classifier_of(sentences.data, selects=True)
    except MetricUnavailable:
        return None
    return 100 * float(classifier.style.hits(sentences.fake, sentences.target).mean())


def _likeness(one: set[str], other: set[str]) -> float:
    """Dice coefficient of two sets of words: 1 for equal ones, 0 where they share none."""
    return 2 * len(one & other) / max(len(one) + len(other), 1)


def _percent(hits: Sequence[bool]) -> float:
    return 100 * sum(hits) / len(hits)


def _short(sentence: str, most: int = 60) -> str:
    return sentence if len(sentence) <= most else sentence[: most - 1] + "…"


def _check_percentages(**thresholds: float) -> None:
    for name, value in thresholds.items():
        if not 0 <= value <= 100:
            raise ValueError(f"{name} is {value}; it is a percentage, from 0 to 100")
