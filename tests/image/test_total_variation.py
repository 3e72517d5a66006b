"""Total variation: the mean step between neighbours, and what moves it."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.batch import Batch, Pair
from cyclekit.core.parts import Outputs
from cyclekit.registry import build

NONE = Pair(None, None)


def variation(*fakes):
    shown = [None if fake is None else Batch(fake) for fake in fakes]
    return build("term", "total_variation")(Outputs(NONE, Pair(*shown), NONE, NONE))


def noise(seed, *shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * 2 - 1


def slowly(fake):
    """One pair of neighbours at a time: the mean along rows and the mean along columns."""
    found = []
    for pictures in (fake, fake.transpose(2, 3)):
        steps = [abs(float(b - a)) for line in pictures.flatten(0, 2) for a, b in itertools.pairwise(line)]
        found.append(sum(steps) / len(steps))
    return sum(found)


@given(st.integers(1, 2), st.integers(1, 3), st.integers(2, 4), st.integers(2, 4), st.integers(0, 99))
def test_it_is_the_mean_step_of_both_directions(rows, channels, height, width, seed):
    a, b = noise(seed, rows, channels, height, width), noise(seed + 1, rows, channels, width, height)
    assert float(variation(a, b)) == pytest.approx((slowly(a) + slowly(b)) / 2)
    assert float(variation(a, None)) == pytest.approx(slowly(a))
    assert float(variation(None, b)) == pytest.approx(slowly(b))


def test_what_leaves_steps_as_they_are_leaves_it():
    fake = noise(0, 2, 3, 5, 6)
    for other in (fake + 0.5, -fake, fake.flip(2), fake.flip(3), fake.transpose(2, 3), fake[[1, 0]]):
        assert float(variation(other, fake)) == pytest.approx(float(variation(fake, fake)))
    assert float(variation(torch.full((1, 1, 4, 4), 0.7), None)) == 0
    assert float(variation(0.5 * fake, None)) == pytest.approx(0.5 * float(variation(fake, None)))


def test_its_gradient_makes_pictures_smoother():
    fake = noise(1, 1, 1, 8, 8).requires_grad_()
    before = variation(fake, None)
    before.backward()
    with torch.no_grad():
        assert variation(fake - 0.1 * fake.grad.sign(), None) < before
