"""What parts may declare beyond their kind: asked for by Protocols, and checked once."""

import ast
from pathlib import Path

import pytest
import torch
from torch import nn

import cyclekit
from cyclekit.core.capabilities import (
    Bootstrapped,
    Dialled,
    Limited,
    bootstrap_of,
    check_declared,
    dials_of,
    sides_taken,
    weight_of,
)
from cyclekit.registry import RecipeError, register
from tests.tiny import TINY

ASKED_BY_PROTOCOL = {
    "multiple", "smallest", "way_back", "search", "features", "dials", "limit", "reads_lowercase", "changed_since",
    "cells", "bootstrapped", "unrounded", "after_initialisation", "needs_back", "compares_sets", "chooses",
    "translating",
}  # fmt: skip


class Net(nn.Module):
    """Declares what it is told to."""

    def __init__(self, **declared):
        super().__init__()
        for name, value in declared.items():
            setattr(self, name, value)


def test_what_a_network_does_not_declare_has_a_default():
    assert sides_taken(Net()) == (1, 1)
    assert sides_taken(Net(multiple=8)) == (8, 1)
    assert sides_taken(Net(smallest=5)) == (1, 5)
    assert sides_taken(Net(multiple=4, smallest=16))._asdict() == {"multiple": 4, "smallest": 16}
    assert dials_of(Net()) == ()
    assert dials_of(Net(dials=("noise",))) == ("noise",)
    assert bootstrap_of(Net()) is None
    assert bootstrap_of(Net(bootstrap="x", bootstrapped=0.0)) == "x"
    assert (weight_of(Net(identity=0.5), "identity"), weight_of(Net(), "identity")) == (0.5, 0.0)


def test_a_capability_of_a_class_a_property_and_an_instance_are_one():
    class OfClass:
        limit = 3

    class OfProperty:
        @property
        def limit(self):
            return 3

    for part in (OfClass(), OfProperty(), Net(limit=3)):
        assert isinstance(part, Limited)
    assert not isinstance(Net(), Limited | Dialled | Bootstrapped)


@pytest.mark.parametrize(
    ("kind", "declared", "words"),
    [
        ("generator", {"multiple": "8"}, "its multiple is '8', and should be a whole number above 0"),
        ("generator", {"multiple": 0}, "its multiple is 0, and should be a whole number above 0"),
        ("generator", {"smallest": 2.0}, "its smallest is 2.0, and should be a whole number above 0"),
        ("generator", {"multiple": True}, "its multiple is True, and should be a whole number above 0"),
        ("generator", {"search": 3}, "its search is 3, and should be a method"),
        ("codec", {"limit": None}, "its limit is None, and should be a whole number above 0"),
        ("codec", {"cells": []}, r"its cells is \[\], and should be a method"),
        ("data", {"use": True}, "its use is True, and should be a method"),
        ("objective", {"dials": "cycle"}, "its dials are 'cycle', and should be names of attributes"),
        ("objective", {"dials": (3,)}, r"its dials are \(3,\), and should be names of attributes"),
        ("generator", {"dials": ("noise",)}, "has no attribute noise, which it calls a dial"),
    ],
)
def test_what_is_declared_wrongly_is_one_line(kind, declared, words):
    with pytest.raises(RecipeError, match=f"^{kind} 'mine': {words}$"):
        check_declared(kind, "mine", Net(**declared))


def test_what_is_declared_rightly_or_belongs_to_another_kind_passes():
    check_declared(
        "generator", "mine", Net(multiple=8, smallest=1, search=print, dials=["noise"], noise=0.1, limit="any")
    )
    check_declared("objective", "mine", Net(multiple="any"))


@pytest.mark.usefixtures("own_parts")
def test_a_run_is_refused_before_it_is_trained():
    @register("generator", "odd")
    class Odd(nn.Module):
        multiple = 2.5

        def __init__(self, source, target):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(()))

    changed = {key: value for key, value in TINY.items() if not key.startswith("generator")}
    few = {"builtin": "landscapes", "scenes": 2, "held_out": 2}
    with pytest.raises(RecipeError, match=r"generator 'odd': its multiple is 2\.5, and should be a whole number"):
        cyclekit.load(
            "monet2photo", profile="published", quiet=True,
            overrides=changed | {"generator": {"name": "odd"}, "data.sources": [few]},
        )  # fmt: skip


def asked_by_name(path: Path) -> set[str]:
    """The names that a file asks objects for with `hasattr`, or with `getattr` and a default."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) > 1:
            name = node.args[1]
            optional = node.func.id == "hasattr" or (node.func.id == "getattr" and len(node.args) == 3)
            if optional and isinstance(name, ast.Constant):
                found.add(str(name.value))
    return found


def test_nobody_asks_a_part_for_a_capability_by_name():
    package = Path(cyclekit.__file__).parent
    named = {
        f"{path.relative_to(package)}: {name}"
        for path in sorted(package.rglob("*.py"))
        for name in asked_by_name(path) & ASKED_BY_PROTOCOL
    }
    assert named == set(), "ask by isinstance of the Protocol that has it"
