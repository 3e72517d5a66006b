"""Stages: which dials stand where at which step."""

import itertools
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.core.batch import Pair
from cyclekit.core.cyclegan import CycleGAN
from cyclekit.core.losses import l1, lsgan
from cyclekit.core.terms import WeightedTerm
from cyclekit.recipe.loading import carried_recipes, load_recipe
from cyclekit.recipe.stages import borders, clock, dials, now, turn
from cyclekit.recipe.train_section import Extension, Stage
from cyclekit.registry import RecipeError


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


def terms(**weights):
    return [WeightedTerm(name, weight, lambda outputs: torch.zeros(())) for name, weight in weights.items()]


def test_weights_of_terms_are_turned_like_dials():
    objective = CycleGAN(lsgan(), l1(), terms=terms(smooth=2.0, bright=0.0))
    two = [Stage(name="first", share=0.5, terms={"bright": (0.0, 1.0)}), Stage(name="second", terms={"smooth": 0.5})]
    standing = dials(two, objective, Pair(None, None))
    assert standing == {("terms", "bright"): 0.0, ("terms", "smooth"): 2.0}
    seen = []
    for step in range(4):
        turn(now(two, step, 4), objective, Pair(None, None), standing)
        seen.append({term.name: term.weight for term in objective.terms})
    assert seen == [
        {"smooth": 2.0, "bright": 0.0}, {"smooth": 2.0, "bright": 1.0},
        {"smooth": 0.5, "bright": 0.0}, {"smooth": 0.5, "bright": 0.0},
    ]  # fmt: skip


def test_a_term_that_the_recipe_does_not_list_is_refused():
    objective = CycleGAN(lsgan(), l1(), terms=terms(smooth=2.0))
    message = r"train.stages.0.terms.smoth: the objective's terms have no such dial; did you mean 'smooth'\?; a stage"
    with pytest.raises(RecipeError, match=message):
        dials([Stage(name="x", terms={"smoth": 0})], objective, Pair(None, None))
    with pytest.raises(RecipeError, match=r"terms.smooth: .*a stage turns: nothing"):
        dials([Stage(name="x", terms={"smooth": 0})], CycleGAN(lsgan(), l1()), Pair(None, None))


def test_a_dial_that_is_none_is_refused():
    with pytest.raises(
        RecipeError, match=r"train.stages.0.objective.cylce: the objective has no such dial; did you mean 'cycle'"
    ):
        dials([Stage(name="x", objective={"cylce": 0})], CycleGAN(lsgan(), l1()), Pair(None, None))
    with pytest.raises(RecipeError, match=r"generator.noise: the generator has no such dial; a stage turns: nothing"):
        dials([Stage(name="x", generator={"noise": 0})], CycleGAN(lsgan(), l1()), Pair(None, None))


# A run that was made longer


def lengthened(steps, extend, *extended):
    recipe = load_recipe(carried_recipes()["monet2photo"], overrides={"train.steps": steps, "train.extend": extend})
    recipe.extended = list(extended)
    return recipe


lengths = st.lists(
    st.tuples(st.integers(1, 50), st.sampled_from(["schedule", "constant", 0.5, 2.0])), min_size=1, max_size=4
)


def a_run_of(steps):
    """A recipe whose run had every length but the last, and was made longer when each was done."""
    had = list(itertools.accumulate(more for more, _ in steps))
    past = [Extension(until=done, steps=done, extend=extend) for done, (_, extend) in zip(had[:-1], steps)]
    return lengthened(had[-1], steps[-1][1], *past)


@given(lengths)
@settings(deadline=None, max_examples=30)
def test_what_a_run_did_before_it_was_made_longer_stays_what_it_was(steps):
    one, before = a_run_of(steps), a_run_of(steps[:-1] or steps)
    end = before.train.steps
    assert [clock(one, step, 5) for step in range(end)] == [clock(before, step, 5) for step in range(end)]


@given(lengths)
@settings(deadline=None, max_examples=30)
def test_a_longer_run_goes_by_its_new_length_or_stands_still(steps):
    recipe, extend = a_run_of(steps), steps[-1][1]
    old, new = (recipe.extended[-1].steps if recipe.extended else 0), recipe.train.steps
    last = clock(recipe, old - 1, 5) if old else None
    for step in range(old, new):
        here = clock(recipe, step, 5)
        assert here.first == steps[0][0]
        if extend == "schedule" or not old:
            assert here == (step, new, None, steps[0][0], None)
        else:
            assert here == (last if extend == "constant" else last._replace(rate=extend))


def test_a_run_made_longer_on_its_way_goes_by_the_old_length_until_then():
    recipe = lengthened(200, "schedule", Extension(until=60, steps=100))
    assert clock(recipe, 59, 5)[:2] == (59, 100)
    assert clock(recipe, 60, 5)[:2] == (60, 200)
    recipe = lengthened(200, "constant", Extension(until=60, steps=100))
    assert [clock(recipe, step, 5)[:2] for step in (60, 99, 100, 199)] == [(60, 100), (99, 100), (99, 100), (99, 100)]


def test_epochs_are_counted_by_the_length_in_force():
    recipe = lengthened(None, "schedule", Extension(until=10, epochs=2))
    recipe.train.epochs = 4
    assert clock(recipe, 9, in_epoch=5) == (9, 10, 2, 10, None)
    assert clock(recipe, 10, in_epoch=5) == (10, 20, 4, 10, None)


def test_stages_begin_where_they_did_and_the_last_goes_on():
    two = stages(0.5, None)
    assert [now(two, step, 30, first=10).stage.name for step in (0, 4, 5, 29)] == ["0", "0", "1", "1"]
    assert now(two, 29, 30, first=10)[1:] == (24, 25)
