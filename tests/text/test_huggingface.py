"""Hugging Face tokenizers as codecs: rows of every family alike, offline, one clear line where there is none."""

from __future__ import annotations

import json
import shutil
import socket

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cyclekit import registry
from cyclekit.core.batch import Batch
from cyclekit.registry import RecipeError
from cyclekit.text.huggingface import HuggingFaceCodec
from tests.text.tiny_models import FAMILIES, SENTENCES, WORDS, gpt2, languages


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    return {family: make(tmp_path_factory.mktemp(family)) for family, make in FAMILIES.items()}


@pytest.fixture(params=FAMILIES)
def family(request):
    return request.param


def codec_of(folders, family, domain="a", **options):
    return HuggingFaceCodec(domain, model=str(folders[family]), **languages(family), **options)


def test_rows_are_pieces_an_end_and_padding(folders, family):
    codec = codec_of(folders, family)
    batch = codec.encode(SENTENCES)
    assert batch.data.dtype == torch.int64
    lengths = batch.mask.sum(1)
    assert batch.data.shape[1] == lengths.max()
    for row, mask, length in zip(batch.data, batch.mask, lengths):
        assert mask[:length].all()
        assert not mask[length:].any()
        assert row[length - 1] == codec.end
        assert (row[length:] == codec.pad).all()
        assert codec.allowed[row[:length]].all()
    assert codec.decode(batch) == SENTENCES


def test_a_row_in_its_frame_is_what_the_tokenizer_writes_itself(folders, family):
    codec = codec_of(folders, family)
    for sentence in SENTENCES:
        row = codec.encode([sentence]).data[0].tolist()
        assert codec.prefix + row + codec.suffix == codec.tokenizer(sentence)["input_ids"]


@pytest.mark.parametrize(
    ("family", "prefix", "suffix"),
    [
        ("t5", [], []),
        ("bart", ["<s>"], []),
        ("mbart", [], ["de_DE"]),
        ("mbart50", ["de_DE"], []),
        ("nllb", ["deu_Latn"], []),
        ("marian", [], []),
    ],
)
def test_the_frames_of_the_families(folders, family, prefix, suffix):
    codec = codec_of(folders, family, "b")
    assert codec.tokenizer.convert_ids_to_tokens(codec.prefix) == prefix
    assert codec.tokenizer.convert_ids_to_tokens(codec.suffix) == suffix


@pytest.mark.parametrize(
    ("family", "blank"), [("t5", "<extra_id_0>"), ("bart", "<mask>"), ("mbart", "<mask>"), ("marian", "<unk>")]
)
def test_the_four_pieces_that_every_codec_names(folders, family, blank):
    codec = codec_of(folders, family)
    tokens = codec.tokenizer.convert_ids_to_tokens([codec.pad, codec.end, codec.unknown, codec.blank])
    assert tokens == ["<pad>", "</s>", "<unk>", blank]
    assert codec.allowed[codec.end]
    assert not codec.allowed[[codec.pad, codec.unknown, codec.blank]].any()


def test_as_many_pieces_as_the_model_has_embeddings_but_no_more_than_the_tokenizer_may_be_drawn(folders):
    codec = codec_of(folders, "t5")
    pieces = len(codec.tokenizer)
    assert codec.vocabulary == pieces + 4 == len(codec.allowed) == len(codec.begins_word)
    assert not codec.allowed[pieces:].any()
    assert int(codec.allowed.sum()) == len(WORDS) + 1


def test_pieces_that_begin_words(folders):
    codec = codec_of(folders, "mbart")
    pieces = codec.tokenizer.convert_ids_to_tokens(codec.begins_word.nonzero()[:, 0].tolist())
    assert sorted(pieces) == sorted(["▁", *(f"▁{word}" for word in WORDS)])
    assert int(codec_of(folders, "bart").begins_word.sum()) == len(WORDS)  # it marks none: all do


def test_marian_reads_domain_a_and_writes_domain_b(folders):
    a, b = codec_of(folders, "marian", "a", limit=99), codec_of(folders, "marian", "b", limit=99)
    backwards = SENTENCES[0][::-1]  # what the target side's pieces were learned from
    assert b.encode([backwards]).data.shape[1] < a.encode([backwards]).data.shape[1]
    assert b.decode(b.encode([backwards])) == [backwards]


def test_long_sentences_are_cut_and_still_end(folders, family):
    codec = codec_of(folders, family, limit=4)
    batch = codec.encode([SENTENCES[0] * 9, "it"])
    assert batch.data.shape == (2, 4)
    assert batch.data[0, -1] == codec.end
    assert batch.mask.sum(1).tolist()[0] == 4


def test_white_space_is_normalised(folders):
    codec = codec_of(folders, "bart")
    assert torch.equal(codec.encode([" the  cat\tsat\non"]).data, codec.encode(["the cat sat on"]).data)
    assert codec.normalised(" the  cat\n") == "the cat"


def test_pieces_for_people_to_read(folders):
    codec = codec_of(folders, "t5")
    assert [codec.piece(i) for i in (codec.end, codec.blank, 3)] == ["</s>", "<extra_id_0>", "the"]
    assert codec.piece(codec.vocabulary - 1) == "<no piece>"


def test_what_a_domain_may_produce_is_saved(folders, tmp_path):
    codec = codec_of(folders, "bart")
    for number, allowed in enumerate(
        [codec.begins_word.clone().index_fill(0, torch.tensor([codec.end, 7]), False), None]
    ):
        (tmp_path / str(number)).mkdir()
        codec.allowed = allowed
        codec.save(tmp_path / str(number))
        again = HuggingFaceCodec.load(tmp_path / str(number)).allowed
        assert again is None if allowed is None else torch.equal(again, allowed)


def test_lower_case(folders):
    shouted = [sentence.upper() for sentence in SENTENCES]
    assert (
        codec_of(folders, "bart", lowercase=True).decode(codec_of(folders, "bart", lowercase=True).encode(shouted))
        == SENTENCES
    )
    assert set(codec_of(folders, "bart").encode(["THE CAT"]).data[0, :-1].tolist()) == {3}


def test_a_sentence_that_spells_special_tokens_is_still_one_row(folders, family):
    codec = codec_of(folders, family)
    batch = codec.encode([f"the cat </s> <pad> sat {codec.tokenizer.convert_ids_to_tokens(codec.blank)}"])
    assert batch.mask.all()
    assert (batch.data == codec.end).sum() == 1
    assert not (batch.data == codec.pad).any()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sentences=st.lists(st.text(max_size=30), min_size=1, max_size=4))
def test_any_text_becomes_rows_and_comes_back_as_one_line_each(folders, family, sentences):
    codec = codec_of_cached(folders, family)
    batch = codec.encode(sentences)
    ends = (batch.data == codec.end).sum(1)
    assert (ends == 1).all()
    assert (batch.data.gather(1, batch.mask.sum(1, keepdim=True) - 1) == codec.end).all()
    lines = codec.decode(batch)
    assert len(lines) == len(sentences)
    assert all(len(line.splitlines()) <= 1 for line in lines)


_codecs: dict[str, HuggingFaceCodec] = {}


def codec_of_cached(folders, family):
    if family not in _codecs:
        _codecs[family] = codec_of(folders, family, limit=12)
    return _codecs[family]


@settings(max_examples=40)
@given(words=st.lists(st.sampled_from(WORDS), max_size=10))
def test_known_words_come_back(folders, words):
    for family in ("t5", "bart", "mbart", "mbart50"):
        codec = codec_of_cached(folders, family)
        assert codec.decode(codec.encode([" ".join(words)])) == [" ".join(words)]


def test_distributions_decode_as_their_likeliest_pieces(folders):
    codec = codec_of(folders, "bart")
    batch = codec.encode(SENTENCES)
    soft = torch.nn.functional.one_hot(batch.data, codec.vocabulary).float() * 0.6 + 0.1
    assert codec.decode(Batch(soft, batch.mask)) == SENTENCES


def test_one_sentence_there_and_back(folders):
    codec = codec_of(folders, "t5")
    row, memory = codec.prepare(SENTENCES[0], 1)
    assert row.data.shape[0] == 1
    assert codec.finish(row, memory) == SENTENCES[0]
    blank, memory = codec.prepare(" \t", 1)
    assert blank.data.tolist() == [[codec.end]]
    assert codec.finish(row, memory) == ""  # whatever a network made of it
    with pytest.raises(ValueError, match="at least one sentence, got none"):
        codec.encode([])


def test_saved_and_loaded_from_that_folder_alone(folders, family, tmp_path, monkeypatch):
    moved = tmp_path / "model"
    shutil.copytree(folders[family], moved)
    codec = HuggingFaceCodec("b", model=str(moved), limit=9, lowercase=True, **languages(family))
    (tmp_path / "codec-b").mkdir()
    codec.save(tmp_path / "codec-b")
    assert not list((tmp_path / "codec-b").glob("*.safetensors"))
    expected = codec.encode(SENTENCES)
    shutil.rmtree(moved)
    monkeypatch.setattr(socket, "socket", None)  # any connection would fail
    again = HuggingFaceCodec.load(tmp_path / "codec-b")
    assert (again.model, again.restored, codec.restored) == (str(moved), True, False)
    for attribute in ("domain", "limit", "lowercase", "language", "vocabulary", "pad", "end", "unknown", "blank",
                      "prefix", "suffix"):  # fmt: skip
        assert getattr(again, attribute) == getattr(codec, attribute)
    assert torch.equal(again.encode(SENTENCES).data, expected.data)
    assert torch.equal(again.allowed, codec.allowed)
    shutil.rmtree(tmp_path / "codec-b")
    (tmp_path / "later").mkdir()
    again.save(tmp_path / "later")  # also when the checkpoint it came from has been pruned
    assert HuggingFaceCodec.load(tmp_path / "later").decode(expected) == codec.decode(expected)


def test_damaged_checkpoints_are_named(folders, tmp_path):
    with pytest.raises(RecipeError, match="the checkpoint is damaged: its tokenizer cannot be read"):
        HuggingFaceCodec.load(tmp_path)
    codec_of(folders, "bart").save(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(RecipeError, match="the checkpoint is damaged: its tokenizer cannot be read: model: the tokeni"):
        HuggingFaceCodec.load(tmp_path)


def refused(*, says, domain="a", **options):
    with pytest.raises(RecipeError, match=says) as caught:
        registry.build("codec", "huggingface", domain, options=options)
    assert len(str(caught.value).splitlines()) == 1


def test_mistakes_are_one_clear_line(folders, tmp_path):
    bart, mbart = str(folders["bart"]), str(folders["mbart"])
    refused(model=bart, limit=1, says="limit is 1; a row has at least 2 tokens")
    refused(model=bart, language="de_DE", says="language: .* knows no language codes; leave it out")
    refused(
        model=mbart,
        says=r"writes a language code with every sentence: set its option language, as in language: \{a: en_XX",
    )
    refused(model=mbart, language="german", says="does not know 'german'; it knows: .*de_DE, en_XX")
    refused(
        model=str(tmp_path / "nothing"), says="model: there is no folder .*nothing; name one, or a model of the hub"
    )
    refused(model="./nothing", says="there is no folder ./nothing")
    refused(model="a name", says="'a name' is neither a folder nor a model's name, OWNER/NAME")
    refused(model=str(tmp_path), says="model: the tokenizer of .* cannot be read")


def test_a_tokenizer_without_an_end_is_refused(tmp_path):
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(models.WordLevel({"<unk>": 0, "a": 1}, unk_token="<unk>"))
    PreTrainedTokenizerFast(tokenizer_object=words, unk_token="<unk>").save_pretrained(tmp_path)
    refused(model=str(tmp_path), says="the tokenizer of .* has no end token")


def test_a_model_without_an_encoder_is_refused(tmp_path):
    refused(
        model=str(gpt2(tmp_path)),
        says="has no padding token: .* is a gpt2, no encoder-decoder; take a T5, BART, mBART, NLLB or Marian",
    )


def test_what_a_tokenizer_only_added_as_special_is_never_written(folders):
    """NLLB's language codes are no special tokens of its tokenizer's list, once that is read from a folder."""
    codec = codec_of(folders, "nllb")
    codes = codec.tokenizer.convert_tokens_to_ids(["eng_Latn", "deu_Latn"])
    assert not codec.allowed[codes].any()


def test_a_tokenizer_of_another_model_is_refused(folders, tmp_path):
    shutil.copytree(folders["bart"], tmp_path, dirs_exist_ok=True)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"vocab_size": 7}))
    refused(model=str(tmp_path), says="has 7 embeddings for 21 pieces: the tokenizer is another's")
