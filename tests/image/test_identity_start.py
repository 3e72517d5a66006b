"""Beginning as the identity: every byte comes back, and what the network makes of it still learns."""

import pytest
import torch
from torch import nn

from cyclekit.image.codec import ImageCodec
from cyclekit.image.identity_start import begin_with_nothing, beside_input, check_identity_start
from tests.image.networks import COLOUR, GREY


def test_tanh_gives_every_byte_back():
    pictures = (torch.arange(256) / 127.5 - 1).view(1, 1, 16, 16)
    begun = beside_input(torch.zeros(1, 1, 16, 16), pictures)
    assert begun.isfinite().all()
    back = ((begun.tanh() + 1) * 127.5).round()
    assert back.flatten().tolist() == list(range(256))


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16, torch.float16])
def test_black_and_white_stay_finite_and_learn_in_any_precision(precision):
    made = torch.zeros(1, 1, 1, 2, dtype=precision, requires_grad=True)
    output = beside_input(made, torch.tensor([-1.0, 1.0], dtype=precision).view(1, 1, 1, 2))
    output.tanh().sum().backward()
    assert output.isfinite().all()
    assert (made.grad > 0).all()


def test_a_last_layer_answers_nothing_and_still_learns():
    last = nn.Conv2d(2, 3, 3)
    begin_with_nothing(last)
    answer = last(torch.ones(1, 2, 4, 4))
    assert (answer == 0).all()
    answer.sum().backward()
    assert last.weight.grad.abs().sum() > 0


def test_other_channels_out_than_in_are_refused_only_where_it_is_asked_for():
    check_identity_start("random", COLOUR, GREY)
    check_identity_start("identity", ImageCodec(4), ImageCodec(4))
    with pytest.raises(ValueError, match=r"^start 'identity' needs as many channels out as in; got 3 in and 1 out$"):
        check_identity_start("identity", COLOUR, GREY)
