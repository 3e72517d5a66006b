"""Further terms are added by their weights; one without weight is not computed."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from cyclekit.core.batch import Pair
from cyclekit.core.cyclegan import CycleGAN
from cyclekit.core.losses import l1, lsgan
from cyclekit.core.parts import Loss, Networks, Outputs
from cyclekit.core.pix2pix import Pix2Pix
from cyclekit.core.terms import CarriesTerms, WeightedTerm, with_terms
from tests.core.toys import Toy, step

NOTHING = Outputs(*(Pair(None, None) for _ in range(4)))
VALUES = st.lists(st.tuples(st.floats(0, 10), st.floats(-10, 10)), max_size=4)


@given(VALUES)
def test_the_sum_is_weighted_and_the_log_has_raw_ones(values):
    asked = []

    def term(number, value):
        return lambda outputs: asked.append(number) or torch.tensor(value, dtype=torch.float64)

    terms = [WeightedTerm(f"t{n}", weight, term(n, value)) for n, (weight, value) in enumerate(values)]
    loss = with_terms(Loss(torch.tensor(1.0, dtype=torch.float64), {"own": torch.tensor(1.0)}), terms, NOTHING)
    assert float(loss.total) == pytest.approx(1 + sum(weight * value for weight, value in values))
    counted = [n for n, (weight, _) in enumerate(values) if weight]
    assert asked == counted
    assert list(loss.terms) == ["own", *(f"t{n}" for n in counted)]


def test_where_the_generators_rest_terms_rest_too():
    assert with_terms(None, [WeightedTerm("t", 1.0, lambda outputs: 1 / 0)], NOTHING) is None


def test_the_houses_objectives_carry_them():
    assert isinstance(CycleGAN(lsgan(), l1()), CarriesTerms)


@pytest.mark.parametrize("objective", [CycleGAN, Pix2Pix])
def test_further_terms_are_added_by_weight_and_logged_raw(objective, networks, real):
    listed = [WeightedTerm("mean", 3.0, lambda outputs: outputs.fake.b.data.mean()), WeightedTerm("off", 0.0, None)]
    if objective is Pix2Pix:
        networks = Networks(Pair(None, Toy()), Pair(None, nn.ModuleList([Toy(inputs=8, outputs=1)])))
    _, plain, _ = step(objective(lsgan(), l1()), networks, real)
    outputs, loss, _ = step(objective(lsgan(), l1(), terms=listed), networks, real)
    assert loss.terms == plain.terms | {"mean": outputs.fake.b.data.mean()}
    assert loss.total == plain.total + 3.0 * outputs.fake.b.data.mean()
