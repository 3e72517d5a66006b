"""Noise on whole words: what it may do to a sentence, and what it must leave."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.registry import RecipeError, build
from cyclekit.text.noise import Saliency, word_numbers
from tests.text.parts import SENTENCES, codec, data, sentences

rows = st.lists(st.sampled_from([*SENTENCES, "great", "the the the"]), min_size=1, max_size=5)


def noise(**options):
    return build(
        "noise", "words", data(), options={"shuffle": 0.0, "drop": 0.0, "blank": 0.0, "salient": 0.0, **options}
    )


def whole(batch):
    """Every row ends with one end token, and padding follows."""
    pieces = codec()
    for ids, mask in zip(batch.data.tolist(), batch.mask.tolist()):
        length = sum(mask)
        assert mask == [True] * length + [False] * (len(mask) - length)
        assert ids[length - 1] == pieces.end
        assert pieces.end not in ids[: length - 1]
        assert set(ids[length:]) <= {pieces.pad}


@given(rows, st.integers(0, 99))
def test_shuffling_keeps_words_whole_and_near(texts, seed):
    torch.manual_seed(seed)
    before = sentences(*texts)
    after = noise(shuffle=2.0)(before, "a")
    whole(after)
    for text, shuffled in zip(texts, codec().decode(after)):
        assert sorted(shuffled.split()) == sorted(text.split())
        for place, word in enumerate(text.split()):
            assert min(abs(place - there) for there, other in enumerate(shuffled.split()) if other == word) <= 2


@given(rows, st.floats(0, 1), st.integers(0, 99))
def test_dropping_leaves_words_in_order_and_the_first_in_place(texts, share, seed):
    torch.manual_seed(seed)
    after = noise(drop=share)(sentences(*texts), "a")
    whole(after)
    for text, left in zip(texts, codec().decode(after)):
        words = iter(text.split())
        assert all(word in words for word in left.split())
        assert left.split()[:1] == text.split()[:1]


@given(rows, st.floats(0, 1), st.integers(0, 99))
def test_blanks_stand_for_words_and_never_side_by_side(texts, share, seed):
    torch.manual_seed(seed)
    after = noise(blank=share)(sentences(*texts), "a")
    whole(after)
    blank = after.data == codec().blank
    assert not (blank[:, 1:] & blank[:, :-1]).any()


def test_no_noise_is_the_sentence_itself():
    before = sentences()
    after = noise()(before, "a")
    assert torch.equal(after.data, before.data)
    assert torch.equal(after.mask, before.mask)


def test_salient_words_are_hidden_from_their_own_side_alone():
    hide = Saliency(data([("awful", 3.0), ("great", -3.0)]), 1.0, probability=1.0, others=0.0)
    text = sentences("the food was awful and the staff was great .")
    blank = codec().blank
    shown = {domain: hide(text, domain) for domain in "ab"}
    assert [int((batch.data == blank).sum()) for batch in shown.values()] == [1, 1]
    assert codec().decode(shown["a"]) == ["the food was and the staff was great ."]
    assert codec().decode(shown["b"]) == ["the food was awful and the staff was ."]


def test_the_bootstrap_translates_the_sentence_without_its_style():
    torch.manual_seed(0)  # nine times of ten, it hides the word
    seen = []
    first = build("bootstrap", "saliency", data([("awful", 3.0)]))
    first(sentences("the food was awful ."), "a", seen.append)
    assert "awful" not in codec().decode(seen[0])[0]


def test_words_are_numbered_and_the_end_is_its_own():
    batch = sentences("the food was awful .", "great")
    words = word_numbers(batch, codec())
    begins = codec().begins_word[batch.data]
    assert int(words[0, 0]) == 0
    for row in range(2):
        length = int(batch.mask[row].sum())
        steps = words[row, 1:length] - words[row, : length - 1]
        assert torch.equal(steps.bool()[:-1], begins[row, 1 : length - 1])
        assert int(steps[-1]) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"drop": 1.5}, "drop is 1.5; it is a share, from 0 to 1"),
        ({"shuffle": -1.0}, "shuffle is -1.0; it is how many places a word may move"),
        ({"threshold": 0.0}, "threshold is 0.0; it is in nats, above 0"),
    ],
)
def test_refusals(options, message):
    with pytest.raises(RecipeError, match=message):
        noise(**options)
