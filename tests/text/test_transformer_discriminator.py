"""The Transformer as discriminator: what it sees that `textcnn` does not; the rest they share, see test_textcnn."""

import pytest
import torch

from cyclekit.registry import RecipeError, build
from tests.text.parts import codec, sentences


def judge(**options):
    torch.manual_seed(0)
    wanted = {"width": 8, "layers": 1, "heads": 2, "dropout": 0.0, **options}
    return build("discriminator", "transformer", codec("b"), None, options=wanted).eval()


def test_it_hears_every_word_at_once():
    """A pair of words far apart changes the score otherwise than both words do alone."""
    far = "the food was great and the staff was kind"
    texts = [f"{first} {far} {last}" for first in ("great", "awful") for last in ("great", "awful")]
    scores = judge()(sentences(*texts)).data.detach().flatten()
    assert abs(float(scores[0] - scores[1] - scores[2] + scores[3])) > 1e-5


def test_the_end_alone_is_a_sentence_and_every_weight_learns():
    made = judge()
    made(sentences("", "great food")).data.sum().backward()
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in made.parameters())
    assert made.sum.grad.abs().sum() > 0


@pytest.mark.parametrize(("options", "hidden"), [({}, 16), ({"hidden": 5}, 5)])
def test_the_feed_forward_parts_are_twice_the_width_unless_told(options, hidden):
    assert judge(**options).layers[0].forward_part[1].out_features == hidden


@pytest.mark.parametrize("name", ["transformer", "textcnn"])
@pytest.mark.parametrize("blank", [-0.1, 1.5])
def test_a_blank_that_is_no_share_is_refused(name, blank):
    with pytest.raises(RecipeError, match=rf"blank is {blank}; it is a share, from 0 to 1"):
        build("discriminator", name, codec("b"), None, options={"blank": blank})


def test_sizes_that_do_not_go_together():
    with pytest.raises(RecipeError, match=r"width 10 is not a multiple of 2 x 4 heads, 1 or more"):
        judge(width=10, heads=4)
    with pytest.raises(RecipeError, match=r"width 8 is not a multiple of 2 x 0 heads, 1 or more"):
        judge(heads=0)
