import itertools

import numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.text.lexicon.decoding import bigrams, decoded_sequences


def orders(places, swap):
    """All orders in which words may be written, with what each costs: neighbours swapped, none of them twice."""
    if not places:
        yield (), 0.0
        return
    for rest, cost in orders(places[1:], swap):
        yield (places[0], *rest), cost
    if swap is not None and len(places) > 1:
        for rest, cost in orders(places[2:], swap):
            yield (places[1], places[0], *rest), cost + swap


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10_000), st.lists(st.lists(st.integers(-1, 3), max_size=5), max_size=4), st.sampled_from([None, 0.7])
)
def test_it_finds_what_trying_everything_finds(seed, sentences, swap):
    random = numpy.random.default_rng(seed)
    model = random.normal(size=(7, 7)).astype(numpy.float32)
    candidates = numpy.array([random.permutation(6)[:3] for _ in range(4)])
    scores = random.normal(size=(4, 3)).astype(numpy.float32)

    def worth(words, found):
        total, before = 0.0, 6
        for word, place in zip(words, found):
            if word >= 0:
                total += scores[word][list(candidates[word]).index(place)]
            now = 6 if place < 0 else place
            total, before = total + model[before, now], now
        return total + model[before, 6]

    def best(words):
        for order, cost in orders(tuple(range(len(words))), swap):
            moved = [words[place] for place in order]
            for one in itertools.product(*([-1] if word < 0 else candidates[word] for word in moved)):
                yield worth(moved, one) - cost

    for words, found in zip(sentences, decoded_sequences(sentences, candidates, scores, model, swap), strict=True):
        order = tuple(one.source for one in found)
        cost = dict(orders(tuple(range(len(words))), swap))[order]
        assert (
            not words
            or abs(worth([words[place] for place in order], [one.word for one in found]) - cost - max(best(words)))
            < 1e-4
        )


@given(st.lists(st.lists(st.integers(-1, 4), max_size=6), min_size=1, max_size=8))
def test_a_bigram_model_gives_every_word_a_share_and_no_more_than_one_in_all(rows):
    model = numpy.exp(bigrams(rows, 5))
    assert (model > 0).all()
    assert numpy.allclose(model.sum(1), 1, atol=1e-4)


def test_what_follows_often_is_likely():
    model = bigrams([[0, 1], [0, 1], [0, 2]], 3)
    assert model[0, 1] > model[0, 2] > model[0, 0]
    assert model[3, 0] > model[3, 1]  # a sentence's beginning
    assert model[1, 3] > model[0, 3]  # and its end
