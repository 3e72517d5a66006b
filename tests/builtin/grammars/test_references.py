"""Accepted rewrites: few, and together they show every choice."""

import re
from math import prod
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from cyclekit.builtin.grammars import at_random
from cyclekit.builtin.grammars.formality import grammar
from cyclekit.builtin.grammars.references import Balanced, references
from tests.builtin.grammars.formality.test_builtin import meanings


@given(meanings, st.sampled_from(["formal", "informal"]))
def test_eight_references_hold_every_word_that_a_realisation_may_have(meaning, style):
    accepted = grammar().references(meaning, style, 8, Random(0))
    assert len(set(accepted)) == len(accepted) <= 8
    words = {word for sentence in accepted for word in re.findall(r"[\w@&]+", sentence)}
    for seed in range(40):
        assert set(re.findall(r"[\w@&]+", grammar().realise(meaning, style, at_random(Random(seed))))) <= words


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.integers(1, 12), st.integers(0, 99))
def test_all_of_few_and_as_many_as_are_wanted_of_many(choices, most, seed):
    """A meaning of some choices: its realisations are the tuples of what was chosen."""
    realise = lambda pick: " ".join(str(pick(count)) for count in choices)  # noqa: E731
    found = references(realise, most, Random(seed))
    assert len(set(found)) == len(found) <= most
    assert 1 <= len(found) <= prod(choices)
    assert all(int(one) < count for text in found for one, count in zip(text.split(), choices))
    assert found == references(realise, most, Random(seed))


@given(st.integers(2, 4), st.integers(2, 4), st.integers(0, 99))
def test_every_choice_comes_beside_every_neighbouring_one(first, second, seed):
    balanced, seen = Balanced(Random(seed)), set()
    for _ in range(first * second):
        balanced.start()
        seen.add((balanced(first), balanced(second)))
    assert len({one for one, _ in seen}) == first
    assert len({other for _, other in seen}) == second
    # No choice is taken a second time before each was taken once.
    balanced = Balanced(Random(seed))
    alone = []
    for _ in range(first):
        balanced.start()
        alone.append(balanced(first))
    assert sorted(alone) == list(range(first))
