"""The style classifier: tells the two domains' sentences apart, and has never seen what the generators learn from.

A discriminator is no measure of style: its generator has learnt to please it. This classifier is another kind of
model on other sentences, those that the data part set aside (`judging`), and wherever it is used its own accuracy on
real held-out sentences is printed beside it: an output cannot be judged better than that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy
from numpy.typing import NDArray

from cyclekit.core.batch import Pair, concat
from cyclekit.core.parts import Data
from cyclekit.measuring.metric import MetricUnavailable
from cyclekit.text.sentences import decoded, written

# Words, and runs of punctuation: "!!!" is informal, and so is "it 's" of a tokenised corpus; case is kept.
WORD = r"[\w']+|[^\w\s']+"
FEWEST = 10
"""Sentences of a domain below which none is trained."""

METHOD = "logistic regression (C 10, domains of equal weight) on TF-IDF of word 1-2-grams and character 2-5-grams"


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

    def __init__(self, judging: Pair[Sequence[str]]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline, make_union

        if min(map(len, judging)) < FEWEST:
            found = f"{len(judging.a)} and {len(judging.b)}"
            raise MetricUnavailable(
                f"needs at least {FEWEST} sentences of each domain to train the style judge on; {found} are set aside"
            )
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


class Tested(NamedTuple):
    """A data part's classifier, and what it is worth."""

    style: StyleClassifier
    accuracy: Pair[float]
    """Percent of each domain's real held-out sentences that it recognises."""

    @property
    def protocol(self) -> dict[str, object]:
        """What stands beside every number it gave."""
        accuracy = sum(self.accuracy) / 2
        sides = f"{self.accuracy.a:.1f} % and {self.accuracy.b:.1f} % of the two domains"
        return {
            "judge": METHOD,
            "judge learnt from": "sentences set aside, which neither generators nor discriminators see",
            "judge's accuracy on real held-out sentences (%)": round(accuracy, 2),
            "notes": [f"the style judge is right on {accuracy:.1f} % of real held-out sentences ({sides})"],
        }


# A classifier lives as long as its data part, so that runs in one process never share one.
_classifiers: WeakKeyDictionary[Any, Tested] = WeakKeyDictionary()


def classifier_of(data: Data) -> Tested:
    """The style classifier of these data, trained at its first use.

    Raises:
        MetricUnavailable: the data set no sentences aside, or too few, or hold none out to measure it on.
    """
    if data not in _classifiers:
        judging: Pair[Sequence[str]] | None = getattr(data, "judging", None)
        if judging is None:
            raise MetricUnavailable("needs sentences set aside for a style judge, which these data have not")
        style = StyleClassifier(Pair(*(written(codec, side) for codec, side in zip(data.codecs, judging))))
        _classifiers[data] = Tested(style, Pair(*(_accuracy(style, data, domain) for domain in Pair._fields)))
    return _classifiers[data]


def _accuracy(style: StyleClassifier, data: Data, domain: str) -> float:
    rows = [item.row for item in data.held_out(domain)]
    if not rows:
        raise MetricUnavailable("needs held-out sentences of both domains, to say what the style judge is worth")
    real = decoded(getattr(data.codecs, domain), concat(rows))
    return 100 * float(style.hits(real, domain).mean())
