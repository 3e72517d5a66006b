"""What fits of a network's weights, and which network stands for which: properties of the two rules."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from cyclekit.core.batch import Pair
from cyclekit.registry import RecipeError
from cyclekit.starting.fitting import fit, listed
from cyclekit.starting.pairing import paired
from cyclekit.starting.sources import Part, Source

sizes = st.dictionaries(st.sampled_from("pqrstuvw"), st.integers(1, 4), min_size=1)


class Bag(nn.Module):
    def __init__(self, sizes: dict[str, int], value: float) -> None:
        super().__init__()
        for name, size in sizes.items():
            self.register_parameter(name, nn.Parameter(torch.full((size,), value)))


@given(here=sizes, there=sizes)
def test_every_tensor_is_loaded_or_listed_and_nothing_else_changes(here, there):
    network, tensors = Bag(here, 0.5), Bag(there, 7.0).state_dict()
    found = fit(network, tensors)
    fitting = {name for name, size in here.items() if there.get(name) == size}
    assert set(found.loaded) == fitting
    assert {name.split(" ")[0] for name in found.fresh} == here.keys() - fitting
    assert set(found.unused) == there.keys() - here.keys()
    for name, tensor in network.state_dict().items():
        assert tensor.eq(7.0 if name in fitting else 0.5).all()
    assert f"{len(fitting)} of {len(here)}" in found.told() if found.fresh else f"all {len(here)} " in found.told()


@given(st.lists(st.text("ab", min_size=1), max_size=20))
def test_long_lists_are_cut_and_counted(names):
    told = listed(names)
    more = int(told.rpartition(" and ")[2].split()[0]) if told.endswith(" more") else 0
    shown = told.removesuffix(f" and {more} more").split(", ") if told else []
    assert len(shown) + more == len(names)
    assert shown == names[: len(shown)]


def source(domains, makes):
    tensors = {domain: {} for domain in makes}
    return Source("X", "X", False, domains, tensors, {}, Part("resnet", {}), None, None, {})


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
