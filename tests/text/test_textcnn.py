"""The judges of sentences: the same score for ids and one-hots, whatever the padding."""

import pytest
import torch

from cyclekit.core.batch import Batch, concat
from cyclekit.registry import RecipeError, build
from tests.text.parts import codec, generator, sentences

SIZES = {"textcnn": {"filters": 4}, "transformer": {"layers": 1, "heads": 2}}


@pytest.fixture(params=SIZES)
def judge(request):
    def made(**options):
        torch.manual_seed(0)
        wanted = {"width": 8, "dropout": 0.0, **SIZES[request.param], **options}
        return build("discriminator", request.param, codec("b"), None, options=wanted).eval()

    return made


def test_one_score_a_sentence(judge):
    assert judge()(sentences()).data.shape == (5, 1)


def test_ids_and_their_one_hots_score_alike(judge):
    batch = sentences()
    hot = Batch(torch.nn.functional.one_hot(batch.data, codec().vocabulary).float(), batch.mask)
    torch.testing.assert_close(judge()(batch).data, judge()(hot).data)


def test_padding_changes_nothing(judge):
    short = sentences("great place")
    padded = concat([short, sentences("never going back , what a waste of money .")])
    torch.testing.assert_close(judge()(short).data[0], judge()(padded).data[0])


def test_the_end_is_seen_and_the_order_of_words_too(judge):
    scores = judge()(sentences("great food", "food great", "great food great food")).data.detach()
    assert len({round(float(score), 6) for score in scores}) == 3


def test_while_training_some_words_are_hidden(judge):
    made = judge(blank=0.5).train()
    assert not torch.equal(made(sentences()).data, made(sentences()).data)
    assert torch.equal(judge(blank=0.5)(sentences()).data, judge(blank=0.5)(sentences()).data)


def test_it_teaches_a_generator(judge):
    made = generator()
    judge()(made(sentences())).data.sum().backward()
    assert made.network.embedding.grad.abs().sum() > 0


@pytest.mark.parametrize("name", SIZES)
def test_it_sees_no_condition(name):
    with pytest.raises(RecipeError, match="judges sentences by themselves"):
        build("discriminator", name, codec("b"), codec("a"))


@pytest.mark.parametrize("options", [{"widths": []}, {"widths": [0, 1]}, {"filters": 0}])
def test_filters_that_hear_nothing_are_refused(options):
    with pytest.raises(RecipeError, match=r"filters of widths \[.*\] hear nothing; both are 1 or more"):
        build("discriminator", "textcnn", codec("b"), None, options=options)
