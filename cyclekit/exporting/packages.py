"""Packages that exporting needs and cyclekit does without."""

from __future__ import annotations

from importlib.util import find_spec

from cyclekit.registry import RecipeError


def require(what: str, *packages: str, extra: str) -> None:
    """Make sure that packages are installed, before any work.

    Args:
        what: what needs them, for the error's first words, such as `argument("to", "onnx")`.
        extra: cyclekit's extra that brings them.

    Raises:
        RecipeError: one is not.
    """
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise RecipeError(f"{what}: needs {', '.join(missing)}; install it: pip install 'cyclekit[{extra}]'")
