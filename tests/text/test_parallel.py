"""Files whose lines are about as long as each other's are translations, line by line; others are not."""

import random

from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.batch import Pair
from cyclekit.text.parallel import FEWEST_LINES, is_parallel


def lines(lengths):
    return ["x" * length for length in lengths]


@given(st.integers(0, 2**32), st.integers(FEWEST_LINES, 80), st.floats(0.5, 2))
def test_translations_are_about_as_long_as_what_they_translate(seed, count, factor):
    draw = random.Random(seed)
    lengths = [draw.randint(5, 60) for _ in range(count)]
    there = lines(lengths)
    back = lines([round(length * factor) + draw.randint(0, 4) for length in lengths])
    assert is_parallel(Pair(there, back))
    assert not is_parallel(Pair(there, back[:-1]))
    assert not is_parallel(Pair(there[: FEWEST_LINES - 1], back[: FEWEST_LINES - 1]))


def test_lengths_that_say_nothing():
    alike, varied = lines([7] * 40), lines(range(40))
    assert not is_parallel(Pair(alike, varied))
    assert not is_parallel(Pair(varied, varied[::-1]))
