"""Sentences in numpy: read as the codec reads them, and written in their order whatever shares a batch."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.exported import sentences as room
from cyclekit.exported.sentences import PieceVocabulary, translated_rows
from cyclekit.registry import RecipeError
from cyclekit.text.pieces import END, PAD
from cyclekit.use.decoding import Decoding
from tests.text import parts


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory):
    path = tmp_path_factory.mktemp("pieces") / "pieces.model"
    path.write_bytes(parts.MODEL)
    return PieceVocabulary(path, {"lowercase": False, "limit": 8})


@given(st.lists(st.sampled_from(["the", "food", "was", "Great", "and", "ok", "☃", ","]), max_size=12).map(" ".join))
def test_a_sentence_is_read_as_by_the_codec(vocabulary, sentence):
    row = vocabulary.read(sentence)
    codec = parts.codec(limit=8)
    assert row.ids.tolist() == codec.encode([sentence.lower()]).data[0].tolist()
    assert row.cut == (parts.codec(limit=999).encode([sentence.lower()]).data.shape[1] > 8)
    assert row.blank == (sentence.strip() == "")
    assert row.lowered == ("G" in sentence)


class Echo:
    """Writes the source again, word by word, and then ends: a reading without networks."""

    def __init__(self, encoder, step, ids, mask):
        encoder.append(ids.shape)
        assert ((ids != PAD) == mask).all()
        self.ids, self.place, self.most = ids, -1, mask.sum(1)

    @property
    def longest(self):
        return int(self.most.max())

    def advance(self, words):
        self.place += 1
        logits = np.zeros((len(self.ids), parts.codec().vocabulary), np.float32)
        wanted = self.ids[:, self.place] if self.place < self.ids.shape[1] else np.full(len(self.ids), END)
        logits[np.arange(len(self.ids)), np.where(wanted == PAD, END, wanted)] = 30
        return logits

    def select(self, rows):
        self.ids, self.most = self.ids[rows], self.most[rows]


@pytest.fixture
def echo(monkeypatch):
    monkeypatch.setattr(room, "DecoderState", Echo)


TEXTS = ["the food was great", "", "ok", "the staff was kind", " ", "great great place"]


@pytest.mark.parametrize("batch_size", [None, 1, 2, 5])
@pytest.mark.parametrize("decoding", [Decoding(), Decoding(beam=2), Decoding(temperature=0.5, seed=3)])
def test_each_sentence_has_its_own_translation_whatever_shares_its_batch(echo, vocabulary, batch_size, decoding):
    shapes = []
    rows = [vocabulary.read(text) for text in TEXTS]
    random = np.random.default_rng(3) if decoding.temperature else None
    found = translated_rows(shapes, None, rows, vocabulary.pieces, decoding, batch_size, random)
    assert [texts[0] for texts in found] == [" ".join(text.split()) for text in TEXTS]
    assert sum(count for count, _ in shapes) == len(TEXTS)
    assert [width for _, width in shapes] == sorted(width for _, width in shapes)  # of like length together


def test_the_best_few_are_a_list_and_a_blank_line_stays_blank(echo, vocabulary):
    rows = [vocabulary.read(text) for text in TEXTS]
    found = translated_rows([], None, rows, vocabulary.pieces, Decoding(beam=3, best=3), None, None)
    assert all(1 <= len(texts) <= 3 for texts in found)
    assert len(found[0]) == 3
    assert {*found[1], *found[4]} == {""}
    assert found[0][0] == TEXTS[0]


def test_a_channel_chooses_among_the_beam(echo, vocabulary):
    class LeastLikely:
        def ordered(self, sources, found):
            assert [len(source) for source in sources] == [len(rows[place].ids) for place in order]
            return [own[::-1] for own in found]

    rows = [vocabulary.read(text) for text in ("the food was great", "the")]
    order = (1, 0)  # the shorter first
    plain = translated_rows([], None, rows, vocabulary.pieces, Decoding(beam=3, best=3), None, None)
    chosen = translated_rows([], None, rows, vocabulary.pieces, Decoding(beam=3, best=2), None, None, LeastLikely())
    assert chosen == [own[::-1][:2] for own in plain]


def test_a_model_that_is_none_is_one_line(tmp_path):
    (tmp_path / "pieces.model").write_text(json.dumps({}))
    with pytest.raises(RecipeError, match=r"pieces\.model: is no SentencePiece model; export the run anew$"):
        PieceVocabulary(tmp_path / "pieces.model", {"lowercase": False, "limit": 8})
