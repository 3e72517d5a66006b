"""Metrics of sentences: equal to sacreBLEU, right on cases done by hand, and never silent about what they mean."""

import json

import numpy as np
import pytest
import torch
from sacrebleu.metrics import BLEU, CHRF

from cyclekit.core.batch import Batch
from cyclekit.measuring.metric import Metric, MetricUnavailable, PoolingMetric, Translated
from cyclekit.registry import RecipeError, build, names
from cyclekit.text import metrics
from tests.text.toys import Toys, rewrites

SENTENCES = (
    "style_accuracy", "bleu", "self_bleu", "chrf", "copies", "distinct", "repeats", "length_ratio", "perplexity", "g",
    "g_self", "selection", "content_kept", "minilm", "second_style_accuracy",
)  # fmt: skip
EMBEDDED = ("minilm", "second_style_accuracy")
"""Those that need the weights of a sentence encoder."""


@pytest.fixture(scope="module")
def data():
    return Toys()


@pytest.mark.parametrize("name", SENTENCES)
def test_every_metric_fits_the_seam(name):
    assert name in names("metric")
    metric = build("metric", name)
    assert isinstance(metric, Metric)
    assert isinstance(metric, PoolingMetric)


def test_words_of_scripts_without_spaces_are_characters(data):
    assert metrics.words_in("我love你, 7:30") == {"我", "love", "你", "7:30"}
    assert not metrics.repeating("谢谢你")
    assert metrics.repeating("很好很好吃")
    assert metrics.repeating("好好好")
    assert not metrics.repeating("1000 coffee hmmm")


def test_a_perfect_translation(data):
    translated = data.translated([rewrites(sentence, 1)[0] for sentence in data.test.a])
    values = {name: build("metric", name)(translated).value for name in SENTENCES if name not in EMBEDDED}
    for name in ("style_accuracy", "bleu", "chrf", "g", "content_kept"):
        assert values[name] == pytest.approx(100), name
    assert values["copies"] == values["repeats"] == 0
    assert values["length_ratio"] == 1
    assert 20 < values["self_bleu"] < 80
    assert values["g_self"] == pytest.approx(np.sqrt(100 * values["self_bleu"])) == values["selection"]
    assert values["perplexity"] < 30


def test_copying(data):
    translated = data.translated(data.test.a)
    values = {name: build("metric", name)(translated).value for name in SENTENCES if name not in EMBEDDED}
    assert values["style_accuracy"] == values["g"] == values["g_self"] == values["selection"] == 0
    assert all(values[name] == pytest.approx(100) for name in ("self_bleu", "copies", "content_kept"))


def test_shares_by_hand(data):
    sources = data.test.a[:4]
    fakes = [sources[0].replace(" ", "  "), "great great pan", "my pan . . .", "my pan . . ."]
    translated = data.translated(fakes)
    assert build("metric", "copies")(translated).value == 25
    assert build("metric", "repeats")(translated).value == 25
    assert build("metric", "distinct")(translated).value == 75
    source_words = sum(len(source.split()) for source in sources)
    assert build("metric", "length_ratio")(translated).value == pytest.approx((8 + 3 + 5 + 5) / source_words)


def test_the_words_that_are_in_every_accepted_translation_must_survive():
    data = Toys(references=2)
    first, second = data.test.a[:2]
    translated = data.translated([rewrites(first, 1)[0], rewrites(second, 1)[0].replace("number ", "No. ")])
    metric = build("metric", "content_kept")
    assert metric(translated).value == 50
    assert metric.protocol["sentences with content words"] == "2 of 2"
    assert metrics.words_in("At 7:30, don't call J. Smith!") == {"At", "7:30", "don't", "call", "J", "Smith"}
    # Case is content: a name that lost its capital is lost.
    upper = Toys()
    upper.test = upper.test.map(lambda side: [sentence.replace("my", "My") for sentence in side])
    assert metric(upper.translated([rewrites(s, 1)[0].lower() for s in upper.test.a[:5]])).value == 0


def test_translations_that_share_no_word_are_not_counted(data):
    alone = data.translated(data.test.a[:2])
    other = data.codecs.a.encode(["wholly different"])
    with pytest.raises(MetricUnavailable, match="nothing to count"):
        build("metric", "content_kept")(alone._replace(truth=[other, other]))


def test_both_directions_pooled_are_one_set_of_rows(data):
    directions = [
        data.translated([rewrites(sentence, 1)[0] for sentence in data.test.a]),
        data.translated(data.test.b[:20], target="a"),
    ]
    accuracy = build("metric", "style_accuracy")
    assert accuracy.pooled(directions).value == pytest.approx(100 * 40 / 60)
    bleu = build("metric", "bleu")
    fakes = [*(rewrites(s, 1)[0] for s in data.test.a), *data.test.b[:20]]
    truth = [rewrites(s, 1)[0] for s in [*data.test.a, *data.test.b[:20]]]
    assert bleu.pooled(directions).value == pytest.approx(BLEU(force=True).corpus_score(fakes, [truth]).score)
    assert bleu.protocol["references"] == "1"


def test_the_spread_of_a_share_is_its_standard_error(data):
    half = [rewrites(s, 1)[0] if place % 2 else s for place, s in enumerate(data.test.a)]
    measured = build("metric", "copies")(data.translated(half))
    assert measured.value == 50
    assert measured.spread == pytest.approx(100 * 0.5 / 40**0.5, rel=0.15)
    assert measured == build("metric", "copies")(data.translated(half))
    assert build("metric", "copies")(data.translated(data.test.a)).spread == 0
    assert build("metric", "copies")(data.translated(data.test.a[:1])).spread is None
    assert build("metric", "distinct")(data.translated(half)).spread is None


@pytest.mark.parametrize(("name", "judge"), [("bleu", BLEU(force=True)), ("chrf", CHRF())])
def test_intervals_are_those_of_sacrebleus_own_bootstrap(name, judge, data):
    half = [rewrites(s, 1)[0] if place % 3 else s for place, s in enumerate(data.test.a)]
    measured = build("metric", name)(data.translated(half))
    theirs = judge.corpus_score(half, [[rewrites(s, 1)[0] for s in data.test.a]], n_bootstrap=1000)
    low, high = measured.interval
    assert measured.value == pytest.approx(theirs.score)
    assert low < measured.value < high
    assert (low + high) / 2 == pytest.approx(theirs._mean, abs=0.5)
    assert (high - low) / 2 == pytest.approx(theirs._ci, rel=0.15)


def test_every_number_has_an_interval_but_for_what_resamples_cannot_tell(data):
    half = [rewrites(s, 1)[0] if place % 3 else s for place, s in enumerate(data.test.a)]
    translated = data.translated(half)
    for name in SENTENCES:
        if name in ("distinct", *EMBEDDED):
            continue
        metric = build("metric", name)
        measured = metric(translated)
        assert measured.interval is not None, name
        assert measured.interval[0] <= measured.value <= measured.interval[1], name
        assert "1000 bootstrap resamples of the rows, seed 0" in metric.protocol["interval"], name
    assert build("metric", "distinct")(translated).interval is None
    assert build("metric", "distinct").protocol["interval"] == "none"


def test_the_judge_stands_beside_every_use(data):
    translated = data.translated(data.test.a)
    for name in ("style_accuracy", "g", "g_self", "selection"):
        metric = build("metric", name)
        metric(translated)
        assert "the style judge is right on 100.0 % of real held-out" in metric.protocol["notes"][0]
        assert json.dumps(metric.protocol)
    for name in ("bleu", "self_bleu", "chrf", "g"):
        metric = build("metric", name)
        metric(translated)
        assert "nrefs:1" in metric.protocol["notes"][-1]


def test_what_a_metric_needs_is_said(data):
    translated = data.translated(data.test.a)
    for name in ("bleu", "chrf", "g", "content_kept"):
        metric = build("metric", name)
        assert metric.needs_truth
        with pytest.raises(MetricUnavailable, match="needs accepted translations"):
            metric(translated._replace(truth=None))
    with pytest.raises(MetricUnavailable, match="needs the data part"):
        build("metric", "copies")(translated._replace(data=None))
    picture = Batch(torch.zeros(2, 3, 4, 4))
    with pytest.raises(MetricUnavailable, match=r"needs sentences as ids \(N, T\); got \(2, 3, 4, 4\)"):
        build("metric", "copies")(Translated(picture, picture, picture, None, data))
    with pytest.raises(RecipeError, match=r"metrics.tokenize: .* wants one of 'auto', '13a', 'none', 'treebank'"):
        build("metric", "bleu", options={"tokenize": "moses"}, where="metrics")
