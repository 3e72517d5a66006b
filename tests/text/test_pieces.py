"""A SentencePiece model as the house numbers it: reserved ids first, every other piece once, text there and back."""

import io

import numpy as np
import pytest
import sentencepiece
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.text.pieces import BLANK, END, PAD, UNKNOWN, Pieces
from tests.text.parts import MODEL, SENTENCES


def trained(sentences, **options):
    """Another program's model: its reserved pieces stand where it likes."""
    made = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences), model_writer=made, hard_vocab_limit=False, minloglevel=2, **options
    )
    return made.getvalue()


@pytest.fixture(scope="module")
def foreign():
    return trained(SENTENCES * 20, vocab_size=60, pad_id=5, unk_id=9, bos_id=-1, eos_id=2, control_symbols=["<mask>"])


def test_every_piece_has_one_id_after_the_reserved_ones(foreign):
    for model in (MODEL, foreign):
        pieces = Pieces(model)
        names = [pieces.piece(index) for index in range(pieces.vocabulary)]
        assert [names[index] for index in (PAD, END, UNKNOWN, BLANK)] == ["<pad>", "</s>", "<unk>", "<blank>"]
        assert len(set(names)) == len(names)
        own = pieces.processor
        reserved = {own.id_to_piece(i) for i in range(own.get_piece_size()) if own.is_control(i) or own.is_unknown(i)}
        assert {*names[BLANK + 1 :]} == {own.id_to_piece(i) for i in range(own.get_piece_size())} - reserved


@given(st.lists(st.text(max_size=30), max_size=5))
def test_any_text_comes_back_as_one_line_each(sentences):
    pieces = Pieces(MODEL)
    rows = pieces.encode(sentences)
    assert all(row.dtype == np.int64 and ((row > BLANK) | (row == UNKNOWN)).all() for row in rows)
    # The model normalises characters (NFKC) itself; what came back once, comes back.
    once = pieces.decode([row.tolist() for row in rows])
    assert all(line == " ".join(line.split()) for line in once)
    assert pieces.decode([row.tolist() for row in pieces.encode(once)]) == once


def test_its_own_language_comes_back_letter_by_letter(foreign):
    for model in (MODEL, foreign):
        pieces = Pieces(model)
        assert pieces.decode([row.tolist() for row in pieces.encode(SENTENCES)]) == SENTENCES


def test_what_a_given_model_cannot_spell_is_unknown(foreign):
    pieces = Pieces(foreign)
    (row,) = pieces.encode(["the ☃ food"])
    assert UNKNOWN in row
    assert "☃" not in pieces.decode([row.tolist()])[0]


@given(st.data())
def test_decoding_stops_at_the_end_and_passes_over_what_is_no_text(data):
    pieces = Pieces(MODEL)
    row = pieces.encode(["the food was great"])[0].tolist()
    noise = st.sampled_from([PAD, BLANK])
    strewn = [index for piece in row for index in (*data.draw(st.lists(noise, max_size=2)), piece)]
    after = data.draw(st.lists(st.integers(0, pieces.vocabulary - 1), max_size=4))
    assert pieces.decode([strewn, [*strewn, END, *after]]) == ["the food was great"] * 2
    assert pieces.decode([]) == []
    assert pieces.decode([[], [END]]) == ["", ""]


@given(st.text(max_size=30), st.booleans())
def test_a_sentence_is_read_in_one_way_however_it_is_spaced(text, lowercase):
    pieces = Pieces(MODEL, lowercase)
    read = pieces.normalised(text)
    assert "▁" not in read
    assert read == " ".join(read.split()) == pieces.normalised(f"  {read.replace(' ', chr(9))}\n")
    assert read == (read.lower() if lowercase else read)


def test_whether_capitals_were_learned():
    assert Pieces(MODEL).reads_lowercase
    assert not Pieces(trained(["The Food was Great", "Never again"] * 20, vocab_size=40)).reads_lowercase
    assert Pieces(trained(["The Food was Great", "Never again"] * 20, vocab_size=40), lowercase=True).reads_lowercase
    # A script without capitals learns none because there are none: what is Latin in it keeps its case.
    assert not Pieces(trained(["我不知道你在说什么", "明天见", "你好吗"] * 20, vocab_size=40)).reads_lowercase


def test_bytes_that_are_no_model():
    with pytest.raises(RuntimeError):
        Pieces(b"no model")
