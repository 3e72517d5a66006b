"""What values of a recipe may be: names that a folder can have everywhere, numbers that are numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cyclekit.recipe.values import LONGEST_NAME, Budget, Count, Number, Part, Strict, folder_name


class Section(Strict):
    """One of each."""

    number: Number = 1.0
    count: Count = 1
    budget: Budget | None = None
    part: Part | None = None


@given(st.text(min_size=1, max_size=60))
def test_a_name_that_is_taken_is_one_line_and_one_step_of_a_path(name):
    try:
        taken = folder_name(name)
    except ValueError:
        return
    assert taken == name
    assert not set(name) & {"/", "\\", "\0", "\n", "\r"}
    assert len(name.encode()) <= LONGEST_NAME


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "a\nb", "\x1b", "\u2028", "\ud800", "ü" * LONGEST_NAME])
def test_names_that_are_none(name):
    with pytest.raises(ValueError, match="names a folder too"):
        folder_name(name)


@pytest.mark.parametrize("value", [True, "4", None, float("nan"), float("inf")])
def test_numbers_are_numbers(value):
    with pytest.raises(ValidationError):
        Section(number=value)
    assert Section(number=4).number == 4


@pytest.mark.parametrize(("written", "seconds"), [("90s", 90), ("10min", 600), ("1h", 3600), (42, 42)])
def test_a_budget_is_a_time(written, seconds):
    assert Section(budget=written).budget == seconds


def test_a_bare_name_is_a_part_without_options():
    assert Section(part="adam").part == Section(part={"name": "adam"}).part
    assert Section(part={"name": "adam", "x": 1}).part.options == {"x": 1}
    with pytest.raises(ValidationError):
        Section(unknown=1)
