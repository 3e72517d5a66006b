"""Which network of a source stands for which of a run's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.batch import Pair
from cyclekit.registry import RecipeError
from cyclekit.starting.pairing import paired
from cyclekit.starting.sources import Source, TrainedPart


def source(domains, makes):
    tensors = {domain: {} for domain in makes}
    return Source("X", "X", False, domains, tensors, {}, TrainedPart("resnet", {}), None, None, {})


names = st.sampled_from(["horse", "zebra", "a", "b", "monet"])


@given(
    ours=st.tuples(names, names).filter(lambda pair: pair[0] != pair[1]),
    theirs=st.tuples(names, names).filter(lambda pair: pair[0] != pair[1]),
    makes=st.sampled_from([("a", "b"), ("b",)]),
)
def test_equal_names_always_stand_for_each_other(ours, theirs, makes):
    ours, theirs = Pair(*ours), Pair(*theirs)
    shared = set(ours) & set(theirs)
    taken, notes = paired(ours, ("a", "b"), source(theirs, makes))
    for mine, found in taken.items():
        name = getattr(theirs, found.domain)
        assert name not in shared or name == getattr(ours, mine)
        assert getattr(ours, mine) not in shared or name == getattr(ours, mine)
    assert sorted(found.domain for found in taken.values()) == sorted(makes), "nothing of the source is left out"
    assert bool(notes) == (not shared), "what names do not tell is said"


def test_a_run_that_makes_nothing_of_the_source_is_refused():
    with pytest.raises(RecipeError, match="nothing there makes photo; say which network does: start_from=photo=SOURCE"):
        paired(Pair("monet", "photo"), ("b",), source(Pair("photo", "monet"), ("b",)))
    with pytest.raises(RecipeError, match="this recipe has no generator that makes monet"):
        paired(Pair("monet", "photo"), ("b",), {"monet": source(None, ("b",))})


@given(
    ours=st.tuples(names, names).filter(lambda pair: pair[0] != pair[1]),
    theirs=st.tuples(names, names).filter(lambda pair: pair[0] != pair[1]),
    named=st.sets(st.sampled_from([0, 1]), min_size=1),
)
def test_sources_of_one_domain_each_are_taken_by_name_or_it_is_said(ours, theirs, named):
    ours, theirs = Pair(*ours), Pair(*theirs)
    each = {ours[place]: source(theirs, ("a", "b")) for place in named}
    taken, notes = paired(ours, ("a", "b"), each)
    assert {getattr(ours, domain) for domain in taken} == set(each)
    for domain, found in taken.items():
        wanted = getattr(ours, domain)
        if wanted in theirs:
            assert getattr(theirs, found.domain) == wanted
        else:
            assert found.domain == domain
            assert f"X has no {wanted}: its {getattr(theirs, domain)} is taken for it" in notes
    assert len(notes) == len([name for name in each if name not in theirs])


def test_the_only_generator_is_the_one_that_is_meant():
    for domains in (None, Pair("x", "y")):
        taken, notes = paired(Pair("monet", "photo"), ("a", "b"), {"monet": source(domains, ("b",))})
        assert (taken["a"].domain, notes) == ("b", [])


def test_a_domain_that_there_is_not_is_named_with_those_that_there_are():
    with pytest.raises(RecipeError) as refused:
        paired(Pair("monet", "photo"), ("a", "b"), {"foto": source(None, ("b",))})
    assert str(refused.value) == (
        "train.start_from: no domain is called 'foto'; did you mean 'photo'?; there are: monet, photo"
    )


def test_what_does_not_say_what_it_makes_is_taken_for_b_and_that_is_said():
    taken, notes = paired(Pair("monet", "photo"), ("a", "b"), source(None, ("b",)))
    assert list(taken) == ["b"]
    assert notes == ["X does not say what it makes: taken for photo; otherwise start from monet=FILE"]
