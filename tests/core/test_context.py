"""A variable that is set within a block: nested, and through errors."""

from contextvars import ContextVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.context import set_within

DEPTH = ContextVar("depth", default=0)


@given(st.lists(st.integers(), min_size=1, max_size=5))
def test_each_block_has_its_value_and_what_was_before_comes_back(values):
    def descend(rest):
        before = DEPTH.get()
        if rest:
            with set_within(DEPTH, rest[0]):
                assert DEPTH.get() == rest[0]
                descend(rest[1:])
                assert DEPTH.get() == rest[0]
        assert DEPTH.get() == before

    descend(values)


def test_an_error_ends_it_too():
    with pytest.raises(KeyError), set_within(DEPTH, 3):
        raise KeyError
    assert DEPTH.get() == 0
