"""How a run by the clock settles its length, on machines with made clocks."""

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclekit.core.budget import GUESS, Budget


def walk(budget, each, *, step=0, seconds=0.0, until=None):
    """Take steps until the budget says that it is enough; `each`: (step, seconds) -> the time of the next one.

    Returns the steps and seconds at the end.
    """
    while step < (budget.steps if until is None else min(until, budget.steps)):
        seconds += each(step, seconds)
        step += 1
        if budget.due(step, seconds):
            budget.settle(step, seconds)
    return step, seconds


def assert_whole(budget, steps):
    """The schedule was walked from the begin to the end, forward, and by no step further than others around it."""
    assert budget.steps == steps
    positions = [budget.position(step) for step in range(steps + 1)]
    assert positions[0] == 0
    assert positions[-1] == budget.total
    assert all(one <= then for one, then in pairwise(positions))
    counted = [budget.milliseconds(step) for step in range(steps)]
    assert all(one <= then for one, then in pairwise(counted))
    assert not counted or counted[-1] < round(budget.total * 1000) or budget.position(steps - 1) == budget.total
    return [then - one for one, then in pairwise(positions)]


TIMES = st.floats(1e-4, 300, allow_nan=False)


@given(st.floats(1, 5000), st.lists(TIMES, min_size=1, max_size=60))
@settings(deadline=None)
def test_any_readings_of_the_clock_give_a_schedule_that_only_goes_on_and_ends(total, times):
    budget = Budget(total)
    begun = []

    def each(step, seconds):
        begun.append(seconds)
        return max(times[step % len(times)], total / 3000)

    steps, _ = walk(budget, each)
    assert_whole(budget, steps)
    assert begun[-1] < total or steps == 1  # no step begins once the time is over


@given(st.floats(1, 5000), st.lists(TIMES, min_size=1, max_size=40), st.data())
@settings(deadline=None)
def test_what_is_settled_stays_so_through_kills_and_resumes(total, times, data):
    """Positions of steps that are done never change, whatever the clocks of later processes show."""
    budget, step, seconds, seen = Budget(total), 0, 0.0, []
    for _ in range(data.draw(st.integers(1, 4))):
        until = step + data.draw(st.integers(0, 200))
        slower = data.draw(st.floats(0.2, 5))
        machine = [max(slower * each, total / 2000) for each in times]
        step, seconds = walk(
            budget, lambda at, _, machine=machine: machine[at % len(machine)], step=step, seconds=seconds, until=until
        )
        now = [(budget.position(at), budget.share(at)) for at in range(step)]
        assert now[: len(seen)] == seen
        seen = now
        points = json.loads(json.dumps(budget.points))
        budget = Budget(total)
        budget.resume(points, step, seconds)
        assert [(budget.position(at), budget.share(at)) for at in range(step)] == seen
    assert seen == sorted(seen, key=lambda pair: pair[0])


@pytest.mark.parametrize("each", [0.003, 0.05, 0.57, 4.0, 29.0])
def test_fast_and_slow_machines_end_in_time_with_a_whole_schedule(each):
    budget = Budget(600)
    steps, seconds = walk(budget, lambda step, _: each)
    moved = assert_whole(budget, steps)
    assert abs(seconds - 600) <= each
    assert steps == pytest.approx(600 / each, abs=1)
    assert len(budget.points) < 120
    if steps > 100:  # after the first, all steps take about as much of the budget as of the time
        assert max(moved[100:]) < 1.1 * each < 1.2 * min(moved[100:-1])


@pytest.mark.parametrize("at", [0.1, 0.5, 0.8, 0.95])
@pytest.mark.parametrize("factor", [3.0, 1 / 3])
def test_a_machine_that_changes_its_speed_midway_ends_in_time_with_a_whole_schedule(at, factor):
    budget = Budget(600)
    steps, seconds = walk(budget, lambda step, seconds: 0.5 * (factor if seconds > at * 600 else 1))
    moved = assert_whole(budget, steps)
    assert abs(seconds - 600) <= 1.5
    assert max(moved[20:]) < 3 * min(moved[20:-1]) * max(factor, 1 / factor)


@pytest.mark.parametrize("first", [5.0, 60.0, 240.0])
def test_slow_first_steps_cost_their_time_and_no_part_of_the_schedule(first):
    """Compilation: three steps of a minute, then thirty a second."""
    budget = Budget(900)
    steps, seconds = walk(budget, lambda step, _: first if step < 3 else 1 / 30)
    moved = assert_whole(budget, steps)
    assert abs(seconds - 900) < 0.1
    assert max(moved) <= 1.001 * 900 / GUESS
    assert steps == pytest.approx(30 * (900 - 3 * first), rel=0.01)


def test_one_stall_moves_the_schedule_little():
    """A step of ten seconds among steps of half a second, wherever it falls, and also as the first after a resume."""
    for stalled in range(5, 1000, 7):
        budget = Budget(600)
        steps, seconds = walk(budget, lambda step, _, at=stalled: 10.0 if step == at else 0.5)
        moved = assert_whole(budget, steps)
        assert abs(seconds - 600) <= 1
        assert max(moved) < 600 / 40
    budget = Budget(600)
    step, seconds = walk(budget, lambda step, _: 0.5, until=1100)
    budget.resume(budget.points, step, seconds)
    steps, seconds = walk(budget, lambda at, _: 10.0 if at == step else 0.5, step=step, seconds=seconds)
    assert abs(seconds - 600) <= 1
    assert max(assert_whole(budget, steps)) < 600 / 40


@pytest.mark.parametrize("until", [10, 700, 10_000])
def test_a_larger_budget_goes_on_where_the_schedule_stands(until):
    budget = Budget(600)
    step, seconds = walk(budget, lambda step, _: 0.5, until=until)
    before = [budget.position(at) for at in range(step)]
    longer = Budget(1200)
    longer.resume(budget.points, step, seconds)
    assert [longer.position(at) for at in range(step)] == before
    steps, seconds = walk(longer, lambda step, _: 0.5, step=step, seconds=seconds)
    assert_whole(longer, steps)
    assert abs(seconds - 1200) <= 1


def test_a_budget_that_is_used_up_is_refused():
    budget = Budget(600)
    step, seconds = walk(budget, lambda step, _: 0.5, until=700)
    with pytest.raises(ValueError, match=r"35. s of it are gone"):
        Budget(300).resume(budget.points, step, seconds)


def test_a_step_longer_than_the_budget_is_the_only_one():
    budget = Budget(10)
    assert walk(budget, lambda step, _: 60.0) == (1, 60.0)
    assert budget.position(1) == 10
