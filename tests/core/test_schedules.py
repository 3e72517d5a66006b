from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.schedules import constant, cosine, linear


def test_the_published_schedule():
    """image.md 4.4: epochs 1-100 at 2e-4, 101 at 1.9802e-4, ..., the 200th still learns at 1.98e-6."""
    factor = linear()
    assert [factor(done, 200) for done in (0, 99, 100)] == [1.0, 1.0, 1.0]
    assert 2e-4 * factor(101, 200) == pytest.approx(1.9802e-4, rel=1e-4)
    assert 2e-4 * factor(199, 200) == pytest.approx(3.96e-6, rel=1e-3)


@pytest.mark.parametrize("schedule", [constant(), linear(), linear(decay_from=0.0), linear(decay_from=1.0), cosine()])
@given(st.integers(1, 500))
def test_rates_fall_and_the_last_unit_still_learns(schedule, total):
    factors = [schedule(done, total) for done in range(total)]
    assert factors[0] == pytest.approx(1.0, abs=1e-3)
    assert all(later <= earlier for earlier, later in pairwise(factors))
    assert factors[-1] > 0


def test_shares_outside_zero_to_one_are_refused():
    with pytest.raises(ValueError, match="shares of training"):
        linear(decay_from=1.5)
    with pytest.raises(ValueError, match="share of the learning rate"):
        cosine(floor=-0.1)
