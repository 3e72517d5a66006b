"""Text without spaces: words are found by script, and every part that works on words works there too."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.batch import Batch, Pair
from cyclekit.registry import build
from cyclekit.text.bridge import LOWEST, constraints
from cyclekit.text.codec import SentencePieceCodec, train_pieces
from cyclekit.text.noise import on_words, word_numbers
from cyclekit.text.scripts import words_of, writing_of

THINGS = ["苹果", "茶", "电影", "房子", "天气", "火车", "咖啡", "音乐"]
POLITE = [f"请问您知道{thing}在哪里吗？" for thing in THINGS] + [f"我非常喜欢{thing}。" for thing in THINGS]
PLAIN = [f"{thing}在哪？" for thing in THINGS] + [f"{thing}真不错！" for thing in THINGS]
CODECS = Pair(*(
    SentencePieceCodec(domain, model=train_pieces(POLITE + PLAIN, "unigram", 400), limit=40) for domain in ("a", "b")
))  # fmt: skip


def data():
    """What noise looks at; only 您 tells the domains apart."""
    saliency = torch.zeros(CODECS.a.vocabulary)
    for index in range(CODECS.a.vocabulary):
        saliency[index] = 3.0 if "您" in CODECS.a.piece(index) else 0.0
    return type("Data", (), {"codecs": CODECS, "saliency": saliency})


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_words_are_what_spaces_part_and_every_character_of_other_scripts(text):
    assert "".join(words_of(text)) == "".join(text.split())
    if all(ord(character) < 0x0E00 for character in text):
        assert words_of(text) == text.split()


def test_which_script_it_is():
    assert [writing_of(lines) for lines in (["我不知道"], ["これは本です"], ["漢字", "かな"], ["안녕 세계"])] == [
        "chinese", "japanese", "japanese", "korean",
    ]  # fmt: skip
    assert writing_of(["ไม่รู้"]) == "south-east asian"
    assert {writing_of(lines) for lines in (["yes"], [], ["..."], ["да"], ["the 漢 sign of all"])} == {"spaced"}


def test_noise_leaves_most_of_a_sentence_and_changes_it():
    torch.manual_seed(0)
    noisy = build("noise", "words", data(), options={"salient": 0.0, "blank": 0.0})
    real = CODECS.a.encode(POLITE)
    spoiled = noisy(real, "a")
    kept = [len(after) / len(before) for before, after in zip(POLITE, CODECS.a.decode(spoiled))]
    assert 0.6 < sum(kept) / len(kept) < 1
    assert sum(after != before for before, after in zip(POLITE, CODECS.a.decode(spoiled))) > len(POLITE) / 2
    assert int(word_numbers(real, CODECS.a).max()) > 4


def test_only_what_is_salient_is_hidden():
    torch.manual_seed(0)
    hide = build("bootstrap", "saliency", data())
    seen = []
    hide(CODECS.a.encode(POLITE[:8] * 50), "a", seen.append)
    found = CODECS.a.decode(seen[0])
    assert 0.8 < sum("您" not in one for one in found) / len(found) < 1  # 0.9 of them
    assert 0.85 < sum("哪" in one for one in found) / len(found) < 1  # 0.05 of the others are hidden too


def test_preservation_asks_for_the_words_that_are_missing():
    lost = build("preservation", "words", data())
    source, kept, other = "请问您知道茶在哪里吗？", "知道茶在哪里吗？", "真不错！"

    def drawn(text):
        batch = CODECS.b.encode([text])
        return Batch(
            batch.data, batch.mask, torch.zeros(int(batch.mask.sum()), CODECS.b.vocabulary, requires_grad=True)
        )

    real = CODECS.a.encode([source])
    assert lost(real, "a", drawn(kept)) < lost(real, "a", drawn(other))


def test_a_character_may_stand_twice_where_that_is_a_word():
    codec = SentencePieceCodec("b", model=train_pieces(["谢 谢 a a", "谢 a 谢 a"], "bpe", 300))
    constrain = constraints(codec, no_repeat=True)
    pieces = {codec.piece(index): index for index in codec.begins_word.nonzero()[:, 0].tolist()}
    for piece, forbidden in (("▁谢", False), ("▁a", True)):
        before = torch.tensor([pieces[piece]])
        logits = constrain(torch.zeros(1, codec.vocabulary), before, torch.tensor([False]))
        assert (logits[0, before] <= LOWEST).item() is forbidden


@pytest.mark.parametrize("text", ["the food was great", "naïve café — “quoted” 😀"])
def test_scripts_with_spaces_are_as_they_were(text):
    codec = SentencePieceCodec("a", model=train_pieces([text, "and more words"], "bpe", 300))
    starts = [codec.piece(index).startswith("▁") for index in range(codec.vocabulary)]
    assert codec.begins_word.tolist() == [False] * 4 + starts[4:]
    batch = codec.encode([text])
    assert int(word_numbers(batch, codec)[on_words(batch, codec)].max()) + 1 == len(text.split())
