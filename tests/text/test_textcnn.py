"""The convolutional judge: the same score for ids and one-hots, whatever the padding."""

import pytest
import torch

from cyclekit.core.batch import Batch, concat
from cyclekit.registry import RecipeError, build
from tests.text.parts import codec, generator, sentences


def judge(**options):
    torch.manual_seed(0)
    return build("discriminator", "textcnn", codec("b"), None, options={"width": 8, "filters": 4, **options}).eval()


def test_one_score_a_sentence():
    assert judge()(sentences()).data.shape == (5, 1)


def test_ids_and_their_one_hots_score_alike():
    batch = sentences()
    hot = Batch(torch.nn.functional.one_hot(batch.data, codec().vocabulary).float(), batch.mask)
    torch.testing.assert_close(judge()(batch).data, judge()(hot).data)


def test_padding_changes_nothing():
    short = sentences("great place")
    padded = concat([short, sentences("never going back , what a waste of money .")])
    torch.testing.assert_close(judge()(short).data[0], judge()(padded).data[0])


def test_the_end_is_seen_and_the_order_of_words_too():
    scores = judge()(sentences("great food", "food great", "great food great food")).data
    assert len({round(float(score), 6) for score in scores}) == 3


def test_while_training_some_words_are_hidden():
    made = judge(blank=0.5, dropout=0.0).train()
    assert not torch.equal(made(sentences()).data, made(sentences()).data)
    assert torch.equal(judge(blank=0.5)(sentences()).data, judge(blank=0.5)(sentences()).data)


def test_it_teaches_a_generator():
    made = generator()
    judge()(made(sentences())).data.sum().backward()
    assert made.network.embedding.grad.abs().sum() > 0


def test_it_sees_no_condition():
    with pytest.raises(RecipeError, match="judges sentences by themselves"):
        build("discriminator", "textcnn", codec("b"), codec("a"))
