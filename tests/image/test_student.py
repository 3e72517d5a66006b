"""The student: sizes, the identity start, and a norm that goes into the convolutions."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.core.batch import Batch
from cyclekit.core.initialise import kaiming, normal
from cyclekit.image.student import StudentGenerator
from tests.image.networks import COLOUR, GREY, pictures


@given(
    rows=st.integers(1, 3),
    columns=st.integers(1, 3),
    factor=st.sampled_from([1, 2, 4]),
    blocks=st.integers(0, 2),
    depthwise=st.booleans(),
    start=st.sampled_from(["identity", "random"]),
)
@settings(max_examples=25)
def test_sizes_come_back_as_they_went_in_and_every_weight_learns(rows, columns, factor, blocks, depthwise, start):
    network = StudentGenerator(COLOUR, COLOUR, width=2, blocks=blocks, factor=factor, depthwise=depthwise, start=start)
    height, width = (count * network.multiple for count in (rows, columns))
    output = network(pictures(2, 3, height, width))
    assert output.data.shape == (2, 3, height, width)
    assert output.data.abs().max() <= 1
    output.data.sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize("initialisation", [normal, kaiming])
@pytest.mark.parametrize("codec", [COLOUR, GREY])
def test_identity_start_gives_every_byte_back_whatever_the_initialisation(initialisation, codec):
    network = StudentGenerator(codec, codec, width=4)
    initialisation()(network)
    levels = torch.arange(256).reshape(1, 1, 16, 16).expand(1, codec.channels, 16, 16)
    output = network(Batch(levels / 127.5 - 1)).data
    assert torch.equal(((output + 1) * 127.5).round().long(), levels)


def test_what_is_beyond_white_still_learns():
    network = StudentGenerator(GREY, GREY, width=2)
    with torch.no_grad():
        network.head.bias.fill_(5)
    output = network(pictures(1, 1, 16, 16)).data
    assert (output == 1).all()
    output.sum().backward()
    assert network.head.bias.grad.abs().min() > 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: StudentGenerator(COLOUR, GREY), "as many channels out as in; got 3 in and 1 out"),
        (lambda: StudentGenerator(COLOUR, COLOUR, width=0), "width and factor >= 1"),
        (lambda: StudentGenerator(COLOUR, COLOUR)(pictures(1, 3, 8, 12)), "multiples of 8"),
    ],
)
def test_what_does_not_fit_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
