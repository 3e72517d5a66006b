"""What every world refuses: exactly what it cannot show, with a guess at what was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cyclekit.builtin.worlds.arguments import SMALLEST, check_look, check_numbers, check_size, guess


def refused(check, *given_):
    try:
        check(*given_)
    except ValueError:
        return True
    return False


@given(st.integers(-5, 20), st.integers(-5, 20))
def test_numbers_and_sizes_from_the_smallest_on_are_taken(seed, index):
    assert refused(check_numbers, "a scene", seed, index) == (min(seed, index) < 0)
    assert refused(check_size, "a scene", seed) == (seed < SMALLEST)


@pytest.mark.parametrize(
    ("wrong", "guessed"), [("wintre", "did you mean 'winter'? "), ("summr", "did you mean 'summer'? "), ("xyz", "")]
)
def test_a_look_that_is_none_is_answered_with_the_nearest(wrong, guessed):
    looks = ("winter", "summer")
    check_look("winter", looks)
    assert guess(wrong, looks) == guessed
    with pytest.raises(ValueError, match="unknown look") as error:
        check_look(wrong, looks, "landscapes")
    assert str(error.value) == f"unknown look {wrong!r} of landscapes: {guessed}looks are winter, summer"
    with pytest.raises(ValueError, match=f"^unknown look '{wrong}': "):
        check_look(wrong, looks)


def test_refusals_say_what_was_given():
    with pytest.raises(ValueError, match=r"^a street needs seed >= 0 and index >= 0, got seed=-1, index=2$"):
        check_numbers("a street", -1, 2)
    with pytest.raises(ValueError, match=r"^a street needs a size of at least 8, got 7$"):
        check_size("a street", 7)
