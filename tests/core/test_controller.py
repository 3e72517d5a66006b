"""The weight controller: dual ascent on a term's target."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.controller import WeightController
from cyclekit.core.cyclegan import CycleGAN
from cyclekit.core.losses import l1, lsgan


@given(st.lists(st.floats(0, 4), max_size=60))
def test_the_factor_stays_within_its_bounds(terms):
    controller = WeightController(0.25)
    for term in terms:
        controller.update(torch.tensor(term))
        assert 0.125 <= float(controller.factor) <= 5


def test_it_rises_while_the_term_is_above_the_target_and_falls_below():
    controller = WeightController(0.25, rate=0.02)
    controller.update(torch.tensor(1.0))  # a copy that the judge sees through
    assert float(controller.factor) == pytest.approx(torch.exp(torch.tensor(0.06)).item())
    risen = float(controller.factor)
    controller.update(torch.tensor(0.1))
    assert float(controller.factor) < risen
    steady = float(controller.factor)
    controller.update(torch.tensor(0.25))
    assert float(controller.factor) == pytest.approx(steady)


def test_copying_is_no_resting_point():
    """A generator that copies as long as that is cheaper: it must stop before the factor reaches its bound."""
    controller = WeightController(0.25)
    cost_of_transfer = 2.0  # what the cycle costs more when a sentence really changes
    for _ in range(400):
        copies = 1.0 * float(controller.factor) < cost_of_transfer
        controller.update(torch.tensor(1.0 if copies else 0.2))
    assert 1.5 < float(controller.factor) < 3


def test_a_target_of_nothing_is_refused():
    with pytest.raises(ValueError, match="adversarial_target is 0; it is the term's size to aim at"):
        WeightController(0)


def test_a_state_stays_as_it_was_taken():
    """The factor moves in place: a state that is put back must not have moved with it."""
    objective = CycleGAN(lsgan(), l1(), adversarial_target=0.25)
    before = objective.state_dict()
    objective.controller.update(torch.tensor(1.0))
    objective.load_state_dict(before)
    assert float(objective.controller.factor) == 1
    objective.controller.update(torch.tensor(1.0))
    objective.load_state_dict(before)
    assert float(objective.controller.factor) == 1
