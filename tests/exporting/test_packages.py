"""A package that exporting needs is asked for before any work, by the extra that brings it."""

import pytest

from cyclekit.exporting.packages import require
from cyclekit.registry import RecipeError, argument


def test_what_is_there_is_enough():
    require(argument("to", "onnx"), "json", "pathlib", extra="export")


def test_all_that_is_missing_is_named():
    with pytest.raises(RecipeError) as refused:
        require(argument("to", "onnx"), "json", "no_such_one", "nor_this", extra="export")
    assert str(refused.value) == "to=onnx: needs no_such_one, nor_this; install it: pip install 'cyclekit[export]'"
