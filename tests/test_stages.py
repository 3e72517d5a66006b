"""Stages: which dials stand where at which step."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.batch import Pair
from cyclekit.core.cyclegan import CycleGAN
from cyclekit.core.losses import l1, lsgan
from cyclekit.registry import RecipeError
from cyclekit.schema import Stage, Train
from cyclekit.stages import borders, dials, now, turn


def stages(*shares):
    return [Stage(name=str(place), share=share) for place, share in enumerate(shares)]


@given(st.integers(1, 500), st.lists(st.floats(0.01, 0.3), min_size=0, max_size=3))
def test_every_step_has_one_stage_and_they_follow_each_other(total, shares):
    all_stages = stages(*shares, None)
    found = [now(all_stages, step, total) for step in range(total)]
    names = [int(here.stage.name) for here in found]
    assert names == sorted(names)
    if total >= 10:  # in fewer steps the last stage may round to none
        assert names[-1] == len(shares)
    for here, then in pairwise(found):
        assert then.done == (here.done + 1 if then.stage is here.stage else 0)
        assert here.done < here.steps


def test_no_stages_are_no_stage():
    assert now([], 3, 10) is None


def test_an_open_share_takes_what_the_others_leave():
    assert borders(stages(0.5, None, 0.2), 10) == [0, 5, 8]


def test_dials_stand_where_the_stage_says_and_return_to_the_recipes_own():
    objective = CycleGAN(lsgan(), l1(), cycle=10.0, identity=5.0)
    two = [
        Stage(name="first", share=0.5, objective={"cycle": 0, "identity": (1.0, 3.0)}),
        Stage(name="second", objective={"cycle_gradient": 0.5}),
    ]
    standing = dials(two, objective, Pair(None, None))
    seen = []
    for step in range(6):
        turn(now(two, step, 6), objective, Pair(None, None), standing)
        seen.append((objective.cycle, objective.identity, objective.cycle_gradient))
    assert seen == [(0, 1.0, 1.0), (0, 2.0, 1.0), (0, 3.0, 1.0), (10, 5.0, 0.5), (10, 5.0, 0.5), (10, 5.0, 0.5)]


def test_a_dial_that_is_none_is_refused():
    with pytest.raises(
        RecipeError, match=r"train.stages.0.objective.cylce: the objective has no such dial; did you mean 'cycle'"
    ):
        dials([Stage(name="x", objective={"cylce": 0})], CycleGAN(lsgan(), l1()), Pair(None, None))
    with pytest.raises(RecipeError, match=r"generator.noise: the generator has no such dial; a stage turns: nothing"):
        dials([Stage(name="x", generator={"noise": 0})], CycleGAN(lsgan(), l1()), Pair(None, None))


@pytest.mark.parametrize(
    ("shares", "complaint"),
    [
        ((None, None), "only one stage may leave its share open"),
        ((0.5, 0.2), "come to 0.7"),
        ((0.9, 0.3, None), "come to 1.2"),
    ],
)
def test_shares_fill_the_training(shares, complaint):
    with pytest.raises(ValueError, match=complaint):
        Train(steps=10, stages=[stage.model_dump() for stage in stages(*shares)])
