"""A town: blocks of every kind."""

from cyclekit.builtin.worlds.aerial.kinds import KINDS
from cyclekit.builtin.worlds.aerial.town import town


def test_many_towns_hold_every_kind():
    shown = {shape.kind for index in range(60) for shape in town(7, index).shapes}
    assert shown == set(KINDS)
