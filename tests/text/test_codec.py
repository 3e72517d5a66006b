"""The codec: what goes in comes out, rows end with END, the saved one is the same one, nothing is said on stderr."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.core.batch import Batch, concat
from cyclekit.core.parts import Codec
from cyclekit.registry import RecipeError
from cyclekit.text.codec import BLANK, END, PAD, UNKNOWN, SentencePieceCodec, train_pieces

TEXT = [
    "could you please send me the report before noon ?",
    "hey , send me that report by noon",
    "I would be grateful if you could call me back this evening .",
    "call me back tonight , ok ?",
] * 5
MODELS = {kind: train_pieces(TEXT, kind, 340) for kind in ("bpe", "unigram")}
CODEC = SentencePieceCodec("a", model=MODELS["bpe"], limit=64)

printable = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters="▁") | st.just(" "))


@pytest.mark.parametrize("kind", MODELS)
@given(sentences=st.lists(printable, min_size=1, max_size=4))
@settings(max_examples=60)
def test_decoding_gives_back_what_was_encoded(kind, sentences):
    codec = SentencePieceCodec("b", model=MODELS[kind], limit=4000)
    single_spaced = [" ".join(sentence.split()) for sentence in sentences]
    assert codec.decode(codec.encode(sentences)) == single_spaced


@given(sentences=st.lists(printable, min_size=1, max_size=4), limit=st.integers(2, 12))
@settings(max_examples=60)
def test_rows_end_with_end_within_the_limit(sentences, limit):
    batch = SentencePieceCodec("a", model=MODELS["bpe"], limit=limit).encode(sentences)
    assert batch.data.dtype == torch.int64
    assert batch.mask.dtype == torch.bool
    assert batch.data.shape[1] == batch.mask.sum(1).max() <= limit
    for ids, mask in zip(batch.data, batch.mask):
        own = ids[mask]
        assert own[-1] == END
        assert not torch.isin(own[:-1], torch.tensor([PAD, END, UNKNOWN, BLANK])).any()
        assert (ids[~mask] == PAD).all()


def test_names_of_reserved_pieces_in_a_text_are_text():
    said = "<pad> </s> <unk> <blank> <0x41>"
    batch = CODEC.encode([said])
    assert (batch.data[0, :-1] > BLANK).all()
    assert CODEC.decode(batch) == [said]


def test_decoding_stops_at_the_end_and_leaves_blanks_out():
    ids = CODEC.encode(["call me back"]).data[0].tolist()
    rows = torch.tensor([[BLANK, *ids, ids[0], ids[0]], [END, *[PAD] * (len(ids) + 2)]])
    assert CODEC.decode(Batch(rows)) == ["call me back", ""]
    distributions = torch.nn.functional.one_hot(rows, CODEC.vocabulary).float()
    assert CODEC.decode(Batch(distributions)) == ["call me back", ""]


def test_whatever_ids_decode_to_is_one_line():
    newline = next(i for i in range(CODEC.vocabulary) if CODEC.piece(i) == "<0x0A>")
    broken = next(i for i in range(CODEC.vocabulary) if CODEC.piece(i) == "<0xE2>")
    (line,) = CODEC.decode(Batch(torch.tensor([[*CODEC.encode(["call"]).data[0, :-1], newline, broken, END]])))
    assert line == "call �"


def test_pieces_that_begin_a_word():
    assert CODEC.begins_word.shape == (CODEC.vocabulary,)
    assert not CODEC.begins_word[:4].any()
    ids = CODEC.encode(["please call me"]).data[0, :-1]
    assert int(CODEC.begins_word[ids].sum()) == 3


def test_lower_case():
    codec = SentencePieceCodec("a", model=MODELS["bpe"], lowercase=True)
    assert codec.decode(codec.encode(["Call ME"])) == ["call me"]


@pytest.mark.parametrize("blank", ["", "  ", "\t\n"])
def test_blank_sentences_stay_blank_whatever_the_network_makes_of_them(blank):
    row, memory = CODEC.prepare(blank, 1)
    assert row.data.tolist() == [[END]]
    assert CODEC.finish(CODEC.encode(["call me"]), memory) == ""
    row, memory = CODEC.prepare("call me", 1)
    assert CODEC.finish(row, memory) == "call me"
    assert concat([row, CODEC.encode([blank])]).size == 2


def test_what_is_saved_is_what_is_loaded(tmp_path):
    codec = SentencePieceCodec("b", model=MODELS["unigram"], limit=9, lowercase=True)
    codec.allowed = torch.rand(codec.vocabulary) < 0.5
    codec.save(tmp_path)
    loaded = SentencePieceCodec.load(tmp_path)
    assert isinstance(loaded, Codec)
    for name in ("name", "domain", "limit", "lowercase", "vocabulary"):
        assert getattr(loaded, name) == getattr(codec, name)
    assert torch.equal(loaded.allowed, codec.allowed)
    assert torch.equal(loaded.encode(TEXT[:4]).data, codec.encode(TEXT[:4]).data)
    (tmp_path / "sentencepiece.model").write_bytes(b"broken")
    with pytest.raises(RecipeError, match="the checkpoint is damaged: its codec cannot be read"):
        SentencePieceCodec.load(tmp_path)


def test_worker_processes_get_the_same_codec():
    copy = pickle.loads(pickle.dumps(CODEC))
    assert torch.equal(copy.encode(TEXT[:4]).data, CODEC.encode(TEXT[:4]).data)


@pytest.mark.parametrize("kind", MODELS)
def test_the_same_text_gives_the_same_pieces(kind):
    assert train_pieces(TEXT, kind, 340) == MODELS[kind]


def test_training_says_nothing(tmp_path):
    program = (
        "from cyclekit.text.codec import SentencePieceCodec, train_pieces\n"
        "for kind in ('bpe', 'unigram'): SentencePieceCodec('a', model=train_pieces(['some text'] * 9, kind, 999))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_vocabulary_that_the_text_cannot_fill_is_as_large_as_it_can_be():
    assert SentencePieceCodec("a", model=train_pieces(["aab ab"], "bpe", 8000)).vocabulary < 280


def test_a_long_line_is_not_passed_over():
    codec = SentencePieceCodec("a", model=train_pieces(["ab" * 3000, "c"], "bpe", 300))
    assert any("abab" in codec.piece(i) for i in range(codec.vocabulary))


def test_a_given_model_with_other_reserved_ids(tmp_path):
    import io

    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.Train(
        sentence_iterator=iter(TEXT), model_writer=model, vocab_size=60, hard_vocab_limit=False, minloglevel=2
    )  # as published models mostly are: <unk> 0, <s> 1, </s> 2, no padding, no bytes
    (tmp_path / "given.model").write_bytes(model.getvalue())
    codec = SentencePieceCodec("a", model=tmp_path / "given.model")
    batch = codec.encode(["call me back ☃"])
    assert batch.data[0, -1] == END
    assert UNKNOWN in batch.data
    assert codec.decode(codec.encode(["call me back"])) == ["call me back"]
    names = [codec.piece(i) for i in range(codec.vocabulary)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("kind", ["bpe", "unigram"])
def test_a_vocabulary_without_capitals_reads_none(kind):
    lower = SentencePieceCodec("a", model=train_pieces([line.lower() for line in TEXT], kind, 360))
    cased = SentencePieceCodec("a", model=train_pieces([*TEXT, "Call Me Back"], kind, 360))
    wished = SentencePieceCodec("a", model=train_pieces([*TEXT, "Call Me Back"], kind, 360), lowercase=True)
    caseless = SentencePieceCodec("a", model=train_pieces(["我不知道", "שלום עולם"], kind, 360))
    assert [codec.reads_lowercase for codec in (lower, cased, wished, caseless)] == [True, False, True, False]
    assert lower.prepare("CALL me Back", 1)[0].data.tolist() == lower.encode(["call me back"]).data.tolist()
    assert cased.prepare("Call me", 1)[0].data.tolist() == cased.encode(["Call me"]).data.tolist()
    # What it is trained and measured on is as it was.
    assert lower.decode(lower.encode(["CALL"])) == ["CALL"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SentencePieceCodec("a", model=b"no"), "these bytes are no SentencePiece model"),
        (lambda: SentencePieceCodec("a", model="/nowhere.model"), "/nowhere.model cannot be read: No such file"),
        (lambda: SentencePieceCodec("a", model=MODELS["bpe"], limit=1), "limit is 1; a row has at least 2 tokens"),
        (lambda: CODEC.encode([]), "one batch holds at least one sentence, got none"),
        (lambda: train_pieces([], "bpe", 300), "there is no text to learn pieces from"),
        (lambda: train_pieces(["", ""], "unigram", 300), "there is no text to learn pieces from"),
        (lambda: train_pieces(["abc"], "bpe", 200), "a vocabulary of 200 is too small: reserved ids, bytes and"),
    ],
)
def test_mistakes(make, message):
    with pytest.raises(ValueError, match=message):
        make()
