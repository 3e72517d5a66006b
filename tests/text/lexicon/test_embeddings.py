import numpy
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.batch import Pair
from cyclekit.registry import RecipeError, build
from cyclekit.text.lexicon.embeddings import APART, begin_embeddings, piece_vectors
from tests.text.lexicon.ciphers import Data, ciphered, shared


@pytest.fixture(scope="module")
def first():
    return build("bootstrap", "lexicon", Data(), options={"dimensions": 80, "window": 6, "embeddings": True})


def generators(data, width=16):
    torch.manual_seed(0)
    sizes = {"width": width, "layers": 1, "heads": 2, "hidden": 16}
    b = build("generator", "transformer", *data.codecs, options=sizes)
    return Pair(b.way_back(), b)


def test_words_that_mean_the_same_begin_near_each_other(first):
    nets = generators(first.data)
    first.begin(nets)
    codec = first.data.codecs.a
    rows = torch.nn.functional.normalize(nets.b.embeddings.detach(), dim=1)

    def mean(word):
        return rows[codec.encode([word]).data[0, :-1]].mean(0)

    words = [word for word in first.lexicon.directions.b.source.words[:30] if not shared(word)]
    own = numpy.mean([float(mean(word) @ mean(ciphered(word))) for word in words])
    others = numpy.mean([float(mean(word) @ mean(ciphered(other))) for word in words for other in words])
    assert own > others + 0.3


def test_capitals_that_begin_a_sentence_begin_as_the_word_does(first):
    vectors = piece_vectors(first.lexicon, first.data.codecs.a)
    lengths = numpy.linalg.norm(vectors, axis=1)
    assert set(numpy.round(lengths, 6)) == {0.0, 1.0}
    assert lengths[first.data.codecs.a.encode(["The"]).data[0, :-1]].all()


def test_without_the_option_nothing_is_touched(first):
    plain = build("bootstrap", "lexicon", first.data, options={})
    nets = generators(first.data)
    before = nets.b.embeddings.detach().clone()
    plain.begin(nets)
    assert torch.equal(nets.b.embeddings, before)


def test_a_generator_without_embeddings_is_refused(first):
    with pytest.raises(RecipeError, match=r"generator\.name=transformer"):
        first.begin(Pair(None, torch.nn.Linear(1, 1)))


@given(st.integers(0, 99), st.sampled_from([4, 12, 32]), st.integers(1, 20))
def test_vectors_keep_their_angles_and_lengths_as_far_as_the_width_allows(seed, width, dimensions):
    draw = numpy.random.default_rng(seed)
    vectors = draw.normal(size=(9, dimensions))
    vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[:2] = 0
    embeddings = torch.zeros(9, width, dtype=torch.float64)
    embeddings[:2] = 7.0
    assert begin_embeddings(embeddings, vectors) == 7
    assert (embeddings[:2] == 7).all()
    share = 1 - APART**2
    assert torch.allclose(embeddings[2:].norm(dim=1) ** 2, torch.tensor(share, dtype=torch.float64))
    if width >= min(dimensions, 7):
        assert numpy.allclose(embeddings[2:] @ embeddings[2:].T, share * vectors[2:] @ vectors[2:].T)
