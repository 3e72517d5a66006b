"""Tokenised sentences, stored flat: rows as they were, cut at the limit and marked."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.text import token_rows
from cyclekit.text.codec import END, SentencePieceCodec
from cyclekit.text.token_rows import encoded_whole, tokenised
from tests.text import parts
from tests.text.test_codec import MODELS


def test_cut_rows_are_marked():
    codec = SentencePieceCodec("a", model=MODELS["bpe"], limit=5)
    rows = tokenised(codec, ["call", "call me back tonight , ok ? hey", "", "call me"])
    assert rows.was_cut.tolist() == [False, True, False, False]
    assert rows.row(1).data.shape == (1, 5)
    assert rows.row(1).data[0, -1] == END
    assert rows.row(2).data.tolist() == [[END]]
    assert tokenised(codec, []).lengths.tolist() == []


@given(st.lists(st.sampled_from([*parts.SENTENCES, "", "ok", "the food ☃"]), max_size=7), st.integers(1, 12))
def test_row_k_is_sentence_k_as_its_codec_encodes_it(sentences, limit):
    codec = parts.codec(limit=limit + 1)
    rows = tokenised(codec, sentences)
    assert len(rows.lengths) == len(sentences)
    assert codec.limit == limit + 1
    counted = np.zeros(codec.vocabulary, int)
    for place, sentence in enumerate(sentences):
        row, alone = rows.row(place), codec.encode([sentence])
        assert torch.equal(row.data, alone.data)
        assert torch.equal(row.mask, alone.mask)
        assert rows.lengths[place] == row.data.shape[1]
        whole = encoded_whole(codec, [sentence])
        assert rows.was_cut[place] == (whole.data.shape[1] > codec.limit)
        np.add.at(counted, row.data[0].numpy(), 1)
    assert rows.counts(codec.vocabulary).tolist() == counted.tolist()


def test_chunks_make_no_difference_and_progress_is_told(monkeypatch):
    codec, told = parts.codec(), []
    whole = tokenised(codec, parts.SENTENCES)
    monkeypatch.setattr(token_rows, "CHUNK", 2)
    for part, expected in zip(tokenised(codec, parts.SENTENCES, told.append), whole):
        assert part.tolist() == expected.tolist()
    assert told == [2, 4, 5]


def test_what_must_not_be_cut_is_not():
    codec = parts.codec(limit=3)
    assert codec.decode(encoded_whole(codec, parts.SENTENCES)) == parts.SENTENCES
    assert codec.encode(parts.SENTENCES).data.shape[1] == 3
