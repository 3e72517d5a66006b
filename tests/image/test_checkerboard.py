"""A grid that transposed convolutions leave is seen, and one that is in the data is not."""

import pytest
import torch
from torch.nn import functional as F

from tests.image.looks import SIZE, findings, paintings, translated


def grid(period, strength, size=SIZE):
    """A pattern of transposed convolutions: every `period`-th pixel, across and down, is brighter."""
    pattern = torch.zeros(size, size)
    pattern[::period, ::period] = 1.0
    return strength * (pattern - pattern.mean())


@pytest.mark.parametrize("period", [2, 4])
def test_checkerboards(period):
    source, truth, real = paintings()
    found = findings(translated(source, (truth + grid(period, 0.2)).clamp(-1, 1), real))
    assert list(found) == ["checkerboard"]
    assert f"the outputs have a checkerboard of period {period} (its peak" in found["checkerboard"]
    assert "generator.upsampling=resize" in found["checkerboard"]


def test_a_grid_that_is_in_the_inputs_or_that_nobody_sees_is_none():
    source, truth, real = paintings()
    gridded = [(side + grid(2, 0.2)).clamp(-1, 1) for side in (source, truth, real)]
    assert findings(translated(*gridded)) == {}
    assert findings(translated(source, (truth + grid(2, 0.01)).clamp(-1, 1), real)) == {}
    blurred = F.interpolate(F.avg_pool2d(truth, 2), scale_factor=2, mode="nearest")
    assert "checkerboard" not in findings(translated(source, blurred, real)), "blocks are coarse, and no pattern"
