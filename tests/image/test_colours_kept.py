"""The term that keeps colours: 0 where they are as they should be, blind to what is finer, and what it refuses."""

from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.core.batch import Batch, Pair
from cyclekit.core.parts import Outputs
from cyclekit.image.codec import ImageCodec
from cyclekit.image.colours import Colours, colour_map
from cyclekit.image.colours_kept import colours_kept
from cyclekit.registry import RecipeError

KNOWN = Pair(
    Colours(torch.tensor([0.1, 0.0, -0.1]).double(), torch.diag(torch.tensor([0.04, 0.09, 0.01])).double()),
    Colours(torch.tensor([-0.1, 0.1, 0.0]).double(), torch.diag(torch.tensor([0.01, 0.04, 0.02])).double()),
)


def of_sets(known=KNOWN, channels=(3, 3)):
    return SimpleNamespace(colours=known, codecs=Pair(*map(ImageCodec, channels)))


def outputs(real, fake):
    return Outputs(real, fake, Pair(None, None), Pair(None, None))


def drawn(seed, size=(16, 24)):
    generator = torch.Generator().manual_seed(seed)
    return Pair(*(Batch(torch.rand(2, 3, *size, generator=generator) * 0.6 - 0.3) for _ in range(2)))


def moved(real):
    return Pair(
        Batch(colour_map(KNOWN.b, KNOWN.a)(real.b.data)),
        Batch(colour_map(KNOWN.a, KNOWN.b)(real.a.data)),
    )


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.sampled_from([1, 3, 8]))
def test_moved_colours_cost_nothing_and_others_what_they_are_off(seed, blur):
    term = colours_kept(of_sets(), blur=blur)
    real = drawn(seed)
    fake = moved(real)
    assert float(term(outputs(real, fake))) < 1e-6
    off = Pair(fake.a, Batch(fake.b.data + 0.25))
    torch.testing.assert_close(term(outputs(real, off)), torch.tensor(0.125))


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_what_is_finer_than_a_square_costs_nothing(seed):
    real = drawn(seed)
    fake = moved(real).map(lambda batch: batch.data)
    rows = torch.arange(16)[:, None] + torch.arange(24)
    checks = (2.0 * (rows % 2) - 1) * 0.1
    strokes = Pair(*(Batch(data + checks) for data in fake))
    assert float(colours_kept(of_sets(), blur=8)(outputs(real, strokes))) < 1e-6
    assert float(colours_kept(of_sets(), blur=1)(outputs(real, strokes))) > 0.09


def test_a_side_that_is_not_made_is_left_out():
    real = drawn(0)
    one_way = Pair(None, Batch(moved(real).b.data + 0.25))
    torch.testing.assert_close(colours_kept(of_sets())(outputs(real, one_way)), torch.tensor(0.25))


def test_it_reaches_the_translations_alone():
    real = drawn(0).map(lambda batch: Batch(batch.data.requires_grad_()))
    fake = real.map(lambda batch: Batch(torch.zeros_like(batch.data, requires_grad=True)))
    colours_kept(of_sets())(outputs(real.map(lambda batch: Batch(batch.data.detach())), fake)).backward()
    assert all(batch.data.grad.abs().sum() > 0 for batch in fake)


@pytest.mark.parametrize(
    ("options", "channels", "complaint"),
    [
        ({"blur": 0}, (3, 3), "objective.terms: colours_kept.blur is 0; it is a side in pixels, 1 or more"),
        ({}, (1, 3), "objective.terms: colours_kept needs domains of as many channels as each other"),
    ],
)
def test_what_makes_no_sense_is_one_line(options, channels, complaint):
    with pytest.raises(RecipeError, match=complaint):
        colours_kept(of_sets(channels=channels), **options)
