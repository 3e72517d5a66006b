"""Batches as the sentences that are written: each beside its own, in its own codec, or one line on what is missing."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.batch import Batch, Pair
from cyclekit.measuring.metric import MetricUnavailable, Translated
from cyclekit.text import sentences as room
from cyclekit.text.sentences import as_given_back, sentences_of, single_spaced, training_text
from tests.text import parts
from tests.text.toys import Toys


class Shouting:
    """A codec that can be told from another by what it gives back."""

    def __init__(self, codec):
        self.encode, self.quietly = codec.encode, codec.decode

    def decode(self, batch):
        return [f"  {one.upper()} \t!" for one in self.quietly(batch)]


@pytest.fixture(scope="module")
def data():
    return Toys(references=3)


@pytest.mark.parametrize("target", ["a", "b"])
def test_each_side_is_read_by_its_own_codec(target):
    data = Toys()
    data.codecs = Pair(data.codecs.a, Shouting(data.codecs.a))
    source = data.test.a if target == "b" else data.test.b
    found = sentences_of(data.translated(["fine", "well"], target=target)._replace(back=data.codecs.a.encode(["so"])))
    loud = {"b": ("fake", "real", "truth"), "a": ("source", "back")}[target]
    for name in ("source", "fake", "real", "back", "truth"):
        one = getattr(found, name)[0]
        one = one[0] if name == "truth" else one
        assert one.endswith("!") == (name in loud), name
        assert one == single_spaced(one)
    assert found.source[0].rstrip(" !").lower() == source[0]
    assert found.fake == (["FINE !", "WELL !"] if target == "b" else ["fine", "well"])


@given(st.lists(st.integers(1, 4), min_size=1, max_size=6))
def test_accepted_translations_stay_with_their_sentence(counts):
    data = Toys()
    rows = data.codecs.a.encode([f"s{place}" for place in range(len(counts))])
    truth = [data.codecs.a.encode([f"t{place} {k}" for k in range(count)]) for place, count in enumerate(counts)]
    found = sentences_of(Translated(rows, rows, rows, truth, data, "b"))
    assert found.truth == [[f"t{place} {k}" for k in range(count)] for place, count in enumerate(counts)]
    assert sentences_of(Translated(rows, rows, rows, None, data, "b")).truth is None


@pytest.mark.parametrize("chunk", [1, 3, 1024])
def test_what_judges_learn_from_went_through_the_codec_however_it_is_cut(chunk, monkeypatch):
    monkeypatch.setattr(room, "CHUNK", chunk)
    codec = parts.codec(limit=4)
    texts = [*parts.SENTENCES, "", "  the\tfood  ", "the food"]
    alone = [codec.decode(codec.encode([text]))[0] for text in texts]
    assert as_given_back(codec, texts) == [single_spaced(one) for one in alone]
    assert as_given_back(codec, texts)[-3:] == ["", "the food", "the food"]
    assert len(as_given_back(codec, texts)[0]) < len(texts[0])  # cut, as outputs are
    assert as_given_back(codec, []) == []


def test_training_text_is_read_once_for_each_data_part(data):
    asked = []
    own, other = Toys(), Toys()
    words = own.codecs.a
    own.codecs = Pair(Shouting(words), words)
    own.codecs.a.quietly = lambda batch: asked.append(batch.size) or words.decode(batch)
    assert training_text(own, "a") is training_text(own, "a")
    assert len(asked) == 1
    assert training_text(own, "b") == own.train.b != training_text(own, "a")
    assert training_text(other, "b") is not training_text(own, "b")


def test_what_is_missing_is_one_line(data):
    translated = data.translated(data.test.a[:2])
    with pytest.raises(MetricUnavailable, match=r"^needs the data part, whose codecs turn ids into sentences$"):
        sentences_of(translated._replace(data=None))
    with pytest.raises(MetricUnavailable, match=r"^needs sentences as ids \(N, T\); got \(2, 3\) torch.float32, "):
        sentences_of(translated._replace(source=Batch(torch.zeros(2, 3))))
    nothing = Batch(torch.zeros(0, 3, dtype=torch.long))
    with pytest.raises(MetricUnavailable, match=r"^needs at least one sentence; got none$"):
        sentences_of(translated._replace(source=nothing, fake=nothing))
    with pytest.raises(MetricUnavailable, match=r"^needs the data's training sentences, which this data part does not"):
        training_text(object(), "a")
