"""Style judges: tell the two domains' sentences apart, and have never seen what the generators learn from.

A discriminator is no measure of style: its generator has learnt to please it. These judges are other kinds of models on
other sentences, those that the data part set aside (`judging`), and wherever one is used its own accuracy on real
held-out sentences is printed beside it: an output cannot be judged better than that.

The first also chooses checkpoints, and what it chose pleases it more than it deserves. The second is of another kind
again and chooses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol
from weakref import WeakKeyDictionary

import numpy
from numpy.typing import NDArray

from cyclekit.core.batch import Pair, concat
from cyclekit.core.parts import Data
from cyclekit.measuring.metric import MetricUnavailable
from cyclekit.text.minilm import MODEL, Embeddings
from cyclekit.text.sentences import as_given_back, decoded
from cyclekit.text.text_set import SetsAsideToJudge, SetsAsideToSelect

# Words, and runs of punctuation: "!!!" is informal, and so is "it 's" of a tokenised corpus; case is kept.
WORD = r"[\w']+|[^\w\s']+"
FEWEST = 10
"""Sentences of a domain below which none is trained."""

METHOD = "logistic regression (C 10, domains of equal weight) on TF-IDF of word 1-2-grams and character 2-5-grams"
SECOND_METHOD = f"logistic regression (C 10, domains of equal weight) on sentence embeddings of {MODEL}"

MOST = 2000
"""Sentences of a domain that the second judge learns from: embedding one takes some milliseconds."""


class Style(Protocol):
    """A model that tells sentences of domain a from those of domain b."""

    method: str
    """What it is, for a protocol."""

    def hits(self, sentences: Sequence[str], domain: str) -> NDArray[numpy.bool_]:
        """Whether each sentence is judged to be of domain "a" or "b", (N,) bool."""
        ...


class StyleClassifier:
    """Logistic regression on TF-IDF of word 1-2-grams and, within words, character 2-5-grams; case is kept.

    The standard strong baseline of text classification (Wang and Manning 2012, "Baselines and Bigrams"), chosen for
    what it does not share with the networks it judges. Deterministic. Both domains weigh the same, however many
    sentences of each there are, so that neither is guessed more readily.

    Args:
        judging: sentences of each domain to learn from.

    Raises:
        MetricUnavailable: too few of them.
    """

    method = METHOD

    def __init__(self, judging: Pair[Sequence[str]]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline, make_union

        _check_enough(judging)
        words = TfidfVectorizer(token_pattern=WORD, ngram_range=(1, 2), lowercase=False, sublinear_tf=True)
        characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), lowercase=False, sublinear_tf=True)
        self._model: Any = make_pipeline(
            make_union(words, characters), LogisticRegression(C=10, class_weight="balanced", max_iter=1000)
        )
        self._model.fit([*judging.a, *judging.b], [0] * len(judging.a) + [1] * len(judging.b))

    def probability(self, sentences: Sequence[str]) -> NDArray[numpy.float64]:
        """How probably each sentence is of domain b, (N,) in [0, 1]."""
        return self._model.predict_proba(sentences)[:, 1] if sentences else numpy.zeros(0)

    def hits(self, sentences: Sequence[str], domain: str) -> NDArray[numpy.bool_]:
        """Whether each sentence is judged to be of domain "a" or "b", (N,) bool."""
        return (self.probability(sentences) > 0.5) == (domain == "b")


class SecondStyleClassifier:
    """Logistic regression on the embeddings of a small pretrained sentence encoder: meaning and tone, no word's form.

    It shares neither features nor errors with `StyleClassifier`, and no checkpoint is chosen by it. Deterministic.

    Args:
        judging: sentences of each domain to learn from; of more than `MOST` every so many-th.
        embeddings: where the embeddings are kept.

    Raises:
        MetricUnavailable: too few sentences, or the encoder is not installed.
    """

    method = SECOND_METHOD

    def __init__(self, judging: Pair[Sequence[str]], embeddings: Embeddings) -> None:
        from sklearn.linear_model import LogisticRegression

        _check_enough(judging)
        self._embeddings = embeddings
        few = Pair(*(side[:: -(-len(side) // MOST)] for side in judging))
        self._model = LogisticRegression(C=10, class_weight="balanced", max_iter=1000)
        self._model.fit(embeddings.of([*few.a, *few.b]), [0] * len(few.a) + [1] * len(few.b))

    def hits(self, sentences: Sequence[str], domain: str) -> NDArray[numpy.bool_]:
        """Whether each sentence is judged to be of domain "a" or "b", (N,) bool."""
        if not sentences:
            return numpy.zeros(0, dtype=bool)
        return (self._model.predict_proba(self._embeddings.of(sentences))[:, 1] > 0.5) == (domain == "b")


def _check_enough(judging: Pair[Sequence[str]]) -> None:
    if min(map(len, judging)) < FEWEST:
        found = f"{len(judging.a)} and {len(judging.b)}"
        raise MetricUnavailable(
            f"needs at least {FEWEST} sentences of each domain to train the style judge on; {found} are set aside"
        )


class Tested(NamedTuple):
    """A data part's judge, and what it is worth."""

    style: Style
    accuracy: Pair[float]
    """Percent of each domain's real held-out sentences that it recognises."""
    name: str = "the style judge"
    learnt_from: str = "sentences set aside, which neither generators nor discriminators see"

    @property
    def protocol(self) -> dict[str, object]:
        """What stands beside every number it gave."""
        accuracy = sum(self.accuracy) / 2
        sides = f"{self.accuracy.a:.1f} % and {self.accuracy.b:.1f} % of the two domains"
        return {
            "judge": self.style.method,
            "judge learnt from": self.learnt_from,
            "judge's accuracy on real held-out sentences (%)": round(accuracy, 2),
            "notes": [f"{self.name} is right on {accuracy:.1f} % of real held-out sentences ({sides})"],
        }


# Judges live as long as their data part, so that runs in one process never share one.
_classifiers: WeakKeyDictionary[Any, Tested] = WeakKeyDictionary()
_second_classifiers: WeakKeyDictionary[Any, Tested] = WeakKeyDictionary()
_selecting_classifiers: WeakKeyDictionary[Any, Tested] = WeakKeyDictionary()


def classifier_of(data: Data, *, selects: bool = False) -> Tested:
    """The style classifier of these data, trained at its first use.

    Args:
        selects: whether something is chosen by its word: it then learns from `data.selecting`, where there is that.

    Raises:
        MetricUnavailable: the data set no sentences aside, or too few, or hold none out to measure it on.
    """
    selecting = data.selecting if isinstance(data, SetsAsideToSelect) else None
    if selects and selecting is not None and selecting is not _set_aside(data):
        if data not in _selecting_classifiers:
            style = StyleClassifier(_written(data, selecting))
            worth = _worth(style, data, "the style judge that chooses")
            _selecting_classifiers[data] = worth._replace(learnt_from="training sentences: those aside translate some")
        return _selecting_classifiers[data]
    if data not in _classifiers:
        _classifiers[data] = _worth(StyleClassifier(_judging(data)), data, "the style judge")
    return _classifiers[data]


def second_classifier_of(data: Data) -> Tested:
    """The second judge of these data, trained at its first use.

    Raises:
        MetricUnavailable: as for the first, or the encoder is not installed.
    """
    if data not in _second_classifiers:
        style = SecondStyleClassifier(_judging(data), Embeddings())
        _second_classifiers[data] = _worth(style, data, "the second style judge, which chose nothing,")
    return _second_classifiers[data]


def _judging(data: Data) -> Pair[Sequence[str]]:
    judging = _set_aside(data)
    if judging is None:
        raise MetricUnavailable("needs sentences set aside for a style judge, which these data have not")
    return _written(data, judging)


def _set_aside(data: Data) -> Pair[Sequence[str]] | None:
    return data.judging if isinstance(data, SetsAsideToJudge) else None


def _written(data: Data, sentences: Pair[Sequence[str]]) -> Pair[Sequence[str]]:
    return Pair(*(as_given_back(codec, side) for codec, side in zip(data.codecs, sentences)))


def _worth(style: Style, data: Data, name: str) -> Tested:
    return Tested(style, Pair(*(_accuracy(style, data, domain) for domain in Pair._fields)), name)


def _accuracy(style: Style, data: Data, domain: str) -> float:
    rows = [item.row for item in data.held_out(domain)]
    if not rows:
        raise MetricUnavailable("needs held-out sentences of both domains, to say what the style judge is worth")
    real = decoded(getattr(data.codecs, domain), concat(rows))
    return 100 * float(style.hits(real, domain).mean())
