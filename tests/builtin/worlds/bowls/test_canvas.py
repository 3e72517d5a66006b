"""Shapes laid over one another: distances, colours, and what lies out of sight."""

import numpy as np
import pytest

from cyclekit.builtin.worlds.bowls.canvas import box, ellipse


def test_distances_are_negative_inside_and_zero_at_the_edge():
    places = np.array([0.0, 0.1, 0.3, 0.5])
    assert np.allclose(box(places, np.zeros(4), 0.3, 0.1, 0.02), [-0.1, -0.1, 0.0, 0.2])
    distance = ellipse(places, np.zeros(4), 0.3, 0.1)
    assert distance[0] < 0
    assert distance[1] < 0
    assert distance[2] == pytest.approx(0, abs=1e-4)
    assert distance[3] == pytest.approx(0.2, abs=0.15)
