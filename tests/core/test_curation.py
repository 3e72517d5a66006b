"""Names of many items in a line."""

from hypothesis import given
from hypothesis import strategies as st

from cyclekit.core.curation import first_names


@given(st.lists(st.integers(0, 999).map(str), max_size=30), st.integers(1, 25))
def test_long_lists_are_cut_and_the_rest_is_counted(names, most):
    told = first_names(names, most)
    assert told.startswith("; ".join(names[:most]))
    assert told.endswith(f"; and {len(names) - most} more") == (len(names) > most)
