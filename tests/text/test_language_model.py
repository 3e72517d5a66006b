"""The language model: a distribution, whatever it learned from, and lower perplexity for its own language."""

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.measuring.metric import MetricUnavailable
from cyclekit.text.language_model import LanguageModel, language_model_of
from tests.text.toys import Toys

sentences = st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=30)


def after(model, context, words):
    """The probability of each word, and of the end (None), after some context."""
    start = model.log_probabilities([context])[0][0] - np.log(end(model, context))
    # log P(context word </s>) = log P(context) + log P(word | context) + log P(</s> | context word)
    whole = model.log_probabilities([f"{context} {word}" for word in words])[0]
    ends = np.array([end(model, f"{context} {word}") for word in words])
    return [*np.exp(whole - start - np.log(ends)), end(model, context)]


def end(model, context):
    positions, _ = model._positions([context])
    older, old, word = positions[-1:].T
    uniform = np.full(1, 1 / (model.size - 1))
    unigram = model.orders[0].probability(word, np.zeros_like(word), uniform)
    bigram = model.orders[1].probability(model._key(old, word), old, unigram)
    if old[0] == 0:
        return float(bigram[0])
    return float(model.orders[2].probability(model._key(older, old, word), model._key(older, old), bigram)[0])


@given(sentences, st.sampled_from(["", "a", "a b", "b a c", "zzz", "a zzz", "zzz zzz"]))
@settings(max_examples=60)
def test_probabilities_of_all_words_sum_to_one(training, context):
    model = LanguageModel(training)
    vocabulary = sorted({word for sentence in training for word in sentence.split()})
    assert sum(after(model, context, [*vocabulary, "never-seen"])) == pytest.approx(1)


def test_its_own_language_surprises_it_less():
    drawn = random.Random(0)
    own = [" ".join(drawn.choice(["the cat sat", "the dog ran", "a bird sang"]).split() * 2) for _ in range(200)]
    model = LanguageModel(own)
    shuffled = [" ".join(sorted(sentence.split(), reverse=True)) for sentence in own]
    assert model.perplexity(own) < 3
    assert model.perplexity(shuffled) > 3 * model.perplexity(own)
    assert model.perplexity(["ein anderes wort"]) > model.perplexity(own)


def test_common_sentences_are_likelier():
    model = LanguageModel(["a b c"] * 9 + ["a b d"])
    (common, rare), lengths = model.log_probabilities(["a b c", "a b d"])
    assert common > rare
    assert lengths.tolist() == [4, 4]


def test_counts_of_counts_give_the_discounts_as_published():
    drawn = random.Random(1)
    words = [f"w{int(drawn.paretovariate(1))}" for _ in range(4000)]
    model = LanguageModel([" ".join(words[i : i + 8]) for i in range(0, 4000, 8)])
    trigrams = Counter()
    for i in range(0, 4000, 8):
        padded = ["<s>", *words[i : i + 8], "</s>"]
        trigrams.update(zip(padded, padded[1:], padded[2:]))
    n = Counter(trigrams.values())
    y = n[1] / (n[1] + 2 * n[2])
    expected = 1 - 2 * y * n[2] / n[1]
    # One trigram seen once, in a context seen c times, has the share (1 - D1) / c.
    contexts = Counter()
    for (older, old, _), count in trigrams.items():
        contexts[older, old] += count
    once = next(t for t, count in trigrams.items() if count == 1 and t[0] != "<s>" and t[2] != "</s>")
    key = 0
    for word in once:
        key = key * model.size + model.ids[f" {word}"]
    share = model.orders[2].shares[np.searchsorted(model.orders[2].keys, key)]
    assert share == pytest.approx((1 - expected) / contexts[once[:2]])


def test_empty_outputs_are_an_end_and_nothing_else():
    model = LanguageModel(["a b", "b c"])
    logs, lengths = model.log_probabilities(["", "a"])
    assert lengths.tolist() == [1, 2]
    assert np.isfinite(logs).all()
    assert model.log_probabilities([])[0].shape == (0,)


def test_words_spelled_like_marks_are_words():
    model = LanguageModel(["<s> a </s>", "<s> b </s>"])
    assert model.perplexity(["<s> a </s>"]) < model.perplexity(["x a y"])


def test_nothing_to_learn_from_is_said():
    with pytest.raises(MetricUnavailable, match="needs training sentences"):
        LanguageModel(["", "  "])


def test_one_model_for_each_domain_of_a_data_part():
    data = Toys()
    assert language_model_of(data, "a") is language_model_of(data, "a")
    blame = language_model_of(data, "a").perplexity(data.test.a)
    assert blame < language_model_of(data, "b").perplexity(data.test.a)
    forgetful = Toys()
    del forgetful.train
    with pytest.raises(MetricUnavailable, match="which this data part does not keep"):
        language_model_of(forgetful, "a")
