"""Translating files in tests: what is there, and what a user is told who asks for what cannot be."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from cyclekit.registry import RecipeError


def below(folder: Path) -> set[str]:
    """All files of a folder and of the folders below it, by their names in it."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def refusal_of(
    translate: Callable[[Sequence[Path | str], Path], object], inputs: Sequence[Path | str], out: Path
) -> str:
    """What is said on translating `inputs` into `out`; asserts that it is refused."""
    with pytest.raises(RecipeError) as refused:
        translate(inputs, out)
    return str(refused.value)
