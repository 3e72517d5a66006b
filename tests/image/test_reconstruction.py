"""The blurred reconstruction: blind to strokes, not to light."""

from __future__ import annotations

import pytest
import torch

from cyclekit.core.batch import Batch
from cyclekit.core.losses import l1
from cyclekit.image.reconstruction import blurred_l1
from tests.image.networks import pictures


def test_a_blur_of_one_is_l1():
    first, second = pictures(2, 3, 9, 7), Batch(-pictures(2, 3, 9, 7).data)
    torch.testing.assert_close(blurred_l1(blur=1)(first, second), l1()(first, second))


def test_strokes_within_a_square_cost_nothing_and_light_does():
    picture = Batch(torch.zeros(1, 3, 8, 8))
    strokes = Batch(torch.tensor([1.0, -1.0]).repeat(4).expand(1, 3, 8, 8))
    distance = blurred_l1(blur=4)
    assert float(distance(strokes, picture)) == 0
    assert float(distance(Batch(picture.data + 0.5), picture)) == pytest.approx(0.5)


def test_sizes_that_the_blur_does_not_divide_count_to_the_edge():
    picture, other = Batch(torch.zeros(1, 1, 5, 5)), Batch(torch.zeros(1, 1, 5, 5))
    other.data[..., 4, 4] = 1
    assert float(blurred_l1(blur=4)(picture, other)) > 0


def test_a_blur_below_one_is_refused():
    with pytest.raises(ValueError, match="blur is 0"):
        blurred_l1(blur=0)
