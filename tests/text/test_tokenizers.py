"""What data.tokenizer names: pieces that are learned, a file of them, Hugging Face's, or one line."""

import pytest

from cyclekit.core.batch import Pair
from cyclekit.registry import RecipeError
from cyclekit.text.codec import train_pieces
from cyclekit.text.tokenizers import build_codecs
from tests.text import tiny_models
from tests.text.test_data import FORMAL, INFORMAL, made
from tests.text.test_sources import write


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path, {"formal.txt": FORMAL, "informal.txt": INFORMAL})


def test_tokenisers(folder, tmp_path):
    (tmp_path / "some.model").write_bytes(train_pieces([*FORMAL, *INFORMAL], "bpe", 310))
    assert made(folder, tokenizer=str(tmp_path / "some.model")).codecs.a.vocabulary == 310
    unigram = made(folder, tokenizer="unigram")
    assert unigram.codecs.a.decode(unigram.training_pair(0, 0, 0).a) == [unigram.train.a[0]]


def test_a_hugging_face_tokeniser(folder, tmp_path):
    data = made(folder, tokenizer=f"huggingface:{tiny_models.t5(tmp_path / 't5')}")
    assert data.codecs.a.name == "huggingface"
    assert data.training_pair(0, 0, 0).a.data[0, -1] == data.codecs.a.end
    assert data.sizes.a > 0
    with pytest.raises(RecipeError, match=r"data\.own_words: is for SentencePiece tokenizers"):
        made(folder, tokenizer={"huggingface": str(tmp_path / "t5")}, own_words=True)


@pytest.mark.parametrize(
    ("tokenizer", "message"),
    [
        ("wordpiece", r"^data\.tokenizer: 'wordpiece' is none; choose bpe, unigram, a SentencePiece \.model file or"),
        ("unigramm", r"^data\.tokenizer: 'unigramm' is none; did you mean 'unigram'\?; choose"),
        ({"name": "x"}, r"^data\.tokenizer: a mapping is \{huggingface: NAME, option: value\}$"),
        ({"huggingface": "x", "model": "y", "modle": 1}, r"^data\.tokenizer"),
        (
            "huggingface:",
            r"^data\.tokenizer: .* model: names none; name a folder, or a model of the hub as OWNER/NAME$",
        ),
        ("missing.model", r"^data\.tokenizer: missing\.model cannot be read: No such file or directory$"),
    ],
)
def test_what_is_no_tokenizer_is_one_line(tokenizer, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RecipeError, match=message):
        build_codecs(tokenizer, Pair(FORMAL, INFORMAL), 320, 20, False)


@pytest.mark.parametrize("tokenizer", ["bpe", "unigram"])
def test_both_domains_have_the_pieces_of_both(tokenizer):
    codecs = build_codecs(tokenizer, Pair(FORMAL, INFORMAL), 320, 20, True)
    assert [codec.domain for codec in codecs] == ["a", "b"]
    names = [[codec.piece(index) for index in range(codec.vocabulary)] for codec in codecs]
    assert names[0] == names[1]
    for codec in codecs:  # neither side's letters are spelt in bytes
        for sentence in (FORMAL[0], INFORMAL[0]):
            assert not any(codec.piece(int(index)).startswith("<0x") for index in codec.encode([sentence]).data[0])
    assert all(codec.limit == 20 for codec in codecs)
    assert codecs.a.decode(codecs.a.encode(["Could YOU please"])) == ["could you please"]
