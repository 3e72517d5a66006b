"""What fits of a network's weights: a property of the rule."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from cyclekit.starting.fitting import fit_tensors, listed

sizes = st.dictionaries(st.sampled_from("pqrstuvw"), st.integers(1, 4), min_size=1)


class Bag(nn.Module):
    def __init__(self, sizes: dict[str, int], value: float) -> None:
        super().__init__()
        for name, size in sizes.items():
            self.register_parameter(name, nn.Parameter(torch.full((size,), value)))


@given(here=sizes, there=sizes)
def test_every_tensor_is_loaded_or_listed_and_nothing_else_changes(here, there):
    network, tensors = Bag(here, 0.5), Bag(there, 7.0).state_dict()
    found = fit_tensors(network, tensors)
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
